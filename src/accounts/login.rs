//! Letting somebody in. Whatever is wrong is answered by the same words after the same time: one verification at the
//! current cost, one look-up, one line in the audit log.

use super::{
    Accounts,
    change::Change,
    limits::{Attempt, Consumed, RateLimitPolicy, consume_first, without_shared},
    metrics::{self, Outcome},
    rejection::Rejection,
    sessions::SignedIn,
};
use crate::{
    domain::{
        account::Account,
        audit::Event,
        client::Client,
        email::Email,
        field_error::FieldError,
        known_devices::{DeviceKey, Devices},
        password::Password,
        rate::{Exceeded, micros},
        secret::Secret,
        session::SessionKind,
        token::Token,
        username::Username,
    },
    hashing::{HashPurpose, Place, StoredPassword, Verdict},
    observability::trace::Span,
    store::{self, AnyConnection, StoreError, users::User},
};

/// What somebody sent. `None` and empty both mean that it is missing.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// An address or a username.
    pub identifier: Option<String>,
    pub password: Option<Secret>,
}

/// The outcome of comparing credentials once, without a login.
pub(crate) struct Checked {
    /// Whose password it would be.
    pub user_id: Option<i64>,
    /// Whether it is, of an account that is not closed.
    pub is_right: bool,
    /// Counts as a failed login unless it is refunded.
    pub attempt: Consumed,
}

/// What came of comparing; `user` is whose password it would be.
struct Compared {
    user: Option<User>,
    password: Secret,
    verdict: Verdict,
    /// Of a password that is compared; whether it counts is not decided yet.
    attempt: Consumed,
}

/// Somebody who was let in.
#[derive(Debug)]
pub struct LoggedIn {
    pub account: Account,
    pub token: Token,
    /// What the browser's cookie is to say from now on.
    pub devices: Devices,
}

/// What came of it, once nobody else could change the account.
enum Entered {
    In(Account, Token),
    /// What is stored is not what was compared with.
    OtherPassword(User),
    /// The account was closed or deleted.
    Gone,
}

impl Change<'_> {
    fn enter(
        &mut self,
        id: i64,
        compared: &str,
        kind: SessionKind,
        before: Option<(i64, i64)>,
        attempt: &Attempt,
    ) -> Result<Entered, StoreError> {
        let Some(user) = store::users::lock(self.connection, id)?.filter(|user| user.account.is_active) else {
            return Ok(Entered::Gone);
        };
        if user.password_hash != compared {
            return Ok(Entered::OtherPassword(user));
        }
        if let Some((user_id, session_id)) = before {
            store::sessions::end(self.connection, user_id, session_id)?;
        }
        if !self.rules.verification.is_required {
            // It is in use, whatever is asked of accounts later.
            store::users::clear_verification_due(self.connection, id)?;
        }
        let token = self.start_session(id, kind)?;
        attempt.refund_in(self.connection, micros(self.now))?;
        self.record(Event::Login, true, id)?;
        Ok(Entered::In(user.account, token))
    }
}

/// What an identifier can be.
#[derive(Clone)]
enum Identifier {
    Email(Email),
    Username(Username),
    /// It is nobody's, whatever was typed.
    Unknown(String),
}

impl Identifier {
    /// Usernames have no `@`.
    fn parse(typed: &str) -> Self {
        if typed.contains('@') {
            Email::parse(typed).map_or_else(|_| Self::unknown(typed), Self::Email)
        } else {
            Username::parse_any(typed.trim()).map_or_else(|_| Self::unknown(typed), Self::Username)
        }
    }

    fn unknown(typed: &str) -> Self {
        Self::Unknown(typed.trim().to_lowercase())
    }

    /// What limits count by: the same for every way to write it.
    fn subject(&self) -> String {
        match self {
            Self::Email(email) => email.as_str().to_owned(),
            Self::Username(username) => username.key(),
            Self::Unknown(typed) => typed.clone(),
        }
    }

    fn find(&self, connection: &mut AnyConnection) -> Result<Option<User>, StoreError> {
        match self {
            Self::Email(email) => store::users::find_by_email(connection, email.as_str()),
            Self::Username(username) => store::users::find_by_username(connection, &username.key()),
            // So that it takes as long.
            Self::Unknown(_) => store::users::find_by_username(connection, ""),
        }
    }
}

impl Accounts {
    /// Starts a session for whoever has this password. A browser has one session: the one before (`replaces`) ends.
    ///
    /// # Errors
    /// [`Rejection::Input`] when something is missing; [`Rejection::Credentials`] for every other reason: no such account,
    /// another password, an address that has to be proven first, an account that was closed; [`Rejection::TooMany`] before
    /// any of it is looked at.
    pub async fn log_in(
        &self,
        credentials: Credentials,
        kind: SessionKind,
        replaces: Option<&SignedIn>,
        client: &Client,
    ) -> Result<LoggedIn, Rejection> {
        let span = Span::begin("log in");
        let logged_in = span.around(self.try_log_in(credentials, kind, replaces, client)).await;
        let outcome = logged_in.as_ref().map_or_else(Rejection::outcome, |_| Outcome::Succeeded);
        span.set_outcome(outcome.name(), outcome == Outcome::Failed);
        metrics::logged_in(outcome);
        logged_in
    }

    async fn try_log_in(
        &self,
        credentials: Credentials,
        kind: SessionKind,
        replaces: Option<&SignedIn>,
        client: &Client,
    ) -> Result<LoggedIn, Rejection> {
        let Compared { user, password, verdict, attempt } = self.compare(credentials, client).await?;
        let user_id = user.as_ref().map(|user| user.account.id);
        if let (Verdict::Right { needs_rehash }, Some(user)) = (verdict, user)
            && self.rules().verification.admits(&user.account)
        {
            let user = if needs_rehash { self.rehash(user, &password).await } else { user };
            let before = replaces.map(|signed_in| (signed_in.account().id, signed_in.session_id));
            match self.enter(user, &password, (kind, before), client, &attempt.attempt()).await {
                Ok(Some(logged_in)) => {
                    self.limiter.forget_refusals(attempt.attempt().counters());
                    return Ok(logged_in);
                }
                Ok(None) => {}
                // Nothing says that the password was wrong, wherever it ended, so it was no failed try.
                Err(error) => {
                    attempt.refund_after(error.may_be_committed()).await;
                    return Err(error);
                }
            }
        }
        attempt.count();
        self.writer.change(client, move |change| change.record(Event::Login, false, user_id)).await?;
        Err(Rejection::Credentials)
    }

    /// `None`: the account has another password by now, or was closed or deleted.
    async fn enter(
        &self,
        mut user: User,
        password: &Secret,
        (kind, before): (SessionKind, Option<(i64, i64)>),
        client: &Client,
        attempt: &Attempt,
    ) -> Result<Option<LoggedIn>, Rejection> {
        loop {
            let devices = client.devices.with(&self.device_key, user.account.id, &user.epoch(&self.device_key));
            let (id, compared, given) = (user.account.id, user.password_hash, attempt.clone());
            let entered =
                self.writer.change(client, move |change| change.enter(id, &compared, kind, before, &given)).await?;
            // Another login may have set a better hash of the same password while this one was compared.
            user = match entered {
                Entered::In(account, token) => return Ok(Some(LoggedIn { account, token, devices })),
                Entered::OtherPassword(user) if self.is_password(password, &user.password_hash).await? => user,
                Entered::OtherPassword(_) | Entered::Gone => return Ok(None),
            };
        }
    }

    /// Whether this is the password of an account. It counts as a login does, and is the caller's to refund.
    ///
    /// # Errors
    /// [`Rejection::Input`] when something is missing; [`Rejection::TooMany`] as for a login.
    pub(crate) async fn check(&self, credentials: Credentials, client: &Client) -> Result<Checked, Rejection> {
        let Compared { user, verdict, attempt, .. } = self.compare(credentials, client).await?;
        let is_active = user.as_ref().is_some_and(|user| user.account.is_active);
        let is_right = is_active && matches!(verdict, Verdict::Right { .. });
        Ok(Checked { user_id: user.map(|user| user.account.id), is_right, attempt })
    }

    /// Refuses from memory a client that was refused a moment ago, before anything is written for it. A browser that says it is known
    /// is looked at when its password is compared.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub(crate) fn check_login_refusals(&self, identifier: Option<&str>, client: &Client) -> Result<(), Exceeded> {
        let Some(policy) = self.limiter.policy().filter(|_| client.devices.name().is_none()) else { return Ok(()) };
        let subject = Identifier::parse(identifier.unwrap_or_default()).subject();
        // The shared counter is looked at when the password is compared.
        self.limiter.check_refusals(&without_shared(self.limiter.counters(
            &policy.login,
            client.network(),
            Some(&subject),
        )))
    }

    /// Takes a try of `client`, by the limits of logins.
    async fn compare(&self, credentials: Credentials, client: &Client) -> Result<Compared, Rejection> {
        let identifier = credentials.identifier.filter(|text| !text.trim().is_empty());
        let password = credentials.password.filter(|secret| !secret.expose().is_empty());
        let is_missing = password.is_none();
        let (Some(identifier), Some(password)) = (&identifier, password) else {
            let missing = [
                identifier.is_none().then_some(FieldError::IdentifierMissing),
                is_missing.then_some(FieldError::PasswordMissing),
            ];
            return Err(Rejection::Input(missing.into_iter().flatten().collect()));
        };
        let identifier = Identifier::parse(identifier);
        let (user, place, attempt) = if let Some(policy) = self.limiter.policy() {
            self.look_up_and_take(identifier, policy, client).await?
        } else {
            // Before anything is looked up, so that a busy service says nothing of anybody.
            let place = self.hasher.reserve(HashPurpose::Login)?;
            (self.look_up(identifier).await?, place, Consumed::default())
        };
        let stored = user.as_ref().map(|user| StoredPassword::new(user.password_hash.clone()));
        let verdict = match self.hasher.verify(place, &password, stored.as_ref()).await {
            Ok(verdict) => verdict,
            Err(error) => {
                attempt.refund().await;
                return Err(error.into());
            }
        };
        if let (Verdict::Unreadable(error), Some(user)) = (verdict, &user) {
            let user_id = user.account.id;
            tracing::warn!(user_id, %error, "a stored password cannot be compared with");
        }
        Ok(Compared { user, password, verdict, attempt })
    }

    async fn look_up(&self, identifier: Identifier) -> Result<Option<User>, StoreError> {
        self.database().run(move |connection| identifier.find(connection)).await
    }

    /// As [`Self::look_up`], once a try was taken from what the client may do; with a place in front of the hasher. The same
    /// statements whether or not there is an account.
    async fn look_up_and_take(
        &self,
        identifier: Identifier,
        policy: &RateLimitPolicy,
        client: &Client,
    ) -> Result<(Option<User>, Place, Consumed), Rejection> {
        let subject = identifier.subject();
        let counters = self.limiter.counters(&policy.login, client.network(), Some(&subject));
        let counters = self.without_shared_if_solved(counters, client).await?;
        // Whether a browser is known for the account is seen by the account alone; that it was refused is remembered of both.
        let device = policy.device.and_then(|rule| Some((rule, client.devices.name()?)));
        let by_device = device.map(|(rule, name)| self.limiter.counter(&rule, &[name, &subject]));
        match &by_device {
            Some(counter) => {
                self.limiter.check_refusals(std::slice::from_ref(counter))?;
                if let Err(exceeded) = self.limiter.check_refusals(&counters) {
                    // Anybody may say that they are known; only who is goes on to what has to be written.
                    let user = self.look_up(identifier.clone()).await?;
                    if !user.is_some_and(|user| is_known(&client.devices, &self.device_key, &user)) {
                        return Err(self.or_challenge(exceeded, client));
                    }
                }
            }
            None => self.limiter.check_refusals(&counters).map_err(|exceeded| self.or_challenge(exceeded, client))?,
        }
        // A busy service says so before anything is written; the place itself is for those who may try.
        drop(self.hasher.reserve(HashPurpose::Login)?);
        let (now, devices, key) = (micros(self.clock().now()), client.devices.clone(), self.device_key.clone());
        let own = by_device.clone();
        let taking = self.limiter.consume_in(move |connection| {
            let user = identifier.find(connection)?;
            let own = own.filter(|_| user.as_ref().is_some_and(|user| is_known(&devices, &key, user)));
            let counters = consume_first(connection, own.into_iter().map(|own| vec![own]).chain([counters]), now)?;
            Ok((user, counters))
        });
        let (user, taken) = match taking.await {
            Ok(taken) => taken,
            Err(refusal) => {
                return Err(self.or_challenge(self.limiter.refuse(refusal, by_device.as_ref()).await, client));
            }
        };
        match self.hasher.reserve(HashPurpose::Login) {
            Ok(place) => Ok((user, place, taken)),
            Err(error) => {
                taken.refund().await;
                Err(error.into())
            }
        }
    }

    /// Replaces a stored password that is in another format than ours, or was cheaper. Gives what is stored afterwards.
    ///
    /// A login does not fail for it: there will be another one.
    async fn rehash(&self, user: User, password: &Secret) -> User {
        let id = user.account.id;
        let hashed = async {
            // It was right, so it is within our limits, or of an import that had others.
            let Some(password) = Password::known(password.clone()) else { return Ok(None) };
            let place = self.hasher.reserve(HashPurpose::Login)?;
            let hash = self.hasher.hash(place, &password).await?.as_str().to_owned();
            // The password is the same, so known browsers stay known.
            let epoch = user.epoch(&self.device_key).beside(&self.device_key, &hash);
            let before = user.password_hash.clone();
            let replaced = self.database().write(move |connection| {
                let is_done = store::users::replace_hash(connection, id, &before, (&hash, &epoch))?;
                Ok::<_, StoreError>(is_done.then_some((hash, epoch)))
            });
            Ok::<_, Rejection>(replaced.await?)
        };
        match hashed.await {
            Ok(Some((password_hash, epoch))) => User { password_hash, password_epoch: Some(epoch), ..user },
            Ok(None) => user,
            Err(error) => {
                tracing::warn!(user_id = id, %error, "a stored password could not be renewed");
                user
            }
        }
    }

    /// Whether this is the password that is stored. For a client that has shown a session, a link or the password before; how often
    /// is for the caller to count.
    pub(crate) async fn is_password(&self, password: &Secret, stored: &str) -> Result<bool, Rejection> {
        let place = self.hasher.reserve(HashPurpose::Login)?;
        let stored = StoredPassword::new(stored.to_owned());
        let verdict = self.hasher.verify(place, password, Some(&stored)).await?;
        Ok(matches!(verdict, Verdict::Right { .. }))
    }
}

/// Whether the client's browser has been signed in to this account before.
fn is_known(devices: &Devices, key: &DeviceKey, user: &User) -> bool {
    devices.know(key, user.account.id, &user.epoch(key))
}
