//! Vestibule under faults and attacks: the real binary with real dependencies that fail.
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
mod injection;
mod inputs;
mod kills;
mod scale_out;
mod schemathesis;
mod starts;
mod stops;
mod tls;
mod tls_versions;
mod wire;

/// Tolerance of documented bounds on a slow or busy machine. Benchmarks measure times; these tests detect missing
/// deadlines, which exceed the bounds by far more.
const GRACE: std::time::Duration = std::time::Duration::from_secs(10);
