//! Deleting what has expired. Several instances may do it at once.

use std::time::Duration;

use chrono::TimeDelta;

use super::{change::Writer, limits::RateLimiter, retries};
use crate::{
    domain::{audit::Event, client::Client, token::VERIFICATION_LINK_HOURS},
    store::{self, StoreError, in_batches, outbox::MailState},
};

/// How often it is done.
pub const EVERY: Duration = Duration::from_hours(1);
/// The counters of limits, of which there may be many, by themselves.
pub const COUNTERS_EVERY: Duration = Duration::from_mins(1);
/// How long it can be told why a link is dead.
const DEAD_LINKS: TimeDelta = TimeDelta::days(30);
/// How long mails are remembered that were sent or dropped, and those that could not be sent.
const SENT_MAILS: TimeDelta = TimeDelta::days(7);
const DEAD_MAILS: TimeDelta = TimeDelta::days(90);

/// Deletes expired rows. Several instances may run it at once.
#[derive(Debug, Clone)]
pub struct Maintenance {
    writer: Writer,
    limiter: RateLimiter,
}

impl Maintenance {
    #[must_use]
    pub fn new(writer: Writer, limiter: RateLimiter) -> Self {
        Self { writer, limiter }
    }

    /// Deletes expired sessions, old tokens, claims, mails and lines of the audit log; and accounts that nobody has proven in
    /// time, where a login needs that, or a login to that account. Says how many rows.
    ///
    /// # Errors
    /// Those of the database. What keeps one kind of row from being deleted does not keep the others.
    pub async fn delete_expired(&self) -> Result<usize, StoreError> {
        let Writer { database, rules, .. } = &self.writer;
        let now = self.writer.clock.now();
        let (idle_since, audit_before) = (now - rules.session_idle, now - rules.audit_retention);
        // A mail for one may be sent as late as that, and its link is good from then on.
        let claims_before = now - retries::PATIENCE - TimeDelta::hours(i64::from(VERIFICATION_LINK_HOURS) + 1);
        let mut done = vec![
            database.write_in_batches(move |db| store::sessions::delete_expired(db, now)).await,
            database.write_in_batches(move |db| store::sessions::delete_idle(db, idle_since)).await,
            database.write_in_batches(move |db| store::mail_tokens::delete_expired(db, now - DEAD_LINKS)).await,
            database.write_in_batches(move |db| store::claims::delete_expired(db, claims_before)).await,
            database.write_in_batches(move |db| store::audit::delete_expired(db, audit_before)).await,
        ];
        for (outcome, age) in
            [(MailState::Sent, SENT_MAILS), (MailState::Dropped, SENT_MAILS), (MailState::Dead, DEAD_MAILS)]
        {
            done.push(database.write_in_batches(move |db| store::outbox::delete_expired(db, outcome, now - age)).await);
        }
        done.push(in_batches(|| self.delete_unverified(true)).await);
        if rules.verification.is_required {
            done.push(in_batches(|| self.delete_unverified(false)).await);
        }
        done.into_iter().sum()
    }

    /// Deletes expired counters of rate limits; returns their number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_expired_counters(&self) -> Result<usize, StoreError> {
        self.limiter.delete_expired().await
    }

    /// Deletes surplus lines of the audit log; returns their number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_surplus_audit_lines(&self) -> Result<usize, StoreError> {
        self.writer.written.delete_surplus(&self.writer.database).await
    }

    async fn delete_unverified(&self, must_verify: bool) -> Result<usize, StoreError> {
        self.writer
            .change(&Client::default(), move |change| {
                let ids = store::users::overdue_verifications(change.connection, change.now, must_verify)?;
                for id in &ids {
                    // Unless it was proven, or somebody signed up for it again, at this very moment.
                    if store::users::delete_unverified(change.connection, *id, change.now)? {
                        change.record(Event::AccountExpired, true, *id)?;
                    }
                }
                Ok(ids.len())
            })
            .await
    }
}
