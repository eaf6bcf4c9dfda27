//! Deleting what has expired. Several instances may do it at once.

use std::{future::Future, time::Duration};

use chrono::TimeDelta;
use tokio::time::{self, Instant};

use super::{
    Accounts,
    audit::{Client, Event},
    email_verification::LINK_HOURS,
    retries,
};
use crate::store::{self, AnyConnection, BATCH, StoreError, outbox::Outcome};

/// How often it is done.
pub const EVERY: Duration = Duration::from_hours(1);
/// The counters of limits, of which there may be many, by themselves.
pub const COUNTERS_EVERY: Duration = Duration::from_mins(1);
/// How long it can be told why a link is dead.
const DEAD_LINKS: TimeDelta = TimeDelta::days(30);
/// How long mails are remembered that were sent or dropped, and those that could not be sent.
const SENT_MAILS: TimeDelta = TimeDelta::days(7);
const DEAD_MAILS: TimeDelta = TimeDelta::days(90);

impl Accounts {
    /// Deletes expired sessions, old tokens, claims, mails and lines of the audit log; and accounts that nobody has proven in
    /// time, where a login needs that, or a login to that account. Says how many rows.
    ///
    /// # Errors
    /// Those of the database. What keeps one kind of row from being deleted does not keep the others.
    pub async fn delete_expired(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let (idle_since, audit_before) = (now - self.rules.session_idle, now - self.rules.audit_retention);
        // A mail for one may be sent as late as that, and its link is good from then on.
        let claims_before = now - retries::PATIENCE - TimeDelta::hours(i64::from(LINK_HOURS) + 1);
        let mut done = vec![
            self.in_batches(move |db| store::sessions::delete_expired(db, now)).await,
            self.in_batches(move |db| store::sessions::delete_idle(db, idle_since)).await,
            self.in_batches(move |db| store::mail_tokens::delete_expired(db, now - DEAD_LINKS)).await,
            self.in_batches(move |db| store::claims::delete_expired(db, claims_before)).await,
            self.in_batches(move |db| store::audit::delete_expired(db, audit_before)).await,
        ];
        for (outcome, age) in [(Outcome::Sent, SENT_MAILS), (Outcome::Dropped, SENT_MAILS), (Outcome::Dead, DEAD_MAILS)]
        {
            done.push(self.in_batches(move |db| store::outbox::delete_expired(db, outcome, now - age)).await);
        }
        done.push(batches(|| self.delete_unproven(true)).await);
        if self.rules.requires_proof {
            done.push(batches(|| self.delete_unproven(false)).await);
        }
        done.into_iter().sum()
    }

    /// Deletes batch after batch, each in a transaction of its own; says how many rows.
    pub(super) async fn in_batches(
        &self,
        delete: impl Fn(&mut AnyConnection) -> Result<usize, StoreError> + Copy + Send + 'static,
    ) -> Result<usize, StoreError> {
        batches(|| self.database.write(delete)).await
    }

    async fn delete_unproven(&self, must_prove: bool) -> Result<usize, StoreError> {
        self.change(&Client::default(), move |change| {
            let ids = store::users::unproven(change.connection, change.now, must_prove)?;
            for id in &ids {
                // Unless it was proven, or somebody signed up for it again, at this very moment.
                if store::users::delete_unproven(change.connection, *id, change.now)? {
                    change.record(Event::AccountExpired, true, *id)?;
                }
            }
            Ok(ids.len())
        })
        .await
    }
}

/// Until a batch is not full. Between two of them others may write for as long as the first took.
async fn batches<F: Future<Output = Result<usize, StoreError>>>(
    mut delete: impl FnMut() -> F,
) -> Result<usize, StoreError> {
    let mut all = 0;
    loop {
        let started = Instant::now();
        let deleted = delete().await?;
        all += deleted;
        if i64::try_from(deleted).is_ok_and(|deleted| deleted < BATCH) {
            return Ok(all);
        }
        time::sleep(started.elapsed()).await;
    }
}
