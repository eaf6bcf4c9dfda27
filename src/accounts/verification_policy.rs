//! Which accounts need a verified address, and for what.

use chrono::TimeDelta;

use crate::domain::account::Account;

/// `REQUIRE_VERIFIED_EMAIL`, `CONCEAL_ACCOUNTS` and `UNVERIFIED_EXPIRY`. An account may need verification by itself
/// ([`Account::must_verify`]), whatever the settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerificationPolicy {
    /// No login before the address is verified, and an account that is not verified in time expires.
    pub is_required: bool,
    /// A sign-up never tells whether the address has an account.
    pub conceals_accounts: bool,
    /// How long an account may wait for its verification.
    pub expiry: TimeDelta,
}

impl VerificationPolicy {
    /// Whether a login needs a verified address. Where sign-ups are concealed too: otherwise a client that signs up and then
    /// logs in would learn whether there was an account.
    #[must_use]
    pub fn login_requires(&self, must_verify: bool) -> bool {
        self.is_required || self.conceals_accounts || must_verify
    }

    /// Whether the owner may log in with the right password. An account without an address has none to verify.
    #[must_use]
    pub fn admits(&self, account: &Account) -> bool {
        account.is_active && !(self.login_requires(account.must_verify) && account.is_unverified())
    }

    /// Whether an account expires that is not verified in time.
    #[must_use]
    pub fn expires(&self, must_verify: bool) -> bool {
        self.is_required || must_verify
    }
}
