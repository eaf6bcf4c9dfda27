//! What the operator decided about accounts.

use chrono::TimeDelta;

use super::verification_policy::VerificationPolicy;
use crate::domain::password::PasswordPolicy;

#[derive(Debug, Clone)]
pub struct Rules {
    pub password: PasswordPolicy,
    pub verification: VerificationPolicy,
    /// Whether there is a mail server; without one no address is verified and no forgotten password replaced.
    pub sends_mail: bool,
    /// The longest random delay of a mail.
    pub mail_delay: TimeDelta,
    /// How long a browser stays signed in that is not used, and at most.
    pub session_idle: TimeDelta,
    pub session_lifetime: TimeDelta,
    /// How long an access token is good.
    pub token_lifetime: TimeDelta,
    pub audit_retention: TimeDelta,
}
