//! A database that is away, silent, locked, read-only or full: refused in time, and back without a restart.

mod durability;
mod errors;
mod line;
mod locks;
mod outage;
mod servers;
