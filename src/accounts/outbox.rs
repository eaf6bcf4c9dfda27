//! From outbox rows to mail contents. Recipient and token are decided when the mail is prepared; `mail/` sends it.

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    change::{Change, Writer},
    retries::{LONGEST_WAIT, is_final, next_try},
};
use crate::{
    domain::{
        audit::Event,
        client::Client,
        clock::CLOCK_SKEW,
        mail_kind::{MailContent, MailKind},
        token::{CODE_MINUTES, Code, CodeKey, RESET_LINK_MINUTES, Token, VERIFICATION_LINK_HOURS},
    },
    store::{
        self, StoreError,
        mail_tokens::TokenPurpose,
        outbox::{Due, MailState, Row},
        users::User,
    },
};

/// Lease of a mail; longer than sending one may take.
const LEASE: TimeDelta = TimeDelta::minutes(4);
/// Maximum of [`super::account_policy::AccountPolicy::mail_delay`].
pub const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(1);

/// A leased mail, ready to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub id: i64,
    /// For `Message-ID`: the same at each try, unless each try has its own token.
    pub message_id: String,
    pub recipient: String,
    /// As a language tag.
    pub language: Option<String>,
    pub content: MailContent,
    /// Not sent: there is no such account, or a limit is reached. Prepared anyway, since timing must not reveal that.
    pub is_dropped: bool,
    attempts: i64,
    created_at: NaiveDateTime,
}

impl Outgoing {
    /// Id and attempts, which identify the lease.
    fn lease_key(&self) -> (i64, i64) {
        (self.id, self.attempts)
    }
}

/// How sending failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Temporary: a retry may succeed.
    Passing,
    /// Permanent refusal by the mail server.
    Final,
}

/// The mail queue in the database. Clones share all state.
#[derive(Debug, Clone)]
pub struct Outbox {
    writer: Writer,
    code_key: CodeKey,
}

impl Outbox {
    #[must_use]
    pub fn new(writer: Writer, code_key: CodeKey) -> Self {
        Self { writer, code_key }
    }

    /// Waits until this instance puts a mail into the outbox.
    pub async fn posted(&self) {
        self.writer.mail_posted.notified().await;
    }

    /// Leases the next due mail for four minutes; without a recorded result by then it is due again. Skips mails that
    /// cannot be prepared, until `is_stopping`.
    ///
    /// # Errors
    /// Database errors.
    pub async fn next(&self, is_stopping: impl Fn() -> bool) -> Result<Option<Outgoing>, StoreError> {
        while !is_stopping() {
            let due_at = due(self.writer.clock.now());
            // A read blocks no writer.
            if !self.writer.database.run(move |connection| store::outbox::is_due(connection, due_at)).await? {
                return Ok(None);
            }
            let clock = self.writer.clock;
            // In its own transaction, or a mail that cannot be prepared would be the next one again.
            let lease =
                self.writer.database.write(move |db| store::outbox::lease(db, due(clock.now()), clock.now() + LEASE));
            let Some(row) = lease.await? else { return Ok(None) };
            // Read after the wait for the database: the token is as old as the mail.
            let now = clock.now();
            let (lease_key, created_at) = ((row.id, row.attempts), row.created_at);
            match self.prepare(row, now).await {
                Ok(outgoing) => return Ok(Some(outgoing)),
                Err(StoreError::Fault(error)) => {
                    tracing::error!(mail = lease_key.0, error, "failed to prepare mail");
                    self.postpone(lease_key, now, next_try(lease_key.1, created_at, now), error).await?;
                }
                Err(error) => {
                    // If this fails too, the lease expires.
                    let _ = self.release_lease(lease_key).await;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    async fn prepare(&self, row: Row, now: NaiveDateTime) -> Result<Outgoing, StoreError> {
        let key = self.code_key.clone();
        let client = Client { peer: row.peer.clone(), user_agent: row.user_agent.clone(), ..Client::default() };
        self.writer
            .change_at(now, &client, move |change| {
                let lease_key = (row.id, row.attempts);
                let outgoing = change.prepare(row, &key)?;
                if outgoing.is_dropped {
                    // Here, so that other instances see this decision when they decide about similar mails.
                    store::outbox::settle(change.connection, lease_key, MailState::Dropped, None, now)?;
                }
                Ok(outgoing)
            })
            .await
    }

    /// The number of pending mails and the age of the oldest.
    ///
    /// # Errors
    /// Database errors.
    pub async fn pending(&self) -> Result<(u64, TimeDelta), StoreError> {
        let (count, oldest) = self.writer.database.run(store::outbox::pending).await?;
        let age = oldest.map_or(TimeDelta::zero(), |oldest| self.writer.clock.now() - oldest);
        Ok((count.unsigned_abs(), age))
    }

    /// Records that the mail server accepted the mail.
    ///
    /// # Errors
    /// Database errors: the mail is sent again.
    pub async fn sent(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let (lease_key, now) = (outgoing.lease_key(), self.writer.clock.now());
        self.writer.database.write(move |db| store::outbox::settle(db, lease_key, MailState::Sent, None, now)).await
    }

    /// Records a dropped mail, with as many writes as for a sent one.
    ///
    /// # Errors
    /// Database errors.
    pub async fn dropped(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let (id, now) = (outgoing.id, self.writer.clock.now());
        self.writer.database.write(move |db| store::outbox::note_dropped(db, id, now)).await
    }

    /// Releases the lease: the mail is due again.
    ///
    /// # Errors
    /// Database errors: the mail is due when the lease expires.
    pub async fn release(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        self.release_lease(outgoing.lease_key()).await
    }

    async fn release_lease(&self, lease_key: (i64, i64)) -> Result<(), StoreError> {
        self.writer.database.write(move |db| store::outbox::release(db, lease_key)).await
    }

    /// Records a failure. Returns the time of the next try; `None`: none.
    ///
    /// # Errors
    /// Database errors: the mail is due when the lease expires.
    pub async fn failed(
        &self,
        outgoing: &Outgoing,
        failure: Failure,
        error: String,
    ) -> Result<Option<NaiveDateTime>, StoreError> {
        let now = self.writer.clock.now();
        let next = match failure {
            Failure::Final if is_final(outgoing.attempts) => None,
            _ => next_try(outgoing.attempts, outgoing.created_at, now),
        };
        self.postpone(outgoing.lease_key(), now, next, error).await?;
        Ok(next)
    }

    /// Sets the next try; `None`: none.
    async fn postpone(
        &self,
        lease_key: (i64, i64),
        now: NaiveDateTime,
        next: Option<NaiveDateTime>,
        error: String,
    ) -> Result<(), StoreError> {
        self.writer
            .database
            .write(move |db| match next {
                Some(next) => store::outbox::postpone(db, lease_key, &error, next),
                None => store::outbox::settle(db, lease_key, MailState::Dead, Some(&error), now),
            })
            .await
    }
}

fn due(now: NaiveDateTime) -> Due {
    Due {
        now,
        latest_first: now + LONGEST_DELAY + CLOCK_SKEW,
        latest_try: now + LONGEST_WAIT + CLOCK_SKEW,
        latest_lease: now + LEASE + CLOCK_SKEW,
    }
}

impl Change<'_> {
    fn prepare(&mut self, row: Row, key: &CodeKey) -> Result<Outgoing, StoreError> {
        // An unreadable row may be of a later version, which will send it.
        let kind: MailKind = serde_json::from_str(&row.detail).map_err(|error| StoreError::fault(&error))?;
        let user = match row.user_id {
            Some(id) => store::users::lock(self.connection, id)?,
            None => match store::users::find_by_email(self.connection, &row.recipient)? {
                Some(user) => store::users::lock(self.connection, user.account.id)?,
                None => None,
            },
        };
        // A concurrent change may have dropped it.
        let is_held = store::outbox::is_held(self.connection, row.id, row.attempts)?;
        let may_send = is_held && self.may_send(&row, &kind)?;
        if let (true, false, MailKind::VerifyEmail { claim: Some(_) }, Some(user)) = (is_held, may_send, &kind, &user) {
            self.delete_surplus_claims(&kind, user.account.id)?;
        }
        let content = if may_send { self.content(&row, &kind, user, key)? } else { None };
        let is_dropped = content.is_none();
        let (content, recipient_user) = content.unwrap_or_else(|| (kind.stand_in(), None));
        let chosen = recipient_user.and_then(|user| user.language);
        let language = match kind {
            // Of the claim; the first sign-up may be an attacker's.
            MailKind::VerifyEmail { claim: Some(_) } => row.language.or(chosen),
            // The user chose the account's language; the request may be another client's.
            _ => chosen.or(row.language),
        };
        let Row { id, recipient, attempts, created_at, .. } = row;
        let message_id = match &content {
            // Mailboxes discard the second of two equal ids, and the newest token counts.
            MailContent::VerifyEmail { .. }
            | MailContent::ConfirmNewEmail { .. }
            | MailContent::ResetPassword { .. } => {
                format!("{}.{attempts}", row.message_id)
            }
            _ => row.message_id,
        };
        Ok(Outgoing { id, message_id, recipient, language, content, is_dropped, attempts, created_at })
    }

    /// The content of a mail, and its account.
    fn content(
        &mut self,
        row: &Row,
        kind: &MailKind,
        user: Option<User>,
        key: &CodeKey,
    ) -> Result<Option<(MailContent, Option<User>)>, StoreError> {
        let has_address = |user: &User| user.account.email.as_deref() == Some(row.recipient.as_str());
        let content = match kind {
            // Notices of past events, regardless of later ones.
            MailKind::PasswordChanged { at } => MailContent::PasswordChanged { at: *at },
            MailKind::EmailChanged { at, address } => MailContent::EmailChanged { at: *at, address: address.clone() },
            MailKind::AccountDeleted { at } => MailContent::AccountDeleted { at: *at },
            _ => {
                let is_reset = matches!(kind, MailKind::ResetPassword);
                let active = user.filter(|user| user.account.is_active);
                let Some(user) = active.filter(|user| matches!(kind, MailKind::ConfirmNewEmail) || has_address(user))
                else {
                    if is_reset {
                        self.record(Event::PasswordResetRequested, false, None)?;
                    }
                    return Ok(None);
                };
                if is_reset && row.attempts == 1 {
                    self.record(Event::PasswordResetRequested, true, user.account.id)?;
                }
                return self.requested(row, kind, user, key);
            }
        };
        Ok(Some((content, user)))
    }

    /// A requested mail, if it may be sent.
    fn requested(
        &mut self,
        row: &Row,
        kind: &MailKind,
        user: User,
        key: &CodeKey,
    ) -> Result<Option<(MailContent, Option<User>)>, StoreError> {
        let token = Token::random();
        let content = match kind {
            MailKind::VerifyEmail { claim } => {
                let has_claim = match claim {
                    Some(claim) => store::claims::find(self.connection, user.account.id, *claim)?.is_some(),
                    None => true,
                };
                if user.account.is_verified || !has_claim {
                    return Ok(None);
                }
                let code = Code::random();
                let mac = (code.mac(key, &token.hash()), self.now + TimeDelta::minutes(CODE_MINUTES.into()));
                let mailed = (TokenPurpose::VerifyEmail, *claim, TimeDelta::hours(VERIFICATION_LINK_HOURS.into()));
                let code_of_mail = (mac, self.prior_tries(row, user.account.id, *claim)?);
                self.store_token(&token, user.account.id, &row.recipient, mailed, Some(code_of_mail))?;
                MailContent::VerifyEmail { token, code }
            }
            MailKind::ConfirmNewEmail => {
                let owner = store::users::find_by_email(self.connection, &row.recipient)?;
                if let Some(owner) = owner {
                    // The owner of the address is notified, not the requesting client.
                    let exists = MailKind::AccountExists;
                    store::outbox::convert(self.connection, row.id, &exists, owner.account.id)?;
                    let is_notified = owner.account.is_active && self.is_within_limits(row, &exists)?;
                    return Ok(is_notified.then_some((MailContent::AccountExists, Some(owner))));
                }
                self.store_change_token(&token, user.account.id, &row.recipient, row.created_at)?;
                MailContent::ConfirmNewEmail { token }
            }
            MailKind::ResetPassword => {
                let mailed = (TokenPurpose::ResetPassword, None, TimeDelta::minutes(RESET_LINK_MINUTES.into()));
                self.store_token(&token, user.account.id, &row.recipient, mailed, None)?;
                MailContent::ResetPassword { token }
            }
            _ => MailContent::AccountExists,
        };
        Ok(Some((content, Some(user))))
    }
}
