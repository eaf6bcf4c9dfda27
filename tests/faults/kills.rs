//! The process ends at any moment, and what was acknowledged is there.
