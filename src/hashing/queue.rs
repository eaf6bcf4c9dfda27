//! The queue of the hashing threads, bounded by time.
//!
//! A request first reserves a [`Place`], which is refused at once if the expected wait is too long, and then submits
//! its job. Dropping the place, or the future of the computation, cancels it at any time.

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
/// Share of the longest wait up to which places are reserved. The rest is for what the estimate does not include: later
/// logins, other load on the machine.
const MARGIN: f64 = 0.8;
/// Limits of `Retry-After`, whatever the estimate.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_mins(1);
/// Assumed bcrypt rounds per second of a thread until its self-test: those of a fast core, so that no request is
/// refused without need.
const ASSUMED_SPEED: f64 = 100_000.0;
/// Time constant of the measured speed's average.
const SPEED_MEMORY: Duration = Duration::from_secs(1);
/// Maximum weight of one measurement: a machine that was suspended is not slow.
const MAX_WEIGHT: f64 = 0.1;

pub(super) struct Queue {
    state: Mutex<State>,
    /// A job was queued, or the queue was closed.
    wake: Condvar,
    max_wait: Duration,
}

struct State {
    backlog: Backlog<Job>,
    workers: Vec<Worker>,
    is_closed: bool,
    /// The service is stopping: jobs that would not finish by then are refused.
    stop: Option<Instant>,
    counts: Counts,
}

/// Last reported state of a worker.
#[derive(Clone, Copy)]
struct Worker {
    lanes: usize,
    in_use: usize,
    rounds_left: u64,
    rounds_per_second: f64,
}

/// A reservation in the queue for a job that is not submitted yet.
pub struct Place {
    queue: Arc<Queue>,
    purpose: HashPurpose,
    rounds: u64,
    requested_at: Instant,
    is_reserved: bool,
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

    /// Reserves a place for about `rounds` bcrypt rounds.
    ///
    /// # Errors
    /// [`WorkError::Busy`] if the expected wait is too long.
    pub(super) fn reserve(self: &Arc<Self>, purpose: HashPurpose, rounds: u64) -> Result<Place, WorkError> {
        let requested_at = Instant::now();
        let mut state = self.state();
        let wait = state.wait(purpose, rounds);
        if wait > self.max_wait.mul_f64(MARGIN) || !state.can_finish(rounds) {
            state.counts.refused += 1;
            return Err(busy(wait));
        }
        state.backlog.reserve(purpose, rounds);
        drop(state);
        Ok(Place { queue: Arc::clone(self), purpose, rounds, requested_at, is_reserved: true })
    }

    /// Registers a worker with its lanes and measured speed. Jobs of a previous run are lost.
    pub(super) fn register_worker(&self, worker: usize, lanes: usize, rounds_per_second: Option<f64>) {
        let mut state = self.state();
        if let Some(worker) = state.workers.get_mut(worker) {
            let rounds_per_second = rounds_per_second.unwrap_or(ASSUMED_SPEED);
            let lost = std::mem::replace(worker, Worker { lanes, in_use: 0, rounds_left: 0, rounds_per_second }).in_use;
            state.counts.failed += lost as u64;
        }
    }

    /// Returns the jobs that a worker should start now, up to its free lanes. An idle worker waits here. `None` if the
    /// queue is closed and empty, or the stop time has come.
    pub(super) fn next(&self, worker: usize, progress: &Progress) -> Option<Vec<(Job, Duration)>> {
        let mut state = self.state();
        state.record(worker, progress);
        loop {
            state.shed();
            if state.is_past_stop() {
                // Jobs in its lanes are refused too, when it drops them.
                state.counts.refused += progress.in_use as u64;
                return None;
            }
            let jobs = state.assign(worker);
            if !jobs.is_empty() || progress.in_use > 0 {
                return Some(jobs);
            }
            if state.is_closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No more jobs come; the workers finish the queued ones and end.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.wake.notify_all();
    }

    /// Refuses jobs that would not finish within this time; of waiting jobs the newest are refused.
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
    /// Expected wait of a new job of `rounds` rounds.
    fn wait(&self, purpose: HashPurpose, rounds: u64) -> Duration {
        if self.in_use() + self.backlog.expected() < self.lanes() {
            return Duration::ZERO;
        }
        self.wait_for_rounds(self.backlog.rounds_before(purpose, rounds))
    }

    /// Whether all jobs and `rounds` more rounds will finish before the service stops.
    fn can_finish(&self, rounds: u64) -> bool {
        let time = |stop: Instant| stop.saturating_duration_since(Instant::now());
        self.stop.is_none_or(|stop| self.wait_for_rounds(self.backlog.rounds() + rounds) < time(stop))
    }

    /// While the service stops: refuses jobs that would finish too late, the newest first.
    fn shed(&mut self) {
        while !self.can_finish(0)
            // Dropping its reply makes its future return a refusal.
            && self.backlog.pop_last().is_some()
        {
            self.counts.refused += 1;
        }
    }

    fn is_past_stop(&self) -> bool {
        self.stop.is_some_and(|stop| stop <= Instant::now())
    }

    fn lanes(&self) -> usize {
        self.workers.iter().map(|worker| worker.lanes).sum()
    }

    fn in_use(&self) -> usize {
        self.workers.iter().map(|worker| worker.in_use).sum()
    }

    /// Time to compute `rounds` rounds and those in the lanes.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn wait_for_rounds(&self, rounds: u64) -> Duration {
        let in_lanes: u64 = self.workers.iter().map(|worker| worker.rounds_left).sum();
        Duration::try_from_secs_f64((rounds + in_lanes) as f64 / self.rounds_per_second()).unwrap_or(Duration::MAX)
    }

    fn rounds_per_second(&self) -> f64 {
        self.workers.iter().map(|worker| worker.rounds_per_second).sum()
    }

    /// Jobs for a worker, so that all workers have an equal share of their lanes in use.
    fn assign(&mut self, number: usize) -> Vec<(Job, Duration)> {
        let waiting = self.backlog.waiting(HashPurpose::Login) + self.backlog.waiting(HashPurpose::SignUp);
        let (all, lanes) = (self.in_use() + waiting, self.lanes());
        let mut jobs = Vec::new();
        let Some(worker) = self.workers.get_mut(number) else { return jobs };
        let share = (all * worker.lanes).div_ceil(lanes).min(worker.lanes);
        while worker.in_use < share
            && let Some((rounds, job)) = self.backlog.pop()
        {
            let waited = job.requested_at.elapsed();
            self.counts.started += 1;
            self.counts.add_wait(waited);
            worker.in_use += 1;
            worker.rounds_left += rounds;
            let blocks_lanes = matches!(job.derivation, Derivation::Imported(_));
            jobs.push((job, waited));
            if blocks_lanes {
                // Later jobs go to other workers.
                worker.in_use = worker.lanes;
            }
        }
        jobs
    }

    /// Records a worker's progress.
    fn record(&mut self, worker: usize, progress: &Progress) {
        self.counts.finished += progress.finished;
        self.counts.left_computing += progress.cancelled;
        self.counts.failed += progress.failed;
        self.counts.add_rounds(progress.lanes, progress.rounds);
        let Some(worker) = self.workers.get_mut(worker) else { return };
        worker.in_use = progress.in_use;
        worker.rounds_left = progress.rounds_left;
        let seconds = progress.time.as_secs_f64();
        // With free lanes it is not at full speed.
        if progress.lanes == worker.lanes && seconds > 0.0 {
            let rounds = f64::from(progress.rounds) * f64::from(u32::try_from(progress.lanes).unwrap_or_default());
            let weight = (seconds / SPEED_MEMORY.as_secs_f64()).min(MAX_WEIGHT);
            worker.rounds_per_second += weight * (rounds / seconds - worker.rounds_per_second);
        }
    }
}

impl Place {
    /// Queues a computation and waits for its result.
    ///
    /// # Errors
    /// [`WorkError::Busy`] if the wait became too long, or the service stops; [`WorkError::Failed`] if the computation
    /// failed.
    pub(super) async fn compute(mut self, derivation: Derivation, least_rounds: u32) -> Result<Computed, WorkError> {
        let (reply, mut answer) = oneshot::channel();
        let expires = self.requested_at + self.queue.max_wait;
        let ticket = self.submit(Job { derivation, least_rounds, reply, requested_at: self.requested_at })?;
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
            Err(_) => Err(WorkError::Failed { work: WORK, cause: "its hashing thread failed".to_owned() }),
        }
    }

    /// Replaces the reservation by the job.
    fn submit(&mut self, job: Job) -> Result<Ticket, WorkError> {
        let rounds = job.derivation.rounds().max(u64::from(job.least_rounds));
        let mut state = self.queue.state();
        state.backlog.release(self.purpose, self.rounds);
        self.is_reserved = false;
        if !state.can_finish(rounds) {
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
        if self.is_reserved {
            self.queue.state().backlog.release(self.purpose, self.rounds);
        }
    }
}

/// Cancels the job when dropped.
struct Ticket {
    queue: Arc<Queue>,
    purpose: HashPurpose,
    id: u64,
}

impl Ticket {
    /// Cancels the job unless it was started. Returns the expected wait of a new job.
    fn expire(&self) -> Option<Duration> {
        let mut state = self.queue.state();
        state.backlog.cancel(self.purpose, self.id)?;
        state.counts.expired += 1;
        Some(state.wait(self.purpose, 0))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        if state.backlog.cancel(self.purpose, self.id).is_some() {
            state.counts.left_waiting += 1;
        }
    }
}

fn busy(wait: Duration) -> WorkError {
    WorkError::Busy { work: WORK, retry_after: wait.clamp(SHORTEST_RETRY, LONGEST_RETRY) }
}
