//! Hashes per second: the bcrypt crate against one to eight lanes (hashes computed side by side), on one and all threads.
//!
//! `cargo bench --bench kernel` prints tables; docs/performance.md has results.

use std::{
    thread,
    time::{Duration, Instant},
};

use bcrypt_lanes::{BcryptInput, Lanes, MAX_LANES};
use vestibule::{
    domain::secret::Secret,
    hashing::{COSTS, HashPurpose, Hasher, StoredPassword, Verdict, reference},
};

const COST: u32 = 12;
const RUNS: usize = 7;

/// Default formats and costs of libpass and Django.
const IMPORTED: [(&str, &str); 3] = [
    (
        "argon2id, 64 MiB, 3 passes",
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ),
    ("scrypt, 64 MiB", "$scrypt$ln=16,r=8,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ("PBKDF2, 1,000,000 iterations", "pbkdf2_sha256$1000000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
];

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn main() {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    println!("bcrypt at cost {COST}, median of {RUNS} runs; {threads} threads are all\n");
    println!("{:<12}{:>14}{:>18}{:>10}{:>20}{:>10}", "", "a batch", "one thread", "ratio", "all threads", "ratio");

    let alone = [1, threads].map(|threads| measure(threads, crate_hash));
    row("the crate", alone, 1, threads, alone);
    for lanes in 1..=MAX_LANES {
        row(
            &format!("{lanes} lanes"),
            [1, threads].map(|threads| measure(threads, || batch(lanes, COST))),
            lanes,
            threads,
            alone,
        );
    }

    println!("\nby cost, {MAX_LANES} lanes on all threads");
    for cost in 10..=*COSTS.end() {
        let alone = measure(1, || batch(1, cost)).as_secs_f64();
        let full = measure(threads, || batch(MAX_LANES, cost)).as_secs_f64();
        println!("{cost:<12}{:>11.1} ms alone{:>13.2}/s", alone * 1e3, (threads * MAX_LANES) as f64 / full);
    }

    println!("\nverified for imported accounts, one thread");
    // At the lowest cost, so that little time is added to equal our own hashes.
    let hasher = Hasher::start(1, Duration::from_mins(1), *COSTS.start()).expect("a thread");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    for (name, stored) in IMPORTED {
        let stored = StoredPassword::new(stored.to_owned());
        let time = median(|| {
            let place = hasher.reserve(HashPurpose::Login).expect("a place");
            let password = Secret::new("correct-horse-battery".to_owned());
            let verdict = runtime.block_on(hasher.verify(place, &password, Some(&stored)));
            assert!(matches!(verdict, Ok(Verdict::Wrong)));
        });
        println!("{name:<30}{:>10.1} ms", time.as_secs_f64() * 1e3);
    }
}

fn crate_hash() {
    std::hint::black_box(reference::digest(&input(0, COST)));
}

fn input(number: u8, cost: u32) -> BcryptInput {
    BcryptInput::new(b"correct-horse-battery", [number; 16], cost).expect("bcrypt takes it")
}

fn batch(count: usize, cost: u32) {
    let mut lanes = Lanes::new();
    for number in 0..u8::try_from(count).expect("few") {
        lanes.begin(&input(number, cost), 0, ()).expect("a free lane");
    }
    let (rounds, finished) = lanes.advance(u32::MAX);
    assert_eq!((rounds, finished.len()), (1 << cost, count));
}

/// Median time of the work on this number of concurrent threads.
fn measure(threads: usize, work: impl Fn() + Sync) -> Duration {
    median(|| thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(&work)))))
}

fn median(work: impl Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn row(name: &str, times: [Duration; 2], lanes: usize, threads: usize, alone: [Duration; 2]) {
    let speeds = [1, threads].map(|threads| (threads * lanes) as f64);
    let [one, all] = [0, 1].map(|i| speeds[i] / times[i].as_secs_f64());
    let [crate_one, crate_all] = [0, 1].map(|i| speeds[i] / lanes as f64 / alone[i].as_secs_f64());
    println!(
        "{name:<12}{:>11.1} ms{one:>16.2}/s{:>10.2}{all:>18.2}/s{:>10.2}",
        times[0].as_secs_f64() * 1e3,
        one / crate_one,
        all / crate_all,
    );
}
