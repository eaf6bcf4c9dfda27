//! Which accounts need a verified address, and for what.

use chrono::TimeDelta;

use crate::domain::account::Account;

/// `REQUIRE_VERIFIED_EMAIL`, `CONCEAL_ACCOUNTS` and `UNVERIFIED_EXPIRY`. An account may require verification
/// ([`Account::must_verify`]) regardless of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerificationPolicy {
    /// A login requires a verified address, and an account not verified in time expires.
    pub is_required: bool,
    /// A sign-up never reveals whether the address has an account.
    pub conceals_accounts: bool,
    /// Time until an unverified account expires.
    pub expiry: TimeDelta,
}

impl VerificationPolicy {
    /// Whether a login requires a verified address. Also with concealed sign-ups: otherwise a sign-up and a login would
    /// reveal whether there was an account.
    #[must_use]
    pub fn login_requires(&self, must_verify: bool) -> bool {
        self.is_required || self.conceals_accounts || must_verify
    }

    /// Whether the owner may log in with the right password. An account without an address has none to verify.
    #[must_use]
    pub fn admits(&self, account: &Account) -> bool {
        account.is_active && !(self.login_requires(account.must_verify) && account.is_unverified())
    }

    /// Whether an account not verified in time expires.
    #[must_use]
    pub fn expires(&self, must_verify: bool) -> bool {
        self.is_required || must_verify
    }
}
