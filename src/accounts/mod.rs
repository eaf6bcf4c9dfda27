//! Account flows, one file each: [`registration`], [`email_verification`], [`login`], [`sessions`], [`password_reset`],
//! [`account_changes`], [`export`], [`account_deletion`]. [`outbox`] and [`maintenance`] run in the background. Imports
//! neither Poem nor Diesel.
//!
//! Every flow is a method of [`Accounts`]. Its components ([`limits`], [`bots`], [`password_strength`], [`change`]) do
//! not depend on [`Accounts`].

pub(crate) mod account_changes;
pub(crate) mod account_deletion;
pub mod account_policy;
mod activity;
mod answer_time;
mod attempts;
pub(crate) mod audit_bounds;
pub mod bots;
pub mod change;
mod code_attempts;
pub mod email_verification;
pub(crate) mod export;
mod export_queue;
pub mod limits;
pub mod login;
mod mail_limits;
mod mail_tokens;
pub(crate) mod maintenance;
pub(crate) mod metrics;
pub mod outbox;
pub(crate) mod password_reset;
pub mod password_strength;
pub mod registration;
pub mod rejection;
mod retries;
pub(crate) mod sessions;
pub mod verification_policy;

use self::{
    account_policy::AccountPolicy, bots::BotChecks, change::Writer, export_queue::ExportQueue, limits::RateLimiter,
    password_strength::PasswordStrength,
};
use crate::{
    domain::{clock::Clock, known_devices::DeviceKey, token::CodeKey},
    hashing::Hasher,
    store::Database,
};

/// The dependencies of [`Accounts`].
#[derive(Debug, Clone)]
pub struct Parts {
    pub writer: Writer,
    pub hasher: Hasher,
    pub password_strength: PasswordStrength,
    pub limiter: RateLimiter,
    pub bots: BotChecks,
    pub code_key: CodeKey,
    pub device_key: DeviceKey,
}

/// The account flows. Clones share all state.
#[derive(Debug, Clone)]
pub struct Accounts {
    writer: Writer,
    hasher: Hasher,
    password_strength: PasswordStrength,
    limiter: RateLimiter,
    bots: BotChecks,
    code_key: CodeKey,
    device_key: DeviceKey,
    exports: ExportQueue,
}

impl Accounts {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { writer, hasher, password_strength, limiter, bots, code_key, device_key } = parts;
        let exports = ExportQueue::default();
        Self { writer, hasher, password_strength, limiter, bots, code_key, device_key, exports }
    }

    /// The operator's settings.
    #[must_use]
    pub fn policy(&self) -> &AccountPolicy {
        &self.writer.policy
    }

    #[must_use]
    pub fn bots(&self) -> &BotChecks {
        &self.bots
    }

    /// Whether failed logins of a known browser have their own counter.
    #[must_use]
    pub fn knows_devices(&self) -> bool {
        self.limiter.policy().is_some_and(|policy| policy.device.is_some())
    }

    fn database(&self) -> &Database {
        &self.writer.database
    }

    fn clock(&self) -> Clock {
        self.writer.clock
    }
}
