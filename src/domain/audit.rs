//! What happened to accounts, and from where.

use strum::{EnumCount, IntoStaticStr, VariantArray};
/// Something that happened to an account. Its name, in snake case, is what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    AccountRegistered,
    /// Somebody signed up with an address that had an account nobody had proven, or with one that is concealed.
    AccountClaimed,
    EmailVerified,
    Login,
    Logout,
    SessionRevoked,
    PasswordResetRequested,
    PasswordReset,
    PasswordChanged,
    /// The current password was asked for again, and was wrong.
    CurrentPasswordRefused,
    EmailChangeRequested,
    EmailChanged,
    ProfileChanged,
    DataExported,
    AccountDeleted,
    /// Nobody proved the address in time.
    AccountExpired,
}

impl Event {
    /// As it is stored, and as the texts for it are named.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// [`Event::name`]; as text, since a later version may have written it.
    pub event: String,
    pub succeeded: bool,
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    /// UTC.
    pub at: chrono::NaiveDateTime,
}
