//! From a cause in the outbox to what a mail says. Who may get one, and with which token, is decided here, at the moment it
//! is made; sending it is for `mail/`.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    Accounts, Change, CodeKey,
    audit::{Client, Event},
    email_verification::{CODE_MINUTES, LINK_HOURS},
    letters::Letter,
    password_reset::LINK_MINUTES,
    token::{Code, Token},
};
use crate::store::{
    self, StoreError,
    mail_tokens::{NewMailToken, Purpose},
    outbox::{Outcome, Row},
    users::User,
};

/// How long a mail is this instance's alone; longer than sending one may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The first wait after a failure; each one after is twice as long, up to the longest.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(10);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// After so long a mail that could not be sent is given up.
const PATIENCE: TimeDelta = TimeDelta::days(3);

/// A mail that is to be sent now.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub id: i64,
    /// What names it to mail servers, the same at each try.
    pub message_id: String,
    pub recipient: String,
    /// As a language tag.
    pub language: Option<String>,
    pub content: Content,
    attempts: i64,
    created_at: NaiveDateTime,
}

/// What a mail says.
#[derive(Debug, Clone)]
pub enum Content {
    VerifyEmail { token: Token, code: Code },
    ConfirmNewEmail { token: Token },
    AccountExists,
    ResetPassword { token: Token },
    PasswordChanged { at: NaiveDateTime },
    EmailChanged { at: NaiveDateTime, address: String },
    AccountDeleted { at: NaiveDateTime },
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
    /// Takes the next mail that is due. It is this instance's for a minute; if nobody says by then what became of it, it
    /// is due again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_mail(&self) -> Result<Option<Outgoing>, StoreError> {
        loop {
            let now = self.clock.now();
            // Only looking keeps nobody from writing.
            if !self.database.run(move |connection| store::outbox::is_due(connection, now)).await? {
                return Ok(None);
            }
            let key = self.code_key.clone();
            let rules = Arc::clone(&self.rules);
            let next = self.database.write(move |connection| {
                let Some(row) = store::outbox::lease(connection, now, now + LEASE)? else { return Ok(None) };
                let mut change = Change { connection, now, client: Client::default(), rules, has_posted: false };
                let id = row.id;
                let made = change.make(row, &key)?;
                if made.is_none() {
                    store::outbox::settle(change.connection, id, Outcome::Dropped, None, now)?;
                }
                Ok::<_, StoreError>(Some(made))
            });
            match next.await? {
                None => return Ok(None),
                Some(Some(outgoing)) => return Ok(Some(outgoing)),
                // Dropped; perhaps the next one.
                Some(None) => {}
            }
        }
    }

    /// It was taken by the mail server.
    ///
    /// # Errors
    /// Those of the database: then it is sent once more.
    pub async fn mail_sent(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let (id, now) = (outgoing.id, self.clock.now());
        self.database.write(move |db| store::outbox::settle(db, id, Outcome::Sent, None, now)).await
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
        let (id, now) = (outgoing.id, self.clock.now());
        let next = now + wait(outgoing.attempts);
        let next = (failure == Failure::Passing && next < outgoing.created_at + PATIENCE).then_some(next);
        self.database
            .write(move |db| match next {
                Some(next) => store::outbox::postpone(db, id, &error, next),
                None => store::outbox::settle(db, id, Outcome::Dead, Some(&error), now),
            })
            .await?;
        Ok(next)
    }
}

/// Before the next try, after so many.
fn wait(attempts: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT)
}

impl Change<'_> {
    /// `None`: there is nobody to send it to any more, or enough was sent.
    fn make(&mut self, row: Row, key: &CodeKey) -> Result<Option<Outgoing>, StoreError> {
        let letter: Letter = match serde_json::from_str(&row.detail) {
            Ok(letter) => letter,
            Err(error) => {
                // Of a later version, perhaps. It must not stand in the way of the others.
                tracing::error!(mail = row.id, %error, "a mail in the outbox cannot be read");
                return Ok(None);
            }
        };
        let user = match row.user_id {
            Some(id) => store::users::lock(self.connection, id)?,
            None => match store::users::find_by_email(self.connection, &row.recipient)? {
                Some(user) => store::users::lock(self.connection, user.account.id)?,
                None => None,
            },
        };
        let Some(content) = self.content(&row, &letter, user.as_ref(), key)? else { return Ok(None) };
        // Whoever has the account chose its language; whoever asked for a mail may be a stranger.
        let language = user.and_then(|user| user.language).or(row.language);
        let Row { id, message_id, recipient, attempts, created_at, .. } = row;
        Ok(Some(Outgoing { id, message_id, recipient, language, content, attempts, created_at }))
    }

    fn content(
        &mut self,
        row: &Row,
        letter: &Letter,
        user: Option<&User>,
        key: &CodeKey,
    ) -> Result<Option<Content>, StoreError> {
        let is_theirs = |user: &&User| user.account.email.as_deref() == Some(row.recipient.as_str());
        let active = user.filter(|user| user.account.is_active);
        match letter {
            Letter::VerifyEmail { claim } => {
                let Some(user) = active.filter(is_theirs).filter(|user| !user.account.is_verified) else {
                    return Ok(None);
                };
                if !self.may_send(row, letter)? {
                    return Ok(None);
                }
                let (token, code) = (Token::random(), Code::random());
                let mac = code.mac(key, &token.hash());
                let code_expires_at = self.now + minutes(CODE_MINUTES);
                let mailed = (Purpose::VerifyEmail, *claim, minutes(LINK_HOURS * 60));
                self.keep_token(&token, user, &row.recipient, mailed, Some((mac, code_expires_at)))?;
                Ok(Some(Content::VerifyEmail { token, code }))
            }
            Letter::ConfirmNewEmail => {
                let Some(user) = active else { return Ok(None) };
                if store::users::find_by_email(self.connection, &row.recipient)?.is_some() {
                    // The one who asked is not told; the one who has it is.
                    let exists = Letter::AccountExists;
                    store::outbox::set_kind(self.connection, row.id, exists.name())?;
                    return Ok(self.may_send(row, &exists)?.then_some(Content::AccountExists));
                }
                if !self.may_send(row, letter)? {
                    return Ok(None);
                }
                let token = Token::random();
                let mailed = (Purpose::ChangeEmail, None, minutes(LINK_HOURS * 60));
                self.keep_token(&token, user, &row.recipient, mailed, None)?;
                Ok(Some(Content::ConfirmNewEmail { token }))
            }
            Letter::ResetPassword => {
                let Some(user) = active.filter(is_theirs) else { return Ok(None) };
                if !self.may_send(row, letter)? {
                    return Ok(None);
                }
                let token = Token::random();
                if row.attempts == 1 {
                    self.record(Event::PasswordResetRequested, true, user.account.id)?;
                }
                let mailed = (Purpose::ResetPassword, None, minutes(LINK_MINUTES));
                self.keep_token(&token, user, &row.recipient, mailed, None)?;
                Ok(Some(Content::ResetPassword { token }))
            }
            Letter::AccountExists => {
                let is_wanted = active.as_ref().is_some_and(is_theirs) && self.may_send(row, letter)?;
                Ok(is_wanted.then_some(Content::AccountExists))
            }
            // They tell what was done, whatever was done since.
            Letter::PasswordChanged { at } => Ok(Some(Content::PasswordChanged { at: *at })),
            Letter::EmailChanged { at, address } => {
                Ok(Some(Content::EmailChanged { at: *at, address: address.clone() }))
            }
            Letter::AccountDeleted { at } => Ok(Some(Content::AccountDeleted { at: *at })),
        }
    }

    /// Whether it is the newest of its kind, and not one too many.
    fn may_send(&mut self, row: &Row, letter: &Letter) -> Result<bool, StoreError> {
        if store::outbox::has_newer(self.connection, (row.id, &row.detail, &row.recipient))? {
            return Ok(false);
        }
        let Some(limits) = letter.limits() else { return Ok(true) };
        for (most, age) in [(limits.hour, TimeDelta::hours(1)), (limits.day, TimeDelta::days(1))] {
            let counted = (row.id, letter.name(), row.recipient.as_str());
            if store::outbox::count(self.connection, counted, self.now - age)? >= most {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn keep_token(
        &mut self,
        token: &Token,
        user: &User,
        sent_to: &str,
        (purpose, claim_id, lifetime): (Purpose, Option<i64>, TimeDelta),
        code: Option<(Vec<u8>, NaiveDateTime)>,
    ) -> Result<(), StoreError> {
        NewMailToken {
            token: &token.hash(),
            purpose,
            user_id: user.account.id,
            claim_id,
            sent_to,
            code,
            now: self.now,
            expires_at: self.now + lifetime,
        }
        .insert(self.connection)
    }
}

fn minutes(number: usize) -> TimeDelta {
    TimeDelta::minutes(i64::try_from(number).unwrap_or(i64::MAX / 60_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_an_hour() {
        let waits: Vec<i64> = (1..=12).map(|attempts| wait(attempts).num_seconds()).collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
        assert_eq!(wait(i64::MAX), LONGEST_WAIT);
    }
}
