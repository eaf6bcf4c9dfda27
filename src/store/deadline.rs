//! What one request may take of the database's time, and what becomes of its work when that is over.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
    time::Duration,
};

use super::{DatabaseUrl, StoreError};

/// What one request may take of the database's time.
#[derive(Debug, Clone, Copy)]
pub(super) struct WaitLimits {
    /// Longest wait for a connection.
    pub turn: Duration,
    /// Longest time to an answer, from the call on.
    pub answer: Duration,
    /// A connection that has been at work for longer has fallen silent: above every limit that the database keeps.
    pub silence: Duration,
}

impl WaitLimits {
    pub fn of(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Postgres(_) => Self {
                turn: Duration::from_secs(2),
                answer: Duration::from_millis(2500),
                silence: Duration::from_secs(3),
            },
            // Waiting for another writer is the ordinary case, and a file has no line that falls silent.
            DatabaseUrl::Sqlite(_) => Self {
                turn: Duration::from_secs(5),
                answer: Duration::from_millis(5500),
                silence: Duration::from_secs(30),
            },
        }
    }
}

/// Whether a change is kept: decided once, by whoever comes first, the work that is done or the caller who has waited
/// long enough.
#[derive(Debug, Default)]
pub(super) struct Decision {
    state: AtomicU8,
    could_not_write: AtomicBool,
}

impl Decision {
    const OPEN: u8 = 0;
    const COMMITTING: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn decide(&self, what: u8) -> bool {
        self.state.compare_exchange(Self::OPEN, what, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    pub fn may_commit(&self) -> bool {
        self.decide(Self::COMMITTING)
    }

    pub fn is_given_up(&self) -> bool {
        self.state.load(Ordering::SeqCst) == Self::GIVEN_UP
    }

    /// Why a transaction did not begin or was not committed. Unless somebody else was at work, the next may fare no better.
    pub fn could_not_write(&self, error: diesel::result::Error) -> StoreError {
        let error = StoreError::from(error);
        let is_busy = matches!(&error, StoreError::Unavailable(cause) if cause.contains("locked"));
        self.could_not_write.store(!is_busy, Ordering::SeqCst);
        error
    }

    /// Whether what was written can have come to the disk: `None` if nothing was.
    pub fn could_write(&self) -> Option<bool> {
        if self.could_not_write.load(Ordering::SeqCst) {
            Some(false)
        } else {
            (self.state.load(Ordering::SeqCst) == Self::COMMITTING).then_some(true)
        }
    }

    /// The time is up: what whoever waited is told.
    pub fn give_up(&self) -> StoreError {
        if self.decide(Self::GIVEN_UP) {
            StoreError::late()
        } else {
            StoreError::Uncertain("the database has stopped answering".into())
        }
    }
}
