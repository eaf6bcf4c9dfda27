//! Taking away what is over. Several instances may do it at once.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Accounts,
    audit::{Client, Event},
    email_verification::LINK_HOURS,
    outbox,
};
use crate::store::{self, AnyConnection, StoreError, outbox::Outcome};

/// How often it is done.
pub const EVERY: Duration = Duration::from_hours(1);
/// The counters of limits, of which there may be many, by themselves.
pub const COUNTERS_EVERY: Duration = Duration::from_mins(1);
/// How long it can be told why a link is dead.
const DEAD_LINKS: TimeDelta = TimeDelta::days(30);
/// How long mails are remembered that were sent or dropped, and those that could not be sent.
const SENT_MAILS: TimeDelta = TimeDelta::days(7);
const DEAD_MAILS: TimeDelta = TimeDelta::days(90);
/// Accounts that are taken away in one transaction.
const BATCH: i64 = 100;

impl Accounts {
    /// Takes away expired sessions, old tokens, mails and lines of the audit log; and accounts that nobody has proven in
    /// time, where a login needs that, or a login to that account.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn clean_up(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (idle_since, audit_before) = (now - self.rules.session_idle, now - self.rules.audit_retention);
        // A mail for one may be sent as late as that, and its link is good from then on.
        let claims_before = now - outbox::PATIENCE - TimeDelta::hours(i64::from(LINK_HOURS) + 1);
        // Each in a transaction of its own, since nobody should wait long for the one writer of SQLite; and all of them, since
        // what keeps one from being done may not keep the others.
        let mut done = vec![
            self.forget(move |db| store::sessions::forget(db, now, idle_since)).await,
            self.forget(move |db| store::mail_tokens::forget(db, now - DEAD_LINKS)).await,
            self.forget(move |db| store::claims::forget(db, claims_before)).await,
            self.forget(move |db| store::audit::forget(db, audit_before)).await,
        ];
        for (outcome, age) in [(Outcome::Sent, SENT_MAILS), (Outcome::Dropped, SENT_MAILS), (Outcome::Dead, DEAD_MAILS)]
        {
            done.push(self.forget(move |db| store::outbox::forget(db, outcome, now - age)).await);
        }
        let mut expired = self.expire_some().await;
        while matches!(expired, Ok(1..)) {
            expired = self.expire_some().await;
        }
        done.push(expired);
        done.into_iter().collect::<Result<Vec<usize>, StoreError>>().map(drop)
    }

    async fn forget(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<usize, StoreError> + Send + 'static,
    ) -> Result<usize, StoreError> {
        self.database.write_at_leisure(work).await
    }

    async fn expire_some(&self) -> Result<usize, StoreError> {
        self.change(&Client::default(), move |change| {
            let ids = store::users::unproven(change.connection, change.now, change.rules.requires_proof, BATCH)?;
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
