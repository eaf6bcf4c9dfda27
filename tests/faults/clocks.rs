//! Clocks that somebody sets while the service runs.
