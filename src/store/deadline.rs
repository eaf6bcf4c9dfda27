//! Time limits of a database access, and the race between its commit and its timeout.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
    time::Duration,
};

use super::{DatabaseUrl, StoreError};

/// Time limits of one database access.
#[derive(Debug, Clone, Copy)]
pub(super) struct WaitLimits {
    /// Longest wait for a connection.
    pub acquire: Duration,
    /// Longest time from the call to the result.
    pub answer: Duration,
    /// A connection that is busy for longer has timed out: above all timeouts of the database.
    pub work: Duration,
}

impl WaitLimits {
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Postgres(_) => Self {
                acquire: Duration::from_secs(2),
                answer: Duration::from_millis(2500),
                work: Duration::from_secs(3),
            },
            // Waiting for another writer is normal, and a file has no network connection to lose.
            DatabaseUrl::Sqlite(_) => Self {
                acquire: Duration::from_secs(5),
                answer: Duration::from_millis(5500),
                work: Duration::from_secs(30),
            },
        }
    }
}

/// Whether a change is committed: decided once, by the finished work or the timeout of the caller, whichever is
/// first.
#[derive(Debug, Default)]
pub(super) struct Decision {
    state: AtomicU8,
    could_not_write: AtomicBool,
}

impl Decision {
    const OPEN: u8 = 0;
    const COMMITTING: u8 = 1;
    const TIMED_OUT: u8 = 2;

    fn decide(&self, state: u8) -> bool {
        self.state.compare_exchange(Self::OPEN, state, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    pub(super) fn may_commit(&self) -> bool {
        self.decide(Self::COMMITTING)
    }

    pub(super) fn is_timed_out(&self) -> bool {
        self.state.load(Ordering::SeqCst) == Self::TIMED_OUT
    }

    /// The error of a failed BEGIN or COMMIT. Unless another writer had the lock, the next write may fail too.
    pub(super) fn could_not_write(&self, error: diesel::result::Error) -> StoreError {
        let error = StoreError::from(error);
        self.could_not_write.store(!error.is_locked(), Ordering::SeqCst);
        error
    }

    /// Whether the last write reached the disk: `None` without a write.
    pub(super) fn could_write(&self) -> Option<bool> {
        if self.could_not_write.load(Ordering::SeqCst) {
            Some(false)
        } else {
            (self.state.load(Ordering::SeqCst) == Self::COMMITTING).then_some(true)
        }
    }

    /// Marks the access as timed out; returns the caller's error.
    pub(super) fn time_out(&self) -> StoreError {
        if self.decide(Self::TIMED_OUT) {
            StoreError::timed_out()
        } else {
            StoreError::Uncertain("the database timed out during COMMIT".into())
        }
    }
}
