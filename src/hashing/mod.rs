//! Passwords to hashes. The rest of the program knows [`Hasher`] and [`StoredPassword`] and nothing of what is
//! behind them.

mod formats;

use std::{fmt, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task, time};

pub use formats::{VerifyError, verify};

use crate::accounts::password::Password;

/// A password hash in one of the contract's stored formats. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPassword(String);

impl StoredPassword {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredPassword(…)")
    }
}

/// Why a hash was not computed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Every thread was taken for as long as a request may wait.
    #[error("no hashing thread was free within {} s", .waited.as_secs())]
    Busy { waited: Duration },
    #[error("hashing failed: {0}")]
    Failed(String),
}

/// Hashes off the async threads, at most `threads` at a time; who waits longer than `max_wait` is refused.
#[derive(Debug, Clone)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    cost: u32,
    max_wait: Duration,
}

impl Hasher {
    /// `cost` is bcrypt's: 2^cost rounds, 4 to 31.
    #[must_use]
    pub fn new(threads: usize, cost: u32, max_wait: Duration) -> Self {
        Self { permits: Arc::new(Semaphore::new(threads)), cost, max_wait }
    }

    /// Hashes a password with a fresh salt.
    ///
    /// Dropping the future gives the place in the queue back; a computation that has begun goes on, and keeps
    /// its thread until it ends, so that clients who leave never make more work than there are threads.
    ///
    /// # Errors
    /// [`HashError::Busy`] after `max_wait`; [`HashError::Failed`] if the computation itself failed.
    pub async fn hash(&self, password: Password) -> Result<StoredPassword, HashError> {
        let permit = time::timeout(self.max_wait, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| HashError::Busy { waited: self.max_wait })?
            .map_err(|error| HashError::Failed(error.to_string()))?;
        let cost = self.cost;
        let span = tracing::Span::current();
        task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(|| formats::hash(password.expose(), cost, rand::random()))
        })
        .await
        .map_err(|error| HashError::Failed(error.to_string()))?
        .map(StoredPassword)
        .map_err(|error| HashError::Failed(error.to_string()))
    }
}
