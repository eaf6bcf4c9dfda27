//! The domain: what an account is and how one comes to be. Knows neither Poem nor Diesel.
//!
//! [`registration`] is the flow; the other files are its words.

pub mod email;
pub mod form;
pub mod full_name;
pub mod judge;
pub mod password;
pub mod registration;
pub mod username;

use chrono::{DateTime, NaiveDateTime, Utc};

/// An account as the rest of the program sees it: everything but the password hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    /// Canonical address, see [`email::Email`].
    pub email: Option<String>,
    /// As typed; compared by [`username::Username::key`].
    pub username: Option<String>,
    pub full_name: Option<String>,
    pub is_active: bool,
    pub is_verified: bool,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// Where the time comes from. A parameter, so that tests can set it.
#[derive(Debug, Clone, Copy)]
pub struct Clock(pub fn() -> DateTime<Utc>);

impl Clock {
    /// The operating system's clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        Self(Utc::now)
    }

    #[must_use]
    pub fn now(self) -> NaiveDateTime {
        (self.0)().naive_utc()
    }
}
