//! The hashing threads.

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

/// Rounds between two checks of the queue: about a millisecond.
const ROUNDS_AT_A_TIME: u32 = 16;
/// Added to the service's niceness: pages go first when all cores are busy. More does not make pages faster (99th
/// percentile 2.4 ms with 5, 2.3 ms with 10), but slows hashing when other programs are busy too.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Starts a thread that computes until the queue is closed.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn start(supervisor: &Supervisor, queue: Arc<Queue>, number: usize) -> io::Result<()> {
    // A panic fails the requests of the passwords in its lanes, and no others.
    let mut is_first = true;
    supervisor.spawn_thread("hashing", format!("hash-{number}"), move || {
        if mem::take(&mut is_first) {
            lower_priority();
        }
        work(&queue, number, catch_unwind(self_test::run).ok().flatten());
    })
}

/// Linux has a niceness per thread (setpriority(2), "C library/kernel differences").
#[cfg(target_os = "linux")]
fn lower_priority() {
    use rustix::process::{getpriority_process, setpriority_process};
    let lowered = getpriority_process(None).and_then(|nice| setpriority_process(None, (nice + NICENESS).min(19)));
    if let Err(error) = lowered {
        tracing::warn!(%error, "failed to lower the priority of a hashing thread");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

/// The job of a lane.
struct Running {
    reply: oneshot::Sender<Result<Computed, String>>,
    waited: Duration,
    started: Instant,
    /// Already computed, of an imported hash; the lane only adds time.
    digest: Option<Vec<u8>>,
}

/// `speed`: result of the self-test, `None` if it failed.
pub(super) fn work(queue: &Queue, number: usize, speed: Option<Speed>) {
    if speed.is_none() {
        tracing::error!(thread = number, "hashing self-test failed: using the bcrypt crate, several times slower");
    }
    queue.register_worker(number, if speed.is_some() { MAX_LANES } else { 1 }, speed.map(|speed| speed.most));

    let mut lanes = Lanes::new();
    let mut progress = Progress::default();
    while let Some(jobs) = queue.next(number, &progress) {
        progress = Progress::default();
        for (job, waited) in jobs {
            start_job(job, waited, &mut lanes, speed, &mut progress);
        }
        progress.cancelled += lanes.cancel_unless(|running| !running.reply.is_closed()).len() as u64;
        if lanes.in_use() > 0 {
            let in_use = lanes.in_use();
            let started = Instant::now();
            let (rounds, done) = lanes.advance(ROUNDS_AT_A_TIME);
            progress.add(in_use, rounds, started.elapsed());
            progress.finished += done.len() as u64;
            for (mut running, digest) in done {
                let digest = running.digest.take().unwrap_or_else(|| digest.to_vec());
                running.reply_with(Ok(digest));
            }
        }
        progress.in_use = lanes.in_use();
        progress.rounds_left = lanes.rounds_left();
    }
}

/// Starts a job in a lane; computes it at once if it is not bcrypt or the self-test failed.
fn start_job(job: Job, waited: Duration, lanes: &mut Lanes<Running>, speed: Option<Speed>, progress: &mut Progress) {
    let Job { derivation, least_rounds, reply, .. } = job;
    if reply.is_closed() {
        progress.cancelled += 1;
        return;
    }
    let mut running = Running { reply, waited, started: Instant::now(), digest: None };
    match (derivation, speed) {
        // The queue assigns no more jobs than free lanes.
        (Derivation::Bcrypt(input), Some(_)) => drop(lanes.begin(&input, least_rounds, running)),
        (Derivation::Bcrypt(input), None) => {
            let digest = reference::digest_in_rounds(&input, least_rounds).to_vec();
            progress.add(1, input.rounds().max(least_rounds), running.started.elapsed());
            progress.finished += 1;
            running.reply_with(Ok(digest));
        }
        (Derivation::Imported(imported), speed) => {
            // A library's panic must not fail the jobs in the lanes.
            let digest = catch_unwind(AssertUnwindSafe(|| imported.digest()))
                .unwrap_or_else(|_| Err("its library panicked".to_owned()));
            let rounds_missing =
                speed.map_or(0, |speed| missing_rounds(least_rounds, running.started.elapsed(), speed));
            match digest {
                Ok(digest) if rounds_missing > 0 => {
                    running.digest = Some(digest);
                    drop(lanes.begin(&BcryptInput::dummy(0), rounds_missing, running));
                }
                Ok(digest) => {
                    progress.finished += 1;
                    running.reply_with(Ok(digest));
                }
                Err(cause) => {
                    progress.failed += 1;
                    running.reply_with(Err(cause));
                }
            }
        }
    }
}

/// Rounds that remain after the bcrypt rounds that one lane computes in `time`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number below u32's limit")]
pub(super) fn missing_rounds(least_rounds: u32, time: Duration, speed: Speed) -> u32 {
    (f64::from(least_rounds) - time.as_secs_f64() * speed.one_lane).max(0.0) as u32
}

impl Running {
    fn reply_with(self, digest: Result<Vec<u8>, String>) {
        let Self { reply, waited, started, .. } = self;
        // The client may have left.
        let _ = reply.send(digest.map(|digest| Computed { digest, waited, took: started.elapsed() }));
    }
}
