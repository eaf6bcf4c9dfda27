//! From a cause in the outbox to what a mail says. Who may get one, and with which token, is decided here, at the moment it
//! is made; sending it is for `mail/`.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    Accounts, CLOCK_SKEW, Change, CodeKey,
    audit::{Client, Event},
    email_verification::{CODE_MINUTES, LINK_HOURS},
    letters::{Content, Letter},
    password_reset::LINK_MINUTES,
    retries::{LONGEST_WAIT, is_believed, next_try},
    token::{Code, Token},
};
use crate::store::{
    self, StoreError,
    mail_tokens::{NewMailToken, Purpose, Tries},
    outbox::{Due, Outcome, Row},
    users::User,
};

/// How long a mail is this instance's alone; longer than sending one may take.
const LEASE: TimeDelta = TimeDelta::minutes(4);
/// The most that [`super::Rules::mail_delay`] may be.
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
    pub content: Content,
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

impl Accounts {
    /// Takes the next mail that is due. It is this instance's for four minutes; if nobody says by then what became of it, it
    /// is due again. Mails that cannot be made are passed over until `is_stopping`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_mail(&self, is_stopping: impl Fn() -> bool) -> Result<Option<Outgoing>, StoreError> {
        while !is_stopping() {
            let due_at = due(self.clock.now());
            // Only looking keeps nobody from writing.
            if !self.database.run(move |connection| store::outbox::is_due(connection, due_at)).await? {
                return Ok(None);
            }
            let clock = self.clock;
            // In a transaction of its own, so that a mail that cannot be made is not the next one again.
            let lease = self.database.write(move |db| store::outbox::lease(db, due(clock.now()), clock.now() + LEASE));
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
                    let _ = self.release(held).await;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    async fn make(&self, row: Row, now: NaiveDateTime) -> Result<Outgoing, StoreError> {
        let (key, rules, written) = (self.code_key.clone(), Arc::clone(&self.rules), Arc::clone(&self.written));
        self.database
            .write(move |connection| {
                let (peer, user_agent) = (row.peer.clone(), row.user_agent.clone());
                let client = Client { peer, user_agent, ..Client::default() };
                let held = (row.id, row.attempts);
                let mut change = Change { connection, now, client, rules, written, has_posted: false };
                let made = change.make(row, &key)?;
                if made.is_dropped {
                    // Here, so that another instance that decides about a mail like it sees what was decided about this one.
                    store::outbox::settle(connection, held, Outcome::Dropped, None, now)?;
                }
                Ok(made)
            })
            .await
    }

    /// How many mails wait to be sent, and for how long the oldest of them has.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn pending_mails(&self) -> Result<(u64, TimeDelta), StoreError> {
        let (count, oldest) = self.database.run(store::outbox::pending).await?;
        let age = oldest.map_or(TimeDelta::zero(), |oldest| self.clock.now() - oldest);
        Ok((count.unsigned_abs(), age))
    }

    /// It was taken by the mail server.
    ///
    /// # Errors
    /// Those of the database: then it is sent once more.
    pub async fn mail_sent(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let (held, now) = (outgoing.held(), self.clock.now());
        self.database.write(move |db| store::outbox::settle(db, held, Outcome::Sent, None, now)).await
    }

    /// Records a mail that was made and not sent, by as many writes as one that was sent.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mail_dropped(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let (id, now) = (outgoing.id, self.clock.now());
        self.database.write(move |db| store::outbox::note_dropped(db, id, now)).await
    }

    /// It is not sent now, and due again.
    ///
    /// # Errors
    /// Those of the database: then it is due when the lease ends.
    pub async fn release_mail(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        self.release(outgoing.held()).await
    }

    async fn release(&self, held: (i64, i64)) -> Result<(), StoreError> {
        self.database.write(move |db| store::outbox::release(db, held)).await
    }

    /// It was not. Says when it is tried again; `None`: never.
    ///
    /// # Errors
    /// Those of the database: then it is due when the lease ends.
    pub async fn mail_failed(
        &self,
        outgoing: &Outgoing,
        failure: Failure,
        error: String,
    ) -> Result<Option<NaiveDateTime>, StoreError> {
        let now = self.clock.now();
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
        self.database
            .write(move |db| match next {
                Some(next) => store::outbox::postpone(db, held, &error, next),
                None => store::outbox::settle(db, held, Outcome::Dead, Some(&error), now),
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
        let letter: Letter = serde_json::from_str(&row.detail).map_err(|error| StoreError::fault(&error))?;
        let user = match row.user_id {
            Some(id) => store::users::lock(self.connection, id)?,
            None => match store::users::find_by_email(self.connection, &row.recipient)? {
                Some(user) => store::users::lock(self.connection, user.account.id)?,
                None => None,
            },
        };
        // Whoever had the account locked may have dropped it.
        let is_held = store::outbox::is_held(self.connection, row.id, row.attempts)?;
        let may_send = is_held && self.may_send(&row, &letter)?;
        if let (true, false, Letter::VerifyEmail { claim: Some(_) }, Some(user)) = (is_held, may_send, &letter, &user) {
            self.thin_out_claims(&letter, user.account.id)?;
        }
        let wanted = if may_send { self.content(&row, &letter, user, key)? } else { None };
        let is_dropped = wanted.is_none();
        let (content, reader) = wanted.unwrap_or_else(|| (letter.stand_in(), None));
        let chosen = reader.and_then(|user| user.language);
        let language = match letter {
            // Of this sign-up; the first one's may be a stranger's.
            Letter::VerifyEmail { claim: Some(_) } => row.language.or(chosen),
            // Whoever has the account chose its language; whoever asked for a mail may be a stranger.
            _ => chosen.or(row.language),
        };
        let Row { id, recipient, attempts, created_at, .. } = row;
        let message_id = match &content {
            // Mailboxes keep the first of two that are named alike, and the newest token counts.
            Content::VerifyEmail { .. } | Content::ConfirmNewEmail { .. } | Content::ResetPassword { .. } => {
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
        letter: &Letter,
        user: Option<User>,
        key: &CodeKey,
    ) -> Result<Option<(Content, Option<User>)>, StoreError> {
        let is_theirs = |user: &User| user.account.email.as_deref() == Some(row.recipient.as_str());
        let content = match letter {
            // They tell what was done, whatever was done since.
            Letter::PasswordChanged { at } => Content::PasswordChanged { at: *at },
            Letter::EmailChanged { at, address } => Content::EmailChanged { at: *at, address: address.clone() },
            Letter::AccountDeleted { at } => Content::AccountDeleted { at: *at },
            _ => {
                let is_reset = matches!(letter, Letter::ResetPassword);
                let active = user.filter(|user| user.account.is_active);
                let Some(user) = active.filter(|user| matches!(letter, Letter::ConfirmNewEmail) || is_theirs(user))
                else {
                    if is_reset {
                        self.record(Event::PasswordResetRequested, false, None)?;
                    }
                    return Ok(None);
                };
                if is_reset && row.attempts == 1 {
                    self.record(Event::PasswordResetRequested, true, user.account.id)?;
                }
                return self.wanted(row, letter, user, key);
            }
        };
        Ok(Some((content, user)))
    }

    /// A mail that somebody asked for, if it may be sent.
    fn wanted(
        &mut self,
        row: &Row,
        letter: &Letter,
        user: User,
        key: &CodeKey,
    ) -> Result<Option<(Content, Option<User>)>, StoreError> {
        let token = Token::random();
        let content = match letter {
            Letter::VerifyEmail { claim } => {
                let has_claim = match claim {
                    Some(claim) => store::claims::find(self.connection, user.account.id, *claim)?.is_some(),
                    None => true,
                };
                if user.account.is_verified || !has_claim {
                    return Ok(None);
                }
                let code = Code::random();
                let mac = (code.mac(key, &token.hash()), self.now + TimeDelta::minutes(CODE_MINUTES.into()));
                let mailed = (Purpose::VerifyEmail, *claim, TimeDelta::hours(LINK_HOURS.into()));
                let code_of_mail = (mac, self.tried_of(row, user.account.id, *claim)?);
                self.keep_token(&token, user.account.id, &row.recipient, mailed, Some(code_of_mail))?;
                Content::VerifyEmail { token, code }
            }
            Letter::ConfirmNewEmail => {
                let owner = store::users::find_by_email(self.connection, &row.recipient)?;
                if let Some(owner) = owner {
                    // The one who asked is not told; the one who has the address is.
                    let exists = Letter::AccountExists;
                    store::outbox::convert(self.connection, row.id, &exists, owner.account.id)?;
                    let is_told = owner.account.is_active && self.is_within_limits(row, &exists)?;
                    return Ok(is_told.then_some((Content::AccountExists, Some(owner))));
                }
                self.keep_change(&token, user.account.id, &row.recipient, row.created_at)?;
                Content::ConfirmNewEmail { token }
            }
            Letter::ResetPassword => {
                let mailed = (Purpose::ResetPassword, None, TimeDelta::minutes(LINK_MINUTES.into()));
                self.keep_token(&token, user.account.id, &row.recipient, mailed, None)?;
                Content::ResetPassword { token }
            }
            _ => Content::AccountExists,
        };
        Ok(Some((content, Some(user))))
    }

    /// Keeps the token that proves the address which an account is to have. It counts as of the moment in which it was asked
    /// for: what is shown of it must not depend on when its mail is made, or whether.
    pub(super) fn keep_change(
        &mut self,
        token: &Token,
        user_id: i64,
        sent_to: &str,
        asked_at: NaiveDateTime,
    ) -> Result<(), StoreError> {
        NewMailToken {
            token: &token.hash(),
            purpose: Purpose::ChangeEmail,
            user_id,
            claim_id: None,
            sent_to,
            code: None,
            tried: Tries::default(),
            created_at: asked_at,
            expires_at: self.now + TimeDelta::hours(LINK_HOURS.into()),
        }
        .insert(self.connection)
    }

    fn keep_token(
        &mut self,
        token: &Token,
        user_id: i64,
        sent_to: &str,
        (purpose, claim_id, lifetime): (Purpose, Option<i64>, TimeDelta),
        code: Option<((Vec<u8>, NaiveDateTime), Tries)>,
    ) -> Result<(), StoreError> {
        let (code, tried) = code.map(|(code, tried)| (Some(code), tried)).unwrap_or_default();
        NewMailToken {
            token: &token.hash(),
            purpose,
            user_id,
            claim_id,
            sent_to,
            code,
            tried,
            created_at: self.now,
            expires_at: self.now + lifetime,
        }
        .insert(self.connection)
    }
}
