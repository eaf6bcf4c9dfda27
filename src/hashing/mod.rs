//! Passwords to hashes. The rest of the program knows [`Hasher`] and [`StoredPassword`] and nothing of what is
//! behind them.

mod formats;

use std::fmt;

pub use formats::{VerifyError, verify};

use crate::{
    accounts::password::Password,
    threads::{Threads, WorkError},
};

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

/// Hashes on threads of its own, with bcrypt at one cost.
#[derive(Debug, Clone)]
pub struct Hasher {
    threads: Threads,
    cost: u32,
}

impl Hasher {
    /// `cost` is bcrypt's: 2^cost rounds, 4 to 31.
    #[must_use]
    pub fn new(threads: Threads, cost: u32) -> Self {
        Self { threads, cost }
    }

    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    /// [`WorkError::Busy`] when no thread was free in time; [`WorkError::Failed`] if the computation itself failed.
    pub async fn hash(&self, password: Password) -> Result<StoredPassword, WorkError> {
        const WORK: &str = "hash a password";
        let cost = self.cost;
        let hashed = self.threads.run(WORK, move || formats::hash(password.expose(), cost, rand::random())).await?;
        hashed.map(StoredPassword).map_err(|error| WorkError::Failed { work: WORK, cause: error.to_string() })
    }
}
