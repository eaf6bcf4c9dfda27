//! Account data without secrets.

use chrono::NaiveDateTime;

/// An account without its password hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    /// Canonical address, see [`super::email::Email`].
    pub email: Option<String>,
    /// As typed; compared by [`super::username::Username::key`].
    pub username: Option<String>,
    pub full_name: Option<String>,
    pub is_active: bool,
    pub is_verified: bool,
    /// Login is refused until the address is verified, regardless of the settings.
    pub must_verify: bool,
    /// UTC.
    pub created_at: NaiveDateTime,
}

impl Account {
    /// Whether the account has an address that is not verified.
    #[must_use]
    pub fn is_unverified(&self) -> bool {
        self.email.is_some() && !self.is_verified
    }
}
