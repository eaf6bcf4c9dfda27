//! The queue in front of the hashing threads, bounded by time.
//!
//! Whoever wants a hash first takes a [`Place`], which is refused at once when the wait would be too long, and then says
//! what to compute. Dropping the place, or the future of the computation, gives it up at any time.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, time};

use super::{
    formats::Derivation,
    lanes::MAX_LANES,
    lines::{Lines, Purpose},
    report::{Counts, Report},
};
use crate::threads::WorkError;

const WORK: &str = "hash a password";
/// Part of the longest wait up to which places are given. The rest is for what the estimate cannot know: log-ins that
/// come later, other work on the machine.
const MARGIN: f64 = 0.8;
/// Least time after which to come again.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);
/// Rounds of bcrypt a second that a thread is taken to do for the milliseconds until it has tried: those of a fast core,
/// so that nobody is refused for nothing.
const ASSUMED_SPEED: f64 = 100_000.0;
/// Time over which the measured speed forgets.
const SPEED_MEMORY: Duration = Duration::from_secs(1);

pub(super) struct Queue {
    state: Mutex<State>,
    /// Somebody waits, or the queue was closed.
    wake: Condvar,
    max_wait: Duration,
}

struct State {
    lines: Lines<Job>,
    workers: Vec<Worker>,
    idle_workers: usize,
    is_closed: bool,
    /// The service is stopping: what would not be done by then is refused.
    stop: Option<Instant>,
    counts: Counts,
}

/// What a worker last said of itself.
#[derive(Clone, Copy)]
struct Worker {
    lanes: usize,
    in_use: usize,
    rounds_left: u64,
    rounds_per_second: f64,
}

/// Something to compute, and where to send it.
pub(super) struct Job {
    pub(super) derivation: Derivation,
    /// Least rounds of bcrypt to take time for.
    pub(super) least_rounds: u32,
    pub(super) reply: oneshot::Sender<Result<Computed, String>>,
    /// When the place was asked for.
    entered: Instant,
}

pub(super) struct Computed {
    pub(super) digest: Vec<u8>,
    pub(super) waited: Duration,
    pub(super) took: Duration,
}

/// A place in the queue, for work that is not there yet.
pub struct Place {
    queue: Arc<Queue>,
    purpose: Purpose,
    rounds: u64,
    entered: Instant,
    is_kept: bool,
}

/// What a worker did since it last asked.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) rounds: u32,
    pub(super) lanes: usize,
    pub(super) time: Duration,
    pub(super) finished: u64,
    pub(super) given_up: u64,
    pub(super) in_use: usize,
    pub(super) rounds_left: u64,
}

impl Progress {
    pub(super) fn add(&mut self, lanes: usize, rounds: u32, time: Duration) {
        self.lanes = lanes;
        self.rounds += rounds;
        self.time += time;
    }
}

impl Queue {
    pub(super) fn new(workers: usize, max_wait: Duration) -> Self {
        let worker = Worker { lanes: MAX_LANES, in_use: 0, rounds_left: 0, rounds_per_second: ASSUMED_SPEED };
        let state = State {
            lines: Lines::new(),
            workers: vec![worker; workers],
            idle_workers: 0,
            is_closed: false,
            stop: None,
            counts: Counts::default(),
        };
        Self { state: Mutex::new(state), wake: Condvar::new(), max_wait }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for about so many rounds of bcrypt.
    ///
    /// # Errors
    /// [`WorkError::Busy`] when the wait would be too long.
    pub(super) fn reserve(self: &Arc<Self>, purpose: Purpose, rounds: u64) -> Result<Place, WorkError> {
        let entered = Instant::now();
        let mut state = self.state();
        let wait = state.wait(purpose);
        let longest = self.max_wait.mul_f64(MARGIN);
        if wait > state.stop.map_or(longest, |stop| longest.min(stop.saturating_duration_since(entered))) {
            state.counts.refused += 1;
            return Err(busy(wait));
        }
        state.lines.reserve(purpose, rounds);
        drop(state);
        Ok(Place { queue: Arc::clone(self), purpose, rounds, entered, is_kept: true })
    }

    /// Says what a worker can do, and how fast if it has tried.
    pub(super) fn introduce(&self, worker: usize, lanes: usize, rounds_per_second: Option<f64>) {
        if let Some(worker) = self.state().workers.get_mut(worker) {
            let rounds_per_second = rounds_per_second.unwrap_or(ASSUMED_SPEED);
            *worker = Worker { lanes, in_use: 0, rounds_left: 0, rounds_per_second };
        }
    }

    /// Hands a worker what it should take in now: nothing, or up to as many as it has room for. A worker with nothing in
    /// hand waits here. `None` when the queue is closed and everything is done.
    pub(super) fn next(&self, worker: usize, progress: &Progress) -> Option<Vec<(Job, Duration)>> {
        let mut state = self.state();
        let room = state.note(worker, progress);
        loop {
            let waiting = state.lines.waiting(Purpose::Login) + state.lines.waiting(Purpose::SignUp);
            // A thread of its own is faster than a lane beside others.
            let others = state.idle_workers;
            let share = if progress.in_use > 0 && others > 0 { 0 } else { waiting.div_ceil(others + 1) };
            let jobs: Vec<_> = (0..share.min(room)).map_while(|_| state.start_next()).collect();
            if !jobs.is_empty() || progress.in_use > 0 {
                if let Some(worker) = state.workers.get_mut(worker) {
                    worker.in_use = progress.in_use + jobs.len();
                }
                return Some(jobs);
            }
            if state.is_closed {
                return None;
            }
            state.idle_workers += 1;
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle_workers -= 1;
        }
    }

    /// No more work will come; the workers finish what there is and end.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.wake.notify_all();
    }

    /// From now on only work that will be done within this time is taken; of what waits, the last to have come are
    /// refused.
    pub(super) fn stop_within(&self, time: Duration) {
        let mut state = self.state();
        state.stop = Some(Instant::now() + time);
        while state.wait_for_rounds(state.lines.rounds()) > time {
            // Its reply is dropped, which its future takes as a refusal.
            if state.lines.pop_last().is_none() {
                return;
            }
            state.counts.refused += 1;
        }
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state();
        Report {
            logins_waiting: state.lines.waiting(Purpose::Login),
            sign_ups_waiting: state.lines.waiting(Purpose::SignUp),
            computing: state.workers.iter().map(|worker| worker.in_use).sum(),
            wait: state.wait(Purpose::SignUp),
            rounds_per_second: state.workers.iter().map(|worker| worker.rounds_per_second).sum(),
            counts: state.counts.clone(),
        }
    }
}

impl State {
    /// How long somebody who comes now would wait.
    fn wait(&self, purpose: Purpose) -> Duration {
        let lanes: usize = self.workers.iter().map(|worker| worker.lanes).sum();
        let in_use: usize = self.workers.iter().map(|worker| worker.in_use).sum();
        if in_use + self.lines.expected() < lanes {
            return Duration::ZERO;
        }
        self.wait_for_rounds(self.lines.rounds_before(purpose))
    }

    /// How long until so many rounds, and those in the lanes, are done.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn wait_for_rounds(&self, rounds: u64) -> Duration {
        let in_lanes: u64 = self.workers.iter().map(|worker| worker.rounds_left).sum();
        let speed: f64 = self.workers.iter().map(|worker| worker.rounds_per_second).sum();
        Duration::try_from_secs_f64((rounds + in_lanes) as f64 / speed).unwrap_or(Duration::MAX)
    }

    fn start_next(&mut self) -> Option<(Job, Duration)> {
        let job = self.lines.pop()?;
        let waited = job.entered.elapsed();
        self.counts.started += 1;
        self.counts.add_wait(waited);
        Some((job, waited))
    }

    /// Takes a worker's progress down. Returns the lanes it has free.
    fn note(&mut self, worker: usize, progress: &Progress) -> usize {
        self.counts.finished += progress.finished;
        self.counts.left_computing += progress.given_up;
        self.counts.add_rounds(progress.lanes, progress.rounds);
        let Some(worker) = self.workers.get_mut(worker) else { return 0 };
        worker.in_use = progress.in_use;
        worker.rounds_left = progress.rounds_left;
        let seconds = progress.time.as_secs_f64();
        // With free lanes it could have done more.
        if progress.lanes == worker.lanes && seconds > 0.0 {
            let rounds = f64::from(progress.rounds) * f64::from(u32::try_from(progress.lanes).unwrap_or_default());
            let weight = (seconds / SPEED_MEMORY.as_secs_f64()).min(1.0);
            worker.rounds_per_second += weight * (rounds / seconds - worker.rounds_per_second);
        }
        worker.lanes - progress.in_use.min(worker.lanes)
    }
}

impl Place {
    /// Has something computed.
    ///
    /// # Errors
    /// [`WorkError::Busy`] when the wait became too long, or the service stops; [`WorkError::Failed`] when the
    /// computation itself did.
    pub(super) async fn compute(mut self, derivation: Derivation, least_rounds: u32) -> Result<Computed, WorkError> {
        let (reply, mut answer) = oneshot::channel();
        let expires = self.entered + self.queue.max_wait;
        let ticket = self.enter(Job { derivation, least_rounds, reply, entered: self.entered });
        let answer = tokio::select! {
            biased;
            answer = &mut answer => answer,
            () = time::sleep_until(expires.into()) => {
                if let Some(wait) = ticket.expire() {
                    return Err(busy(wait));
                }
                answer.await
            }
        };
        match answer {
            Ok(computed) => computed.map_err(|cause| WorkError::Failed { work: WORK, cause }),
            Err(_) if self.queue.state().stop.is_some() => Err(busy(SHORTEST_RETRY)),
            Err(_) => Err(WorkError::Failed { work: WORK, cause: "its thread gave up".to_owned() }),
        }
    }

    /// The place becomes the job.
    fn enter(&mut self, job: Job) -> Ticket {
        let rounds = job.derivation.rounds().max(u64::from(job.least_rounds));
        let mut state = self.queue.state();
        state.lines.release(self.purpose, self.rounds);
        self.is_kept = false;
        let id = state.lines.push(self.purpose, rounds, job);
        drop(state);
        self.queue.wake.notify_one();
        Ticket { queue: Arc::clone(&self.queue), purpose: self.purpose, id }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_kept {
            self.queue.state().lines.release(self.purpose, self.rounds);
        }
    }
}

/// The way out of the line.
struct Ticket {
    queue: Arc<Queue>,
    purpose: Purpose,
    id: u64,
}

impl Ticket {
    /// Takes the job back unless it was begun. Returns the wait of somebody who comes now.
    fn expire(&self) -> Option<Duration> {
        let mut state = self.queue.state();
        state.lines.withdraw(self.purpose, self.id)?;
        state.counts.expired += 1;
        Some(state.wait(self.purpose))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        if state.lines.withdraw(self.purpose, self.id).is_some() {
            state.counts.left_waiting += 1;
        }
    }
}

fn busy(wait: Duration) -> WorkError {
    WorkError::Busy { work: WORK, retry_after: wait.max(SHORTEST_RETRY) }
}
