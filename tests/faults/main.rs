//! Vestibule under faults and attacks: the real program with real parts that fail.
//!
//! Short by default, the whole campaigns with `VESTIBULE_TEST_FULL=1`. Each test prints its figures.

#[path = "../support/mod.rs"]
mod support;

mod clocks;
mod connections;
mod database;
mod disk;
mod edge;
mod exports;
mod generated;
mod injection;
mod inputs;
mod kills;
mod scale_out;
mod starts;
mod stops;
mod tls;
mod tls_versions;
mod wire;

/// What a slow or busy machine may add to a time that is promised. Times are measured by the benchmarks; here a promise
/// is broken by whoever forgets a deadline, and waits much longer.
const GRACE: std::time::Duration = std::time::Duration::from_secs(10);
