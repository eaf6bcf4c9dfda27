//! SIGTERM under load.
