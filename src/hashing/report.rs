//! What the queue has done so far, for those who watch it.

use std::time::Duration;

use bcrypt_lanes::MAX_LANES;

/// Upper limits of the waits that are counted together, in milliseconds; longer ones are counted last.
pub const WAIT_LIMITS_MS: [u64; 10] = [1, 5, 10, 50, 100, 250, 500, 1000, 2500, 5000];

/// Since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken out of the line to be computed.
    pub started: u64,
    pub finished: u64,
    /// Not computed because a thread or a library failed.
    pub failed: u64,
    /// Sent away because the wait would have been too long, or the service stops.
    pub refused: u64,
    /// Sent away after a wait that became too long.
    pub expired: u64,
    /// Those whose client left while they waited.
    pub left_waiting: u64,
    /// Those whose client left while they were computed.
    pub left_computing: u64,
    /// Waits from the moment a place was asked for, by [`WAIT_LIMITS_MS`].
    pub waits: [u64; WAIT_LIMITS_MS.len() + 1],
    /// All waits together.
    pub waited: Duration,
    /// Rounds gone through with one, two … lanes in use: how full the batches are.
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

/// The queue at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub logins_waiting: usize,
    pub sign_ups_waiting: usize,
    /// Lanes of all threads, and those in use.
    pub lanes: usize,
    pub computing: usize,
    /// How long a sign-up that comes now would wait.
    pub wait: Duration,
    /// Rounds of bcrypt a second, of all threads with every lane in use.
    pub rounds_per_second: f64,
    pub counts: Counts,
}
