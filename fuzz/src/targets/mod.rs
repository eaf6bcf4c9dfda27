//! What must hold for everything that comes from outside, whatever it is. One file for each family of parsers.
//!
//! cargo-fuzz searches for inputs that break it, guided by coverage (`./scripts/fuzz`); `tests/hostile_input.rs` tries some
//! thousands of inputs in every run of the tests. An input that broke something becomes a seed.

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

/// A parser, what must hold for it, and where the search begins.
pub struct Target {
    pub name: &'static str,
    pub seeds: &'static [&'static [u8]],
    /// Longest time for one input, in a build without optimisation.
    pub max_time: Duration,
    /// Panics where something does not hold.
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

/// Longest input, in bytes: that of a body.
pub const MAX_BYTES: usize = 16 * 1024;
/// For what strangers send.
const QUICK: Duration = Duration::from_millis(25);
/// For what an operator writes, who gets advice for each mistake.
const AT_LEISURE: Duration = Duration::from_secs(1);

/// Runs a target on an input, and holds it to the time.
pub fn check(target: &Target, input: &[u8]) {
    let started = Instant::now();
    (target.run)(input);
    if started.elapsed() <= target.max_time {
        return;
    }
    // Something else may have had the processor.
    let before = processor_time();
    (target.run)(input);
    let taken = processor_time().saturating_sub(before);
    assert!(taken <= target.max_time, "{}: {} bytes took {taken:?}", target.name, input.len());
}

/// What this thread has had of a processor, as Linux counts it.
fn processor_time() -> Duration {
    let times = fs::read_to_string("/proc/thread-self/schedstat").expect("the thread's times");
    let nanoseconds = times.split(' ').next().and_then(|time| time.parse().ok()).expect("a number");
    Duration::from_nanos(nanoseconds)
}

thread_local! {
    static REACHED: RefCell<BTreeSet<&'static str>> = RefCell::default();
}

/// Says that an input came as far as the assertions on what is accepted: a parser that refuses everything breaks none.
fn reached(what: &'static str) {
    REACHED.with_borrow_mut(|all| all.insert(what));
}

/// What this thread has come to so far, since it was asked last.
pub fn take_reached() -> BTreeSet<&'static str> {
    REACHED.take()
}

/// Several texts of one input, a line each.
fn lines<const N: usize>(input: &[u8]) -> [&[u8]; N] {
    let mut parts = input.splitn(N, |byte| *byte == b'\n');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
