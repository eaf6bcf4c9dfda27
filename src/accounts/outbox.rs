//! From a cause in the outbox to what a mail says. Who may get one, and with which token, is decided here, at the moment it
//! is made; sending it is for `mail/`.

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    change::{Change, Writer},
    retries::{LONGEST_WAIT, is_believed, next_try},
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

/// How long a mail is this instance's alone; longer than sending one may take.
const LEASE: TimeDelta = TimeDelta::minutes(4);
/// The most that [`super::rules::Rules::mail_delay`] may be.
pub const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(1);
/// A mail that is to be sent now.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub id: i64,
    /// What names it to mail servers: the same at each try, but where each try has a token of its own.
    pub message_id: String,
    pub recipient: String,
    /// As a language tag.
    pub language: Option<String>,
    pub content: MailContent,
    /// It is not sent: there is no such account, or enough was sent. It is made like any other, since the time that it takes
    /// must not tell.
    pub is_dropped: bool,
    attempts: i64,
    created_at: NaiveDateTime,
}

impl Outgoing {
    /// What says that it is still this instance's.
    fn held(&self) -> (i64, i64) {
        (self.id, self.attempts)
    }
}

/// How sending failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Another try may go better.
    Passing,
    /// The mail server refuses it for good.
    Final,
}

/// The mails that wait in the database. Clones share everything.
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

    /// Returns when a mail was put into the outbox by this instance.
    pub async fn posted(&self) {
        self.writer.mail_posted.notified().await;
    }

    /// Takes the next mail that is due. It is this instance's for four minutes; if nobody says by then what became of it, it
    /// is due again. Mails that cannot be made are passed over until `is_stopping`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next(&self, is_stopping: impl Fn() -> bool) -> Result<Option<Outgoing>, StoreError> {
        while !is_stopping() {
            let due_at = due(self.writer.clock.now());
            // Only looking keeps nobody from writing.
            if !self.writer.database.run(move |connection| store::outbox::is_due(connection, due_at)).await? {
                return Ok(None);
            }
            let clock = self.writer.clock;
            // In a transaction of its own, so that a mail that cannot be made is not the next one again.
            let lease =
                self.writer.database.write(move |db| store::outbox::lease(db, due(clock.now()), clock.now() + LEASE));
            let Some(row) = lease.await? else { return Ok(None) };
            // Not that of before the wait for the database: the token is as old as the mail.
            let now = clock.now();
            let (held, created_at) = ((row.id, row.attempts), row.created_at);
            match self.make(row, now).await {
                Ok(outgoing) => return Ok(Some(outgoing)),
                Err(StoreError::Fault(error)) => {
                    tracing::error!(mail = held.0, error, "a mail could not be made");
                    self.put_off(held, now, next_try(held.1, created_at, now), error).await?;
                }
                Err(error) => {
                    // Where the database takes that; otherwise the lease runs out.
                    let _ = self.release_held(held).await;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    async fn make(&self, row: Row, now: NaiveDateTime) -> Result<Outgoing, StoreError> {
        let key = self.code_key.clone();
        let client = Client { peer: row.peer.clone(), user_agent: row.user_agent.clone(), ..Client::default() };
        self.writer
            .change_at(now, &client, move |change| {
                let held = (row.id, row.attempts);
                let made = change.make(row, &key)?;
                if made.is_dropped {
                    // Here, so that another instance that decides about a mail like it sees what was decided about this one.
                    store::outbox::settle(change.connection, held, MailState::Dropped, None, now)?;
                }
                Ok(made)
            })
            .await
    }

    /// How many mails wait to be sent, and for how long the oldest of them has.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn pending(&self) -> Result<(u64, TimeDelta), StoreError> {
        let (count, oldest) = self.writer.database.run(store::outbox::pending).await?;
        let age = oldest.map_or(TimeDelta::zero(), |oldest| self.writer.clock.now() - oldest);
        Ok((count.unsigned_abs(), age))
    }

    /// It was taken by the mail server.
    ///
    /// # Errors
    /// Those of the database: then it is sent once more.
    pub async fn sent(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let (held, now) = (outgoing.held(), self.writer.clock.now());
        self.writer.database.write(move |db| store::outbox::settle(db, held, MailState::Sent, None, now)).await
    }

    /// Records a mail that was made and not sent, by as many writes as one that was sent.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn dropped(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let (id, now) = (outgoing.id, self.writer.clock.now());
        self.writer.database.write(move |db| store::outbox::note_dropped(db, id, now)).await
    }

    /// It is not sent now, and due again.
    ///
    /// # Errors
    /// Those of the database: then it is due when the lease ends.
    pub async fn release(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        self.release_held(outgoing.held()).await
    }

    async fn release_held(&self, held: (i64, i64)) -> Result<(), StoreError> {
        self.writer.database.write(move |db| store::outbox::release(db, held)).await
    }

    /// It was not. Says when it is tried again; `None`: never.
    ///
    /// # Errors
    /// Those of the database: then it is due when the lease ends.
    pub async fn failed(
        &self,
        outgoing: &Outgoing,
        failure: Failure,
        error: String,
    ) -> Result<Option<NaiveDateTime>, StoreError> {
        let now = self.writer.clock.now();
        let next = match failure {
            Failure::Final if is_believed(outgoing.attempts) => None,
            _ => next_try(outgoing.attempts, outgoing.created_at, now),
        };
        self.put_off(outgoing.held(), now, next, error).await?;
        Ok(next)
    }

    /// Until `next`, or for good.
    async fn put_off(
        &self,
        held: (i64, i64),
        now: NaiveDateTime,
        next: Option<NaiveDateTime>,
        error: String,
    ) -> Result<(), StoreError> {
        self.writer
            .database
            .write(move |db| match next {
                Some(next) => store::outbox::postpone(db, held, &error, next),
                None => store::outbox::settle(db, held, MailState::Dead, Some(&error), now),
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
    fn make(&mut self, row: Row, key: &CodeKey) -> Result<Outgoing, StoreError> {
        // One that cannot be read may be of a later version, which will send it.
        let kind: MailKind = serde_json::from_str(&row.detail).map_err(|error| StoreError::fault(&error))?;
        let user = match row.user_id {
            Some(id) => store::users::lock(self.connection, id)?,
            None => match store::users::find_by_email(self.connection, &row.recipient)? {
                Some(user) => store::users::lock(self.connection, user.account.id)?,
                None => None,
            },
        };
        // Whoever had the account locked may have dropped it.
        let is_held = store::outbox::is_held(self.connection, row.id, row.attempts)?;
        let may_send = is_held && self.may_send(&row, &kind)?;
        if let (true, false, MailKind::VerifyEmail { claim: Some(_) }, Some(user)) = (is_held, may_send, &kind, &user) {
            self.thin_out_claims(&kind, user.account.id)?;
        }
        let wanted = if may_send { self.content(&row, &kind, user, key)? } else { None };
        let is_dropped = wanted.is_none();
        let (content, reader) = wanted.unwrap_or_else(|| (kind.stand_in(), None));
        let chosen = reader.and_then(|user| user.language);
        let language = match kind {
            // Of this sign-up; the first one's may be a stranger's.
            MailKind::VerifyEmail { claim: Some(_) } => row.language.or(chosen),
            // Whoever has the account chose its language; whoever asked for a mail may be a stranger.
            _ => chosen.or(row.language),
        };
        let Row { id, recipient, attempts, created_at, .. } = row;
        let message_id = match &content {
            // Mailboxes keep the first of two that are named alike, and the newest token counts.
            MailContent::VerifyEmail { .. }
            | MailContent::ConfirmNewEmail { .. }
            | MailContent::ResetPassword { .. } => {
                format!("{}.{attempts}", row.message_id)
            }
            _ => row.message_id,
        };
        Ok(Outgoing { id, message_id, recipient, language, content, is_dropped, attempts, created_at })
    }

    /// What it says, and to whose account it is.
    fn content(
        &mut self,
        row: &Row,
        kind: &MailKind,
        user: Option<User>,
        key: &CodeKey,
    ) -> Result<Option<(MailContent, Option<User>)>, StoreError> {
        let is_theirs = |user: &User| user.account.email.as_deref() == Some(row.recipient.as_str());
        let content = match kind {
            // They tell what was done, whatever was done since.
            MailKind::PasswordChanged { at } => MailContent::PasswordChanged { at: *at },
            MailKind::EmailChanged { at, address } => MailContent::EmailChanged { at: *at, address: address.clone() },
            MailKind::AccountDeleted { at } => MailContent::AccountDeleted { at: *at },
            _ => {
                let is_reset = matches!(kind, MailKind::ResetPassword);
                let active = user.filter(|user| user.account.is_active);
                let Some(user) = active.filter(|user| matches!(kind, MailKind::ConfirmNewEmail) || is_theirs(user))
                else {
                    if is_reset {
                        self.record(Event::PasswordResetRequested, false, None)?;
                    }
                    return Ok(None);
                };
                if is_reset && row.attempts == 1 {
                    self.record(Event::PasswordResetRequested, true, user.account.id)?;
                }
                return self.wanted(row, kind, user, key);
            }
        };
        Ok(Some((content, user)))
    }

    /// A mail that somebody asked for, if it may be sent.
    fn wanted(
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
                let code_of_mail = (mac, self.tried_of(row, user.account.id, *claim)?);
                self.keep_token(&token, user.account.id, &row.recipient, mailed, Some(code_of_mail))?;
                MailContent::VerifyEmail { token, code }
            }
            MailKind::ConfirmNewEmail => {
                let owner = store::users::find_by_email(self.connection, &row.recipient)?;
                if let Some(owner) = owner {
                    // The one who asked is not told; the one who has the address is.
                    let exists = MailKind::AccountExists;
                    store::outbox::convert(self.connection, row.id, &exists, owner.account.id)?;
                    let is_told = owner.account.is_active && self.is_within_limits(row, &exists)?;
                    return Ok(is_told.then_some((MailContent::AccountExists, Some(owner))));
                }
                self.keep_change(&token, user.account.id, &row.recipient, row.created_at)?;
                MailContent::ConfirmNewEmail { token }
            }
            MailKind::ResetPassword => {
                let mailed = (TokenPurpose::ResetPassword, None, TimeDelta::minutes(RESET_LINK_MINUTES.into()));
                self.keep_token(&token, user.account.id, &row.recipient, mailed, None)?;
                MailContent::ResetPassword { token }
            }
            _ => MailContent::AccountExists,
        };
        Ok(Some((content, Some(user))))
    }
}
