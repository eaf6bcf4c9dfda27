//! The only way to write: a transaction with time, client, audit log and outbox.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use tokio::sync::Notify;

use super::{account_policy::AccountPolicy, audit_bounds::WrittenKinds};
use crate::{
    domain::{audit::Event, client::Client, clock::Clock, mail_kind::MailKind},
    store::{self, AnyConnection, Database, StoreError, audit::Kind, mail_tokens::TokenPurpose},
};

/// Minimum random delay of a mail; a [`AccountPolicy::mail_delay`] below it is exact.
const MIN_DELAY: TimeDelta = TimeDelta::seconds(1);

/// The dependencies of every change. Clones share all state.
#[derive(Debug, Clone)]
pub struct Writer {
    pub database: Database,
    pub clock: Clock,
    pub policy: Arc<AccountPolicy>,
    /// Kinds of audit lines that may have surplus lines.
    pub written: Arc<WrittenKinds>,
    /// Notifies the mail worker of a mail in the outbox.
    pub mail_posted: Arc<Notify>,
}

/// A transaction that changes accounts.
pub(super) struct Change<'a> {
    pub connection: &'a mut AnyConnection,
    /// UTC.
    pub now: NaiveDateTime,
    pub client: Client,
    pub policy: Arc<AccountPolicy>,
    written: Arc<WrittenKinds>,
    has_posted: bool,
}

impl Writer {
    #[must_use]
    pub fn new(database: Database, clock: Clock, policy: AccountPolicy) -> Self {
        Self { database, clock, policy: Arc::new(policy), written: Arc::default(), mail_posted: Arc::default() }
    }

    /// Runs a change in one transaction, with one time for all it writes.
    ///
    /// # Errors
    /// Those of `work`, and database errors.
    pub(super) async fn change<T, E, F>(&self, client: &Client, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Change<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.change_at(self.clock.now(), client, work).await
    }

    /// As [`Self::change`], with a given time.
    pub(super) async fn change_at<T, E, F>(&self, now: NaiveDateTime, client: &Client, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Change<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (client, policy) = (client.clone(), Arc::clone(&self.policy));
        let written = Arc::clone(&self.written);
        let done = self.database.write(move |connection| {
            let mut change = Change { connection, now, client, policy, written, has_posted: false };
            work(&mut change).map(|done| (done, change.has_posted))
        });
        let (done, has_posted) = done.await?;
        if has_posted {
            self.mail_posted.notify_one();
        }
        Ok(done)
    }
}

impl Change<'_> {
    /// Adds a line to the audit log.
    pub(super) fn record(
        &mut self,
        event: Event,
        succeeded: bool,
        user_id: impl Into<Option<i64>>,
    ) -> Result<(), StoreError> {
        let user_id = user_id.into();
        if let Some(user_id) = user_id {
            self.written.note(Kind { user_id, event, succeeded });
        }
        store::audit::record(self.connection, (event, succeeded), user_id, &self.client, self.now)
    }

    /// Revokes all mailed tokens of an account and deletes its claims.
    pub(super) fn revoke_links(&mut self, user_id: i64) -> Result<(), StoreError> {
        self.revoke_links_except(user_id, None)
    }

    /// As [`Self::revoke_links`], except tokens of this purpose.
    pub(super) fn revoke_links_except(
        &mut self,
        user_id: i64,
        excluded: Option<TokenPurpose>,
    ) -> Result<(), StoreError> {
        store::mail_tokens::replace_all(self.connection, user_id, excluded)?;
        store::claims::delete_all(self.connection, user_id)?;
        // A change of address may be requested but not mailed yet.
        store::outbox::drop_pending(self.connection, user_id, MailKind::ConfirmNewEmail.name(), self.now)
    }

    /// Puts a mail into the outbox if a mail server is configured.
    pub(super) fn post(
        &mut self,
        kind: &MailKind,
        user_id: Option<i64>,
        recipient: &str,
        language: Option<&str>,
    ) -> Result<(), StoreError> {
        if !self.policy.sends_mail {
            return Ok(());
        }
        self.has_posted = true;
        let (client, now, not_before) = (&self.client, self.now, self.now + random_delay(self.policy.mail_delay));
        store::new_mail::NewMail { kind, user_id, recipient, language, client, now, not_before }.insert(self.connection)
    }
}

fn random_delay(longest: TimeDelta) -> TimeDelta {
    let (min, max) = (MIN_DELAY.num_milliseconds(), longest.num_milliseconds());
    if max <= min { longest } else { TimeDelta::milliseconds(rand::random_range(min..=max)) }
}
