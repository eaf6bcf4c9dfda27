//! What somebody who is signed in changes: the name, the address, the password.

use chrono::{NaiveDateTime, TimeDelta};

use super::{Accounts, limits::Attempt, rejection::Rejection, sessions::SignedIn};
use crate::{
    domain::{
        account::Account,
        audit::Event,
        client::Client,
        email::Email,
        field_error::FieldError,
        full_name::FullName,
        known_devices::Devices,
        mail_kind::MailKind,
        mailbox::mailbox_of,
        password::{Owner, Password},
        rate::Counter,
        secret::Secret,
        session::SessionKind,
        token::{Token, VERIFICATION_LINK_HOURS},
        username::Username,
    },
    store::{self, StoreError, mail_tokens::TokenPurpose, users::User},
};

/// What is to change; `None` stays as it is.
#[derive(Debug, Default)]
pub struct Changes {
    /// Nothing but white space takes it away.
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub password: Option<Secret>,
    /// The password as it is; needed for another address or password.
    pub current: Option<Secret>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Updated {
    /// The address that a mail went to, and that counts once its link is used.
    pub pending_email: Option<String>,
    /// In place of the one the browser has, after another password was set.
    pub token: Option<Token>,
    /// With it, what the browser's cookie is to say from now on.
    pub devices: Devices,
}

/// The changes once they satisfy the rules of the form.
struct Typed {
    /// Empty: it is taken away.
    full_name: Option<String>,
    email: Option<Email>,
    /// There where one of the others needs it.
    current: Option<Secret>,
    password: Option<Password>,
}

/// The changes once they were found good.
struct Valid {
    full_name: Option<String>,
    email: Option<Email>,
    /// Its hash.
    password: Option<String>,
}

impl Typed {
    fn is_empty(&self) -> bool {
        self.full_name.is_none() && self.email.is_none() && self.password.is_none()
    }
}

impl Accounts {
    /// Changes everything at once or nothing.
    ///
    /// Another address is only asked for: a mail goes there, and the answer is the same whether it has an account. With
    /// another password all other sessions end and everything that was mailed before is dead.
    ///
    /// # Errors
    /// [`Rejection::Input`] with every fault found; [`Rejection::NoMail`] for another address without a mail server;
    /// [`Rejection::TooMany`] for too many of them.
    pub async fn update(&self, signed_in: &SignedIn, changes: Changes, client: &Client) -> Result<Updated, Rejection> {
        let typed = self.parse_changes(signed_in, changes)?;
        let changing = self.limiter.consume(self.change_counter(signed_in.account().id, &typed)).await?;
        let updated = self.apply(signed_in, typed, client, changing.attempt()).await;
        if let Err(error) = &updated {
            changing.refund_after(error.may_be_committed()).await;
        }
        updated
    }

    /// What needs the password is counted by itself: a client that has a session alone cannot keep the owner from choosing
    /// another password.
    fn change_counter(&self, user_id: i64, typed: &Typed) -> Vec<Counter> {
        let rule = self.limiter.policy().and_then(|policy| policy.change).filter(|_| !typed.is_empty());
        let proof = if typed.current.is_some() { "password" } else { "session" };
        rule.map(|rule| self.limiter.counter(&rule, &[&user_id.to_string(), proof])).into_iter().collect()
    }

    async fn apply(
        &self,
        signed_in: &SignedIn,
        typed: Typed,
        client: &Client,
        changing: Attempt,
    ) -> Result<Updated, Rejection> {
        let valid = self.confirm(signed_in, typed, client).await?;
        let asked =
            self.consume_shared(self.change_of_address(signed_in, valid.email.as_ref(), client), client).await?;
        let (id, session_id, kind) = (signed_in.account().id, signed_in.session_id, signed_in.kind);
        let devices = valid.password.as_ref().map(|hash| client.devices.with_new(&self.device_key, id, hash));
        let devices = devices.unwrap_or_default();
        let asking = asked.attempt();
        let done = self.writer.change(client, move |change| {
            asking.count()?;
            changing.count()?;
            let now = change.now;
            let user = change.still(id, session_id)?;
            let mut updated = Updated { devices, ..Updated::default() };
            if let Some(full_name) = &valid.full_name {
                let full_name = Some(full_name.as_str()).filter(|name| !name.is_empty());
                store::users::set_full_name(change.connection, id, full_name, now)?;
                change.record(Event::ProfileChanged, true, id)?;
            }
            if let Some(hash) = &valid.password {
                store::users::set_password(change.connection, id, hash, now)?;
                // A browser gets another session, so that what was asked with the one before and is still on its way is asked in
                // vain. A program would have no way to learn of another token.
                let kept = Some(session_id).filter(|_| kind == SessionKind::Token);
                store::sessions::end_all(change.connection, id, kept)?;
                if kept.is_none() {
                    updated.token = Some(change.start_session(id, kind)?);
                }
                // Of an account that nobody has proven the owner may just be choosing a password of their own by mail; who holds
                // it must not be able to keep them from it.
                let spared = user.account.is_unverified().then_some(TokenPurpose::ResetPassword);
                change.revoke_links_except(id, spared)?;
                change.record(Event::PasswordChanged, true, id)?;
                if let Some(address) = &user.account.email {
                    change.post(&MailKind::PasswordChanged { at: now }, Some(id), address, user.language.as_deref())?;
                }
            }
            if let Some(email) = &valid.email {
                change.record(Event::EmailChangeRequested, true, id)?;
                // Which address waits for its proof, with a token that nobody has: that of the mail takes its place. What is
                // shown of it must not depend on whether there is a mail, since that depends on whether it has an account.
                change.keep_change(&Token::random(), id, email.as_str(), now)?;
                let language = change.client.language.clone();
                change.post(&MailKind::ConfirmNewEmail, Some(id), email.as_str(), language.as_deref())?;
                updated.pending_email = Some(email.as_str().to_owned());
            }
            Ok::<_, Rejection>(updated)
        });
        let done = done.await;
        if let Err(error) = &done {
            asked.refund_after(error.may_be_committed()).await;
        }
        done
    }

    /// What a mail to another address takes from: nothing where there is none.
    fn change_of_address(&self, signed_in: &SignedIn, email: Option<&Email>, client: &Client) -> Vec<Counter> {
        let (Some(policy), Some(email)) = (self.limiter.policy(), email) else { return Vec::new() };
        let own = self.limiter.of_account(policy.change_email_user, signed_in.account().id);
        let shared = self.limiter.counters(&policy.change_email, client.network(), Some(&mailbox_of(email.as_str())));
        own.into_iter().chain(shared).collect()
    }

    fn parse_changes(&self, signed_in: &SignedIn, changes: Changes) -> Result<Typed, Rejection> {
        let Changes { full_name, email, password, current } = changes;
        if email.is_some() && !self.rules().sends_mail {
            return Err(Rejection::NoMail);
        }
        let is_confirmed = email.is_some() || password.is_some();
        let parse =
            |typed: String| FullName::parse(&typed).map(|name| name.map(FullName::into_string).unwrap_or_default());
        let full_name = full_name.map(parse).transpose();
        let email = email.map(|typed| Email::parse(&typed)).transpose();
        let current = is_confirmed.then(|| asked(current)).transpose();
        let password = password.map(|typed| self.parse_new(signed_in.account(), typed)).transpose();
        match (full_name, email, current, password) {
            (Ok(full_name), Ok(email), Ok(current), Ok(password)) => Ok(Typed { full_name, email, current, password }),
            (full_name, email, current, password) => {
                let errors = [full_name.err(), email.err(), current.err(), password.err()];
                Err(Rejection::Input(errors.into_iter().flatten().collect()))
            }
        }
    }

    async fn confirm(&self, signed_in: &SignedIn, typed: Typed, client: &Client) -> Result<Valid, Rejection> {
        let Typed { full_name, email, current, password } = typed;
        if let Some(current) = current {
            self.confirm_password(signed_in, &current, client).await?;
        }
        let password = match password {
            Some(password) => Some(self.hash_new(&password).await?),
            None => None,
        };
        Ok(Valid { full_name, email, password })
    }

    /// A password that is chosen anew, for an account that may have an address and a username.
    pub(crate) fn parse_new(&self, account: &Account, typed: Secret) -> Result<Password, FieldError> {
        let email = account.email.as_deref().and_then(|email| Email::parse(email).ok());
        let username = account.username.as_deref().and_then(|name| Username::parse_any(name).ok());
        let owner = match (&email, &username) {
            (Some(email), Some(username)) => Owner::Both(email, username),
            (Some(email), None) => Owner::Email(email),
            (None, Some(username)) => Owner::Username(username),
            (None, None) => Owner::Unknown,
        };
        Password::parse(typed, &self.rules().password, owner)
    }

    /// The account as it is by now; `None` if it is gone.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn reload(&self, signed_in: &SignedIn) -> Result<Option<User>, StoreError> {
        let id = signed_in.account().id;
        self.database().run(move |connection| store::users::find(connection, id)).await
    }

    /// The address that waits for its proof.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn pending_email(&self, signed_in: &SignedIn) -> Result<Option<String>, StoreError> {
        let (id, now) = (signed_in.account().id, self.clock().now());
        let live = self
            .database()
            .run(move |connection| store::mail_tokens::live(connection, TokenPurpose::ChangeEmail, id, None));
        // Not by the end of the link, which is as long after its mail: that there is one tells that the address is free.
        let is_shown = |created_at: NaiveDateTime| now < created_at + TimeDelta::hours(VERIFICATION_LINK_HOURS.into());
        Ok(live.await?.filter(|token| is_shown(token.created_at)).map(|token| token.sent_to))
    }

    /// Whether the password is the account's; that it was not is written down, and counts.
    pub(crate) async fn confirm_password(
        &self,
        signed_in: &SignedIn,
        current: &Secret,
        client: &Client,
    ) -> Result<(), Rejection> {
        let id = signed_in.account().id;
        let rule = self.limiter.policy().and_then(|policy| policy.current_password);
        if self.is_password_within(rule, id, current, &signed_in.user.password_hash).await? {
            return Ok(());
        }
        self.writer.change(client, move |change| change.record(Event::CurrentPasswordRefused, false, id)).await?;
        Err(FieldError::CurrentPasswordWrong.into())
    }
}

pub(crate) fn asked(current: Option<Secret>) -> Result<Secret, FieldError> {
    current.filter(|current| !current.expose().is_empty()).ok_or(FieldError::CurrentPasswordMissing)
}
