//! Vestibule under faults and attacks: the real program with real parts that fail.
//!
//! Short by default, the whole campaigns with `VESTIBULE_TEST_FULL=1`. Each test prints its figures.

#[path = "../support/mod.rs"]
mod support;

mod clocks;
mod database;
mod disk;
mod edge;
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
