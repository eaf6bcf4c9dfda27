//! The operator's settings for accounts.

use chrono::TimeDelta;

use super::verification_policy::VerificationPolicy;
use crate::domain::password::PasswordPolicy;

#[derive(Debug, Clone)]
pub struct AccountPolicy {
    pub password: PasswordPolicy,
    pub verification: VerificationPolicy,
    /// Whether a mail server is configured; without one there is no verification and no password reset.
    pub sends_mail: bool,
    /// Maximum random delay of a mail.
    pub mail_delay: TimeDelta,
    /// Idle and absolute timeout of a browser session.
    pub session_idle: TimeDelta,
    pub session_lifetime: TimeDelta,
    /// Lifetime of an access token.
    pub token_lifetime: TimeDelta,
    pub audit_retention: TimeDelta,
}
