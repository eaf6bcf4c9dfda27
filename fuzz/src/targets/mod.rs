//! Fuzz targets: invariants for external input, with one file for each family of parsers.
//!
//! cargo-fuzz searches for violations, guided by coverage (`./scripts/fuzz`); `tests/hostile_input.rs` runs some
//! thousand inputs in every test run. An input that violated an invariant becomes a seed.

pub mod addresses;
pub mod bodies;
pub mod headers;
pub mod proxies;
pub mod settings;
pub mod words;

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

/// A parser with its invariants and seeds.
pub struct Target {
    pub name: &'static str,
    pub seeds: &'static [&'static [u8]],
    /// Time limit for one input, in a build without optimisation.
    pub max_time: Duration,
    /// Panics on a violated invariant.
    pub run: fn(&[u8]),
}

pub const TARGETS: &[Target] = &[
    addresses::NEXT,
    addresses::QUERY,
    bodies::FORM,
    bodies::JSON,
    bodies::KIND,
    headers::CLIENT,
    headers::COOKIES,
    headers::HOST,
    headers::NEGOTIATION,
    headers::ORIGIN,
    proxies::PROXIES,
    settings::STYLESHEET,
    settings::TEXTS,
    settings::URLS,
    words::EMAIL,
    words::NAMES,
    words::PASSWORD,
    words::STORED_PASSWORD,
    words::TOKENS,
];

/// Longest input, in bytes: the limit of a body.
pub const MAX_BYTES: usize = 16 * 1024;
/// For input of clients. It separates linear work, which stays below it on a machine ten times slower, from quadratic
/// work, which takes seconds on any machine.
const QUICK: Duration = Duration::from_millis(250);
/// For input of operators, with advice on each error.
const SLOW: Duration = Duration::from_secs(5);

/// Runs a target on an input and enforces its time limit.
pub fn check(target: &Target, input: &[u8]) {
    let started = Instant::now();
    (target.run)(input);
    if started.elapsed() <= target.max_time {
        return;
    }
    // Other processes may have used the processor.
    let before = processor_time();
    (target.run)(input);
    let taken = processor_time().saturating_sub(before);
    assert!(taken <= target.max_time, "{}: {} bytes took {taken:?}", target.name, input.len());
}

/// Processor time of this thread, from Linux's `schedstat`.
fn processor_time() -> Duration {
    let times = fs::read_to_string("/proc/thread-self/schedstat").expect("the thread's times");
    let nanoseconds = times.split(' ').next().and_then(|time| time.parse().ok()).expect("a number");
    Duration::from_nanos(nanoseconds)
}

thread_local! {
    static REACHED: RefCell<BTreeSet<&'static str>> = RefCell::default();
}

/// Records that an input reached the assertions on accepted values: a parser that refuses everything violates none.
fn reached(what: &'static str) {
    REACHED.with_borrow_mut(|all| all.insert(what));
}

/// Returns and clears what this thread has reached.
pub fn take_reached() -> BTreeSet<&'static str> {
    REACHED.take()
}

/// Splits an input into texts, one for each line.
fn lines<const N: usize>(input: &[u8]) -> [&[u8]; N] {
    let mut parts = input.splitn(N, |byte| *byte == b'\n');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
