//! The queue in front of the hashing threads, bounded by time.
//!
//! Whoever wants a hash first takes a [`Place`], which is refused at once when the wait would be too long, and then says
//! what to compute. Dropping the place, or the future of the computation, gives it up at any time.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bcrypt_lanes::MAX_LANES;
use tokio::{sync::oneshot, time};

use super::{
    backlog::{Backlog, HashPurpose},
    formats::Derivation,
    job::{Computed, Job, Progress},
    report::{Counts, Report},
};
use crate::threads::WorkError;

pub(super) const WORK: &str = "hash a password";
/// Part of the longest wait up to which places are given. The rest is for what the estimate cannot know: log-ins that
/// come later, other work on the machine.
const MARGIN: f64 = 0.8;
/// Least and longest time after which to come again, whatever the estimate.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_mins(1);
/// Rounds of bcrypt a second that a thread is taken to do for the milliseconds until it has tried: those of a fast core,
/// so that nobody is refused for nothing.
const ASSUMED_SPEED: f64 = 100_000.0;
/// Time over which the measured speed forgets.
const SPEED_MEMORY: Duration = Duration::from_secs(1);
/// Most that one measurement counts: a machine that stood still for a moment is not slow.
const MAX_WEIGHT: f64 = 0.1;

pub(super) struct Queue {
    state: Mutex<State>,
    /// Somebody waits, or the queue was closed.
    wake: Condvar,
    max_wait: Duration,
}

struct State {
    backlog: Backlog<Job>,
    workers: Vec<Worker>,
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

/// A place in the queue, for work that is not there yet.
pub struct Place {
    queue: Arc<Queue>,
    purpose: HashPurpose,
    rounds: u64,
    entered: Instant,
    is_kept: bool,
}

impl Queue {
    pub(super) fn new(workers: usize, max_wait: Duration) -> Self {
        let worker = Worker { lanes: MAX_LANES, in_use: 0, rounds_left: 0, rounds_per_second: ASSUMED_SPEED };
        let state = State {
            backlog: Backlog::new(),
            workers: vec![worker; workers],
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
    pub(super) fn reserve(self: &Arc<Self>, purpose: HashPurpose, rounds: u64) -> Result<Place, WorkError> {
        let entered = Instant::now();
        let mut state = self.state();
        let wait = state.wait(purpose, rounds);
        if wait > self.max_wait.mul_f64(MARGIN) || !state.can_be_done(rounds) {
            state.counts.refused += 1;
            return Err(busy(wait));
        }
        state.backlog.reserve(purpose, rounds);
        drop(state);
        Ok(Place { queue: Arc::clone(self), purpose, rounds, entered, is_kept: true })
    }

    /// Says what a worker can do, and how fast if it has tried. What it had before is lost.
    pub(super) fn introduce(&self, worker: usize, lanes: usize, rounds_per_second: Option<f64>) {
        let mut state = self.state();
        if let Some(worker) = state.workers.get_mut(worker) {
            let rounds_per_second = rounds_per_second.unwrap_or(ASSUMED_SPEED);
            let lost = std::mem::replace(worker, Worker { lanes, in_use: 0, rounds_left: 0, rounds_per_second }).in_use;
            state.counts.failed += lost as u64;
        }
    }

    /// Hands a worker what it should take in now: nothing, or up to as many as it has room for. A worker with nothing in
    /// hand waits here. `None` when the queue is closed and everything is done, or the time to stop has come.
    pub(super) fn next(&self, worker: usize, progress: &Progress) -> Option<Vec<(Job, Duration)>> {
        let mut state = self.state();
        state.note(worker, progress);
        loop {
            state.shed();
            if state.is_over() {
                // What is still in its lanes is refused too, when it drops them.
                state.counts.refused += progress.in_use as u64;
                return None;
            }
            let jobs = state.hand_out(worker);
            if !jobs.is_empty() || progress.in_use > 0 {
                return Some(jobs);
            }
            if state.is_closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No more work will come; the workers finish what there is and end.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.wake.notify_all();
    }

    /// From now on only work that should be done within this time is taken; of what waits, the last to have come are
    /// refused.
    pub(super) fn stop_within(&self, time: Duration) {
        let mut state = self.state();
        state.stop = Some(Instant::now() + time);
        state.shed();
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state();
        Report {
            logins_waiting: state.backlog.waiting(HashPurpose::Login),
            sign_ups_waiting: state.backlog.waiting(HashPurpose::SignUp),
            lanes: state.lanes(),
            computing: state.in_use(),
            wait: state.wait(HashPurpose::SignUp, 0),
            rounds_per_second: state.rounds_per_second(),
            counts: state.counts.clone(),
        }
    }
}

impl State {
    /// How long somebody who comes now with so many rounds would wait.
    fn wait(&self, purpose: HashPurpose, rounds: u64) -> Duration {
        if self.in_use() + self.backlog.expected() < self.lanes() {
            return Duration::ZERO;
        }
        self.wait_for_rounds(self.backlog.rounds_before(purpose, rounds))
    }

    /// Whether all that is there and so many rounds more will be done before the service stops.
    fn can_be_done(&self, rounds: u64) -> bool {
        let time = |stop: Instant| stop.saturating_duration_since(Instant::now());
        self.stop.is_none_or(|stop| self.wait_for_rounds(self.backlog.rounds() + rounds) < time(stop))
    }

    /// Once the service stops: refuses those who would come too late, the last first, as things stand now.
    fn shed(&mut self) {
        while !self.can_be_done(0)
            // Its reply is dropped, which its future takes as a refusal.
            && self.backlog.pop_last().is_some()
        {
            self.counts.refused += 1;
        }
    }

    fn is_over(&self) -> bool {
        self.stop.is_some_and(|stop| stop <= Instant::now())
    }

    fn lanes(&self) -> usize {
        self.workers.iter().map(|worker| worker.lanes).sum()
    }

    fn in_use(&self) -> usize {
        self.workers.iter().map(|worker| worker.in_use).sum()
    }

    /// How long until so many rounds, and those in the lanes, are done.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn wait_for_rounds(&self, rounds: u64) -> Duration {
        let in_lanes: u64 = self.workers.iter().map(|worker| worker.rounds_left).sum();
        Duration::try_from_secs_f64((rounds + in_lanes) as f64 / self.rounds_per_second()).unwrap_or(Duration::MAX)
    }

    fn rounds_per_second(&self) -> f64 {
        self.workers.iter().map(|worker| worker.rounds_per_second).sum()
    }

    /// What a worker should take in so that all have an equal part, by the lanes they have.
    fn hand_out(&mut self, number: usize) -> Vec<(Job, Duration)> {
        let waiting = self.backlog.waiting(HashPurpose::Login) + self.backlog.waiting(HashPurpose::SignUp);
        let (all, lanes) = (self.in_use() + waiting, self.lanes());
        let mut jobs = Vec::new();
        let Some(worker) = self.workers.get_mut(number) else { return jobs };
        let part = (all * worker.lanes).div_ceil(lanes).min(worker.lanes);
        while worker.in_use < part
            && let Some((rounds, job)) = self.backlog.pop()
        {
            let waited = job.entered.elapsed();
            self.counts.started += 1;
            self.counts.add_wait(waited);
            worker.in_use += 1;
            worker.rounds_left += rounds;
            let holds_up_the_lanes = matches!(job.derivation, Derivation::Imported(_));
            jobs.push((job, waited));
            if holds_up_the_lanes {
                // Whoever comes meanwhile goes elsewhere.
                worker.in_use = worker.lanes;
            }
        }
        jobs
    }

    /// Takes a worker's progress down.
    fn note(&mut self, worker: usize, progress: &Progress) {
        self.counts.finished += progress.finished;
        self.counts.left_computing += progress.given_up;
        self.counts.failed += progress.failed;
        self.counts.add_rounds(progress.lanes, progress.rounds);
        let Some(worker) = self.workers.get_mut(worker) else { return };
        worker.in_use = progress.in_use;
        worker.rounds_left = progress.rounds_left;
        let seconds = progress.time.as_secs_f64();
        // With free lanes it could have done more.
        if progress.lanes == worker.lanes && seconds > 0.0 {
            let rounds = f64::from(progress.rounds) * f64::from(u32::try_from(progress.lanes).unwrap_or_default());
            let weight = (seconds / SPEED_MEMORY.as_secs_f64()).min(MAX_WEIGHT);
            worker.rounds_per_second += weight * (rounds / seconds - worker.rounds_per_second);
        }
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
        let ticket = self.enter(Job { derivation, least_rounds, reply, entered: self.entered })?;
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
    fn enter(&mut self, job: Job) -> Result<Ticket, WorkError> {
        let rounds = job.derivation.rounds().max(u64::from(job.least_rounds));
        let mut state = self.queue.state();
        state.backlog.release(self.purpose, self.rounds);
        self.is_kept = false;
        if !state.can_be_done(rounds) {
            state.counts.refused += 1;
            return Err(busy(SHORTEST_RETRY));
        }
        let id = state.backlog.push(self.purpose, rounds, job);
        drop(state);
        self.queue.wake.notify_one();
        Ok(Ticket { queue: Arc::clone(&self.queue), purpose: self.purpose, id })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_kept {
            self.queue.state().backlog.release(self.purpose, self.rounds);
        }
    }
}

/// The way out of the line.
struct Ticket {
    queue: Arc<Queue>,
    purpose: HashPurpose,
    id: u64,
}

impl Ticket {
    /// Takes the job back unless it was begun. Returns the wait of somebody who comes now.
    fn expire(&self) -> Option<Duration> {
        let mut state = self.queue.state();
        state.backlog.withdraw(self.purpose, self.id)?;
        state.counts.expired += 1;
        Some(state.wait(self.purpose, 0))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        if state.backlog.withdraw(self.purpose, self.id).is_some() {
            state.counts.left_waiting += 1;
        }
    }
}

fn busy(wait: Duration) -> WorkError {
    WorkError::Busy { work: WORK, retry_after: wait.clamp(SHORTEST_RETRY, LONGEST_RETRY) }
}
