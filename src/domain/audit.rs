//! Audit log: account events and their clients.

use strum::{EnumCount, IntoStaticStr, VariantArray};

/// An account event, stored by its name in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    AccountRegistered,
    /// A concealed sign-up for an address that has an account; successful if it became a claim.
    AccountClaimed,
    EmailVerified,
    Login,
    Logout,
    SessionRevoked,
    PasswordResetRequested,
    PasswordReset,
    PasswordChanged,
    /// Re-authentication with a wrong current password.
    CurrentPasswordRefused,
    EmailChangeRequested,
    EmailChanged,
    ProfileChanged,
    DataExported,
    AccountDeleted,
    /// The address was not verified in time.
    AccountExpired,
}

impl Event {
    /// Stored value.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// [`Event::name`]. Text, since a later version may have stored an unknown event.
    pub event: String,
    pub succeeded: bool,
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    /// UTC.
    pub at: chrono::NaiveDateTime,
}
