//! What the queue and the workers hand to each other.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::formats::Derivation;

/// Something to compute, and where to send it.
pub(super) struct Job {
    pub(super) derivation: Derivation,
    /// Least rounds of bcrypt to take time for.
    pub(super) least_rounds: u32,
    pub(super) reply: oneshot::Sender<Result<Computed, String>>,
    /// When the place was asked for.
    pub(super) entered: Instant,
}

pub(super) struct Computed {
    pub(super) digest: Vec<u8>,
    pub(super) waited: Duration,
    pub(super) took: Duration,
}

/// What a worker did since it last asked.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) rounds: u32,
    pub(super) lanes: usize,
    pub(super) time: Duration,
    pub(super) finished: u64,
    pub(super) failed: u64,
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
