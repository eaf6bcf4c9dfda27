//! An account, without its secrets.

use chrono::NaiveDateTime;

/// An account as the rest of the program sees it: everything but the password hash.
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
    /// Whether nobody is let in before the address is proven, whatever the settings say.
    pub must_verify: bool,
    /// UTC.
    pub created_at: NaiveDateTime,
}

impl Account {
    /// Whether there is an address that nobody has proven.
    #[must_use]
    pub fn is_unverified(&self) -> bool {
        self.email.is_some() && !self.is_verified
    }
}
