//! The threads that hash.

use std::{
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use bcrypt_lanes::{BcryptInput, Lanes, MAX_LANES};
use tokio::sync::oneshot;

use super::{
    formats::Derivation,
    job::{Computed, Job, Progress},
    queue::Queue,
    reference,
    self_test::{self, Speed},
};
use crate::supervisor::Supervisor;

/// Rounds between two looks at the queue: about a millisecond.
const ROUNDS_AT_A_TIME: u32 = 16;
/// How much nicer than the rest of the service: pages go first where all cores are busy. More would not make them quicker
/// (2.4 ms at the 99th percentile with 5, 2.3 with 10), but leave less to hashing where other programs are busy too.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Starts a thread that computes until the queue is closed.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start(supervisor: &Supervisor, queue: Arc<Queue>, number: usize) -> io::Result<()> {
    // A panic loses the passwords in its lanes, whose requests are told so, and no others.
    let mut is_first = true;
    supervisor.spawn_thread("hashing", format!("hash-{number}"), move || {
        if mem::take(&mut is_first) {
            lower_priority();
        }
        work(&queue, number, catch_unwind(self_test::run).ok().flatten());
    })
}

/// Linux knows a niceness for each thread (setpriority(2), "C library/kernel differences").
#[cfg(target_os = "linux")]
fn lower_priority() {
    use rustix::process::{getpriority_process, setpriority_process};
    let lowered = getpriority_process(None).and_then(|nice| setpriority_process(None, (nice + NICENESS).min(19)));
    if let Err(error) = lowered {
        tracing::warn!(%error, "the hashing threads keep the priority of the others");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

/// A password in a lane: whom to tell.
struct Running {
    reply: oneshot::Sender<Result<Computed, String>>,
    waited: Duration,
    started: Instant,
    /// What was computed otherwise; the lane is there to take the time.
    digest: Option<Vec<u8>>,
}

/// `speed` is what the self-test said, or `None` where the lanes cannot be trusted.
pub(super) fn work(queue: &Queue, number: usize, speed: Option<Speed>) {
    if speed.is_none() {
        tracing::error!(
            thread = number,
            "the self-test of hashing failed: the bcrypt crate takes over, several times slower"
        );
    }
    queue.introduce(number, if speed.is_some() { MAX_LANES } else { 1 }, speed.map(|speed| speed.most));

    let mut lanes = Lanes::new();
    let mut progress = Progress::default();
    while let Some(jobs) = queue.next(number, &progress) {
        progress = Progress::default();
        for (job, waited) in jobs {
            take_in(job, waited, &mut lanes, speed, &mut progress);
        }
        progress.given_up += lanes.give_up(|running| !running.reply.is_closed()).len() as u64;
        if lanes.in_use() > 0 {
            let in_use = lanes.in_use();
            let started = Instant::now();
            let (rounds, done) = lanes.advance(ROUNDS_AT_A_TIME);
            progress.add(in_use, rounds, started.elapsed());
            progress.finished += done.len() as u64;
            for (mut running, digest) in done {
                let digest = running.digest.take().unwrap_or_else(|| digest.to_vec());
                running.tell(Ok(digest));
            }
        }
        progress.in_use = lanes.in_use();
        progress.rounds_left = lanes.rounds_left();
    }
}

/// Into a lane, or computed at once where that is not bcrypt or the lanes cannot be trusted.
fn take_in(job: Job, waited: Duration, lanes: &mut Lanes<Running>, speed: Option<Speed>, progress: &mut Progress) {
    let Job { derivation, least_rounds, reply, .. } = job;
    if reply.is_closed() {
        progress.given_up += 1;
        return;
    }
    let mut running = Running { reply, waited, started: Instant::now(), digest: None };
    match (derivation, speed) {
        // The queue gives no more than there is room for.
        (Derivation::Bcrypt(input), Some(_)) => drop(lanes.begin(&input, least_rounds, running)),
        (Derivation::Bcrypt(input), None) => {
            let digest = reference::digest_in_rounds(&input, least_rounds).to_vec();
            progress.add(1, input.rounds().max(least_rounds), running.started.elapsed());
            progress.finished += 1;
            running.tell(Ok(digest));
        }
        (Derivation::Imported(imported), speed) => {
            // A library's failure should not take along those in the lanes.
            let digest = catch_unwind(AssertUnwindSafe(|| imported.digest()))
                .unwrap_or_else(|_| Err("its library failed".to_owned()));
            let rounds_missing = speed.map_or(0, |speed| missing(least_rounds, running.started.elapsed(), speed));
            match digest {
                Ok(digest) if rounds_missing > 0 => {
                    running.digest = Some(digest);
                    drop(lanes.begin(&BcryptInput::dummy(0), rounds_missing, running));
                }
                Ok(digest) => {
                    progress.finished += 1;
                    running.tell(Ok(digest));
                }
                Err(cause) => {
                    progress.failed += 1;
                    running.tell(Err(cause));
                }
            }
        }
    }
}

/// Rounds that one lane would still have to do, had it done bcrypt in this time.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number below u32's limit")]
pub(super) fn missing(least_rounds: u32, time: Duration, speed: Speed) -> u32 {
    (f64::from(least_rounds) - time.as_secs_f64() * speed.one_lane).max(0.0) as u32
}

impl Running {
    fn tell(self, digest: Result<Vec<u8>, String>) {
        let Self { reply, waited, started, .. } = self;
        // Whoever asked may have left.
        let _ = reply.send(digest.map(|digest| Computed { digest, waited, took: started.elapsed() }));
    }
}
