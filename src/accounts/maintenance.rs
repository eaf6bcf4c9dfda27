//! Deletion of expired rows. Several instances may run it at once.

use std::time::Duration;

use chrono::TimeDelta;

use super::{change::Writer, limits::RateLimiter, retries};
use crate::{
    domain::{audit::Event, client::Client, token::VERIFICATION_LINK_HOURS},
    store::{self, StoreError, in_batches, outbox::MailState},
};

/// Interval of the deletion.
pub(crate) const EVERY: Duration = Duration::from_hours(1);
/// Interval for rate limit counters, which may be many.
pub(crate) const COUNTERS_EVERY: Duration = Duration::from_mins(1);
/// Links are stored after expiry, to state the reason.
const LINK_RETENTION: TimeDelta = TimeDelta::days(30);
/// Retention of sent and dropped mails, and of failed ones.
const SENT_RETENTION: TimeDelta = TimeDelta::days(7);
const FAILED_RETENTION: TimeDelta = TimeDelta::days(90);

/// Deletes expired rows.
#[derive(Debug, Clone)]
pub(crate) struct Maintenance {
    writer: Writer,
    limiter: RateLimiter,
}

impl Maintenance {
    #[must_use]
    pub(crate) fn new(writer: Writer, limiter: RateLimiter) -> Self {
        Self { writer, limiter }
    }

    /// Deletes expired sessions, tokens, claims, mails and audit lines; and accounts not verified in time, if all
    /// logins or a login to the account require that. Returns the number of rows.
    ///
    /// # Errors
    /// Database errors. A failure for one kind of row does not affect the others.
    pub(crate) async fn delete_expired(&self) -> Result<usize, StoreError> {
        let Writer { database, policy, .. } = &self.writer;
        let now = self.writer.clock.now();
        let (idle_since, audit_before) = (now - policy.session_idle, now - policy.audit_retention);
        // Its mail may be sent as late as that, and its link is valid from then on.
        let claims_before = now - retries::RETRY_PERIOD - TimeDelta::hours(i64::from(VERIFICATION_LINK_HOURS) + 1);
        let mut rows = vec![
            database.write_in_batches(move |db| store::sessions::delete_expired(db, now)).await,
            database.write_in_batches(move |db| store::sessions::delete_idle(db, idle_since)).await,
            database.write_in_batches(move |db| store::mail_tokens::delete_expired(db, now - LINK_RETENTION)).await,
            database.write_in_batches(move |db| store::claims::delete_expired(db, claims_before)).await,
            database.write_in_batches(move |db| store::audit::delete_expired(db, audit_before)).await,
        ];
        for (state, age) in [
            (MailState::Sent, SENT_RETENTION),
            (MailState::Dropped, SENT_RETENTION),
            (MailState::Dead, FAILED_RETENTION),
        ] {
            rows.push(database.write_in_batches(move |db| store::outbox::delete_expired(db, state, now - age)).await);
        }
        rows.push(in_batches(|| self.delete_unverified(true)).await);
        if policy.verification.is_required {
            rows.push(in_batches(|| self.delete_unverified(false)).await);
        }
        rows.into_iter().sum()
    }

    /// Deletes expired counters of rate limits; returns their number.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn delete_expired_counters(&self) -> Result<usize, StoreError> {
        self.limiter.delete_expired().await
    }

    /// Deletes surplus lines of the audit log; returns their number.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn delete_surplus_audit_lines(&self) -> Result<usize, StoreError> {
        self.writer.written.delete_surplus(&self.writer.database).await
    }

    async fn delete_unverified(&self, must_verify: bool) -> Result<usize, StoreError> {
        self.writer
            .change(&Client::default(), move |change| {
                let ids = store::users::overdue_verifications(change.connection, change.now, must_verify)?;
                for id in &ids {
                    // Unless it was verified or claimed in the meantime.
                    if store::users::delete_unverified(change.connection, *id, change.now)? {
                        change.record(Event::AccountExpired, true, *id)?;
                    }
                }
                Ok(ids.len())
            })
            .await
    }
}
