//! A database that is unavailable, silent, locked, read-only or full: a 503 in time, and recovery without a restart.

mod connection_faults;
mod durability;
mod errors;
mod locks;
mod outage;
mod servers;
