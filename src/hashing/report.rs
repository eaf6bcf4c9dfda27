//! State and totals of the queue, for monitoring.

use std::time::Duration;

use bcrypt_lanes::MAX_LANES;

/// Upper bounds of the wait buckets in milliseconds; the last bucket counts longer ones.
pub(super) const WAIT_LIMITS_MS: [u64; 10] = [1, 5, 10, 50, 100, 250, 500, 1000, 2500, 5000];

/// Totals since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Computation started.
    pub started: u64,
    pub finished: u64,
    /// A thread or a library failed.
    pub failed: u64,
    /// Refused: the expected wait was too long, or the service stops.
    pub refused: u64,
    /// Refused after the longest wait.
    pub expired: u64,
    /// The client left while the job waited.
    pub left_waiting: u64,
    /// The client left during the computation.
    pub left_computing: u64,
    /// Waits since the reservation, by `WAIT_LIMITS_MS`.
    pub waits: [u64; WAIT_LIMITS_MS.len() + 1],
    /// Sum of all waits.
    pub waited: Duration,
    /// Rounds with one, two … lanes in use: the load of the batches.
    pub rounds_by_lanes: [u64; MAX_LANES],
}

impl Counts {
    pub(super) fn add_wait(&mut self, wait: Duration) {
        let bucket = WAIT_LIMITS_MS.iter().position(|&limit| wait <= Duration::from_millis(limit));
        if let Some(count) = self.waits.get_mut(bucket.unwrap_or(WAIT_LIMITS_MS.len())) {
            *count += 1;
        }
        self.waited += wait;
    }

    pub(super) fn add_rounds(&mut self, lanes: usize, rounds: u32) {
        if let Some(count) = lanes.checked_sub(1).and_then(|index| self.rounds_by_lanes.get_mut(index)) {
            *count += u64::from(rounds);
        }
    }
}

/// State of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub logins_waiting: usize,
    pub sign_ups_waiting: usize,
    /// Lanes of all threads.
    pub lanes: usize,
    pub computing: usize,
    /// Expected wait of a new sign-up.
    pub wait: Duration,
    /// bcrypt rounds per second of all threads with all lanes in use.
    pub rounds_per_second: f64,
    pub counts: Counts,
}
