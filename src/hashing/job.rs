//! Data exchanged between the queue and the workers.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::formats::Derivation;

/// A computation, and where to send its result.
pub(super) struct Job {
    pub(super) derivation: Derivation,
    /// Minimum bcrypt rounds of its duration.
    pub(super) least_rounds: u32,
    pub(super) reply: oneshot::Sender<Result<Computed, String>>,
    /// When the place was requested.
    pub(super) requested_at: Instant,
}

pub(super) struct Computed {
    pub(super) digest: Vec<u8>,
    pub(super) waited: Duration,
    pub(super) took: Duration,
}

/// A worker's progress since its last request.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) rounds: u32,
    pub(super) lanes: usize,
    pub(super) time: Duration,
    pub(super) finished: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
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
