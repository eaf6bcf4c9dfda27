//! Changes by a signed-in user: name, address, password.

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

/// Requested changes; `None` changes nothing.
#[derive(Debug, Default)]
pub struct Changes {
    /// White space alone removes it.
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub password: Option<Secret>,
    /// The current password; required for a new address or password.
    pub current: Option<Secret>,
}

/// The result of an update.
#[derive(Debug, Default)]
pub struct Updated {
    /// The new address, in effect once its mailed link is used.
    pub pending_email: Option<String>,
    /// The browser's new session token, after a password change.
    pub token: Option<Token>,
    /// With it, the new content of the browser's device cookie.
    pub devices: Devices,
}

/// Validated changes.
struct ParsedChanges {
    /// Empty: removed.
    full_name: Option<String>,
    email: Option<Email>,
    /// Set if another field requires it.
    current: Option<Secret>,
    password: Option<Password>,
}

/// Changes confirmed by the current password.
struct ConfirmedChanges {
    full_name: Option<String>,
    email: Option<Email>,
    /// A hash.
    password: Option<String>,
}

impl ParsedChanges {
    fn is_empty(&self) -> bool {
        self.full_name.is_none() && self.email.is_none() && self.password.is_none()
    }
}

impl Accounts {
    /// Applies all changes or none.
    ///
    /// A new address is only requested: it gets a mail, and the response does not reveal whether it has an account. A
    /// new password ends all other sessions and revokes all links.
    ///
    /// # Errors
    /// [`Rejection::Input`] with all errors; [`Rejection::NoMail`] for a new address without a mail server;
    /// [`Rejection::TooMany`] over a limit.
    pub async fn update(&self, signed_in: &SignedIn, changes: Changes, client: &Client) -> Result<Updated, Rejection> {
        let typed = self.parse_changes(signed_in, changes)?;
        let consumed = self.limiter.consume(self.change_counter(signed_in.account().id, &typed)).await?;
        let updated = self.apply(signed_in, typed, client, consumed.attempt()).await;
        if let Err(error) = &updated {
            consumed.refund_after(error.may_be_committed()).await;
        }
        updated
    }

    /// Changes that require the password have their own counter: a client with only a session cannot block the owner's
    /// password change.
    fn change_counter(&self, user_id: i64, typed: &ParsedChanges) -> Vec<Counter> {
        let rule = self.limiter.policy().and_then(|policy| policy.change).filter(|_| !typed.is_empty());
        let scope = if typed.current.is_some() { "password" } else { "session" };
        rule.map(|rule| self.limiter.counter(&rule, &[&user_id.to_string(), scope])).into_iter().collect()
    }

    async fn apply(
        &self,
        signed_in: &SignedIn,
        typed: ParsedChanges,
        client: &Client,
        change_attempt: Attempt,
    ) -> Result<Updated, Rejection> {
        let valid = self.confirm(signed_in, typed, client).await?;
        let consumed =
            self.consume_shared(self.email_change_counters(signed_in, valid.email.as_ref(), client), client).await?;
        let (id, session_id, kind) = (signed_in.account().id, signed_in.session_id, signed_in.kind);
        let devices = valid.password.as_ref().map(|hash| client.devices.with_new(&self.device_key, id, hash));
        let devices = devices.unwrap_or_default();
        let email_attempt = consumed.attempt();
        let done = self.writer.change(client, move |change| {
            email_attempt.count()?;
            change_attempt.count()?;
            let now = change.now;
            let user = change.lock_signed_in(id, session_id)?;
            let mut updated = Updated { devices, ..Updated::default() };
            if let Some(full_name) = &valid.full_name {
                let full_name = Some(full_name.as_str()).filter(|name| !name.is_empty());
                store::users::set_full_name(change.connection, id, full_name, now)?;
                change.record(Event::ProfileChanged, true, id)?;
            }
            if let Some(hash) = &valid.password {
                store::users::set_password(change.connection, id, hash, now)?;
                // A browser gets a new session, so that its pending requests with the old one fail. An API client has
                // no way to receive a new token.
                let excluded = Some(session_id).filter(|_| kind == SessionKind::Token);
                store::sessions::end_all(change.connection, id, excluded)?;
                if excluded.is_none() {
                    updated.token = Some(change.start_session(id, kind)?);
                }
                // The address's owner may be resetting the password of an unverified account by mail; its user must not
                // be able to prevent that.
                let excluded = user.account.is_unverified().then_some(TokenPurpose::ResetPassword);
                change.revoke_links_except(id, excluded)?;
                change.record(Event::PasswordChanged, true, id)?;
                if let Some(address) = &user.account.email {
                    change.post(&MailKind::PasswordChanged { at: now }, Some(id), address, user.language.as_deref())?;
                }
            }
            if let Some(email) = &valid.email {
                change.record(Event::EmailChangeRequested, true, id)?;
                // Stores the pending address with an unused token, which the mail's token replaces. What is shown must
                // not depend on that mail, which is sent only if the address has no account.
                change.store_change_token(&Token::random(), id, email.as_str(), now)?;
                let language = change.client.language.clone();
                change.post(&MailKind::ConfirmNewEmail, Some(id), email.as_str(), language.as_deref())?;
                updated.pending_email = Some(email.as_str().to_owned());
            }
            Ok::<_, Rejection>(updated)
        });
        let done = done.await;
        if let Err(error) = &done {
            consumed.refund_after(error.may_be_committed()).await;
        }
        done
    }

    /// The counters of a mail to a new address; empty without one.
    fn email_change_counters(&self, signed_in: &SignedIn, email: Option<&Email>, client: &Client) -> Vec<Counter> {
        let (Some(policy), Some(email)) = (self.limiter.policy(), email) else { return Vec::new() };
        let own = self.limiter.of_account(policy.change_email_user, signed_in.account().id);
        let shared = self.limiter.counters(&policy.change_email, client.network(), Some(&mailbox_of(email.as_str())));
        own.into_iter().chain(shared).collect()
    }

    fn parse_changes(&self, signed_in: &SignedIn, changes: Changes) -> Result<ParsedChanges, Rejection> {
        let Changes { full_name, email, password, current } = changes;
        if email.is_some() && !self.policy().sends_mail {
            return Err(Rejection::NoMail);
        }
        let needs_password = email.is_some() || password.is_some();
        let parse =
            |typed: String| FullName::parse(&typed).map(|name| name.map(FullName::into_string).unwrap_or_default());
        let full_name = full_name.map(parse).transpose();
        let email = email.map(|typed| Email::parse(&typed)).transpose();
        let current = needs_password.then(|| require_current(current)).transpose();
        let password = password.map(|typed| self.parse_new(signed_in.account(), typed)).transpose();
        match (full_name, email, current, password) {
            (Ok(full_name), Ok(email), Ok(current), Ok(password)) => {
                Ok(ParsedChanges { full_name, email, current, password })
            }
            (full_name, email, current, password) => {
                let errors = [full_name.err(), email.err(), current.err(), password.err()];
                Err(Rejection::Input(errors.into_iter().flatten().collect()))
            }
        }
    }

    async fn confirm(
        &self,
        signed_in: &SignedIn,
        typed: ParsedChanges,
        client: &Client,
    ) -> Result<ConfirmedChanges, Rejection> {
        let ParsedChanges { full_name, email, current, password } = typed;
        if let Some(current) = current {
            self.confirm_password(signed_in, &current, client).await?;
        }
        let password = match password {
            Some(password) => Some(self.hash_new(&password).await?),
            None => None,
        };
        Ok(ConfirmedChanges { full_name, email, password })
    }

    /// Validates a new password, also against the address and username of its account.
    pub(crate) fn parse_new(&self, account: &Account, typed: Secret) -> Result<Password, FieldError> {
        let email = account.email.as_deref().and_then(|email| Email::parse(email).ok());
        let username = account.username.as_deref().and_then(|name| Username::parse_any(name).ok());
        let owner = match (&email, &username) {
            (Some(email), Some(username)) => Owner::Both(email, username),
            (Some(email), None) => Owner::Email(email),
            (None, Some(username)) => Owner::Username(username),
            (None, None) => Owner::Unknown,
        };
        Password::parse(typed, &self.policy().password, owner)
    }

    /// The current account; `None` if it was deleted.
    ///
    /// # Errors
    /// Database errors.
    pub async fn reload(&self, signed_in: &SignedIn) -> Result<Option<User>, StoreError> {
        let id = signed_in.account().id;
        self.database().run(move |connection| store::users::find(connection, id)).await
    }

    /// The unverified new address.
    ///
    /// # Errors
    /// Database errors.
    pub async fn pending_email(&self, signed_in: &SignedIn) -> Result<Option<String>, StoreError> {
        let (id, now) = (signed_in.account().id, self.clock().now());
        let live = self
            .database()
            .run(move |connection| store::mail_tokens::live(connection, TokenPurpose::ChangeEmail, id, None));
        // Not by the expiry of the link, which depends on its mail and so reveals that the address is free.
        let is_shown = |created_at: NaiveDateTime| now < created_at + TimeDelta::hours(VERIFICATION_LINK_HOURS.into());
        Ok(live.await?.filter(|token| is_shown(token.created_at)).map(|token| token.sent_to))
    }

    /// Checks the current password. A mismatch is recorded in the audit log, and counts.
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

pub(crate) fn require_current(current: Option<Secret>) -> Result<Secret, FieldError> {
    current.filter(|current| !current.expose().is_empty()).ok_or(FieldError::CurrentPasswordMissing)
}
