//! Login. Every refusal has the same response after the same time: one comparison at the current cost, one lookup, one
//! audit line.

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

/// Submitted credentials. `None` and empty both mean missing.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// An address or a username.
    pub identifier: Option<String>,
    pub password: Option<Secret>,
}

/// The result of comparing credentials, without a login.
pub(crate) struct Checked {
    /// The account of the identifier.
    pub user_id: Option<i64>,
    /// Whether the password is right and the account active.
    pub is_right: bool,
    /// Counts as a failed login unless it is refunded.
    pub attempt: Consumed,
}

/// The result of a comparison; `user` is the identifier's account.
struct Compared {
    user: Option<User>,
    password: Secret,
    verdict: Verdict,
    /// Neither counted nor refunded yet.
    attempt: Consumed,
}

/// A successful login.
#[derive(Debug)]
pub struct LoggedIn {
    pub account: Account,
    pub token: Token,
    /// New content of the browser's device cookie.
    pub devices: Devices,
}

/// The result of a login, with the account locked.
enum LoginResult {
    Started(Account, Token),
    /// The stored hash is not the compared one.
    HashChanged(User),
    /// The account was disabled or deleted.
    Inactive,
}

impl Change<'_> {
    fn finish_login(
        &mut self,
        id: i64,
        compared: &str,
        kind: SessionKind,
        before: Option<(i64, i64)>,
        attempt: &Attempt,
    ) -> Result<LoginResult, StoreError> {
        let Some(user) = store::users::lock(self.connection, id)?.filter(|user| user.account.is_active) else {
            return Ok(LoginResult::Inactive);
        };
        if user.password_hash != compared {
            return Ok(LoginResult::HashChanged(user));
        }
        if let Some((user_id, session_id)) = before {
            store::sessions::end(self.connection, user_id, session_id)?;
        }
        if !self.policy.verification.is_required {
            // An account in use never expires, even under later settings.
            store::users::clear_verification_due(self.connection, id)?;
        }
        let token = self.start_session(id, kind)?;
        attempt.refund_in(self.connection, micros(self.now))?;
        self.record(Event::Login, true, id)?;
        Ok(LoginResult::Started(user.account, token))
    }
}

/// A parsed identifier.
#[derive(Clone)]
enum Identifier {
    Email(Email),
    Username(Username),
    /// Neither a valid address nor a valid username.
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

    /// The subject of rate limits: the canonical form.
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
            // For equal timing.
            Self::Unknown(_) => store::users::find_by_username(connection, ""),
        }
    }
}

impl Accounts {
    /// Starts a session if the credentials are right. A browser has one session: the previous one (`replaces`) ends.
    ///
    /// # Errors
    /// [`Rejection::Input`] if a credential is missing; [`Rejection::Credentials`] for every other reason: unknown or
    /// disabled account, wrong password, unverified address; [`Rejection::TooMany`] before any comparison.
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
            && self.policy().verification.admits(&user.account)
        {
            let user = if needs_rehash { self.rehash(user, &password).await } else { user };
            let before = replaces.map(|signed_in| (signed_in.account().id, signed_in.session_id));
            match self.finish_login(user, &password, (kind, before), client, &attempt.attempt()).await {
                Ok(Some(logged_in)) => {
                    self.limiter.forget_refusals(attempt.attempt().counters());
                    return Ok(logged_in);
                }
                Ok(None) => {}
                // An error does not mean a wrong password, so this is no failed login.
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

    /// `None`: the password was changed, or the account disabled or deleted.
    async fn finish_login(
        &self,
        mut user: User,
        password: &Secret,
        (kind, before): (SessionKind, Option<(i64, i64)>),
        client: &Client,
        attempt: &Attempt,
    ) -> Result<Option<LoggedIn>, Rejection> {
        loop {
            let devices = client.devices.with(&self.device_key, user.account.id, &user.epoch(&self.device_key));
            let (id, compared, handle) = (user.account.id, user.password_hash, attempt.clone());
            let result = self
                .writer
                .change(client, move |change| change.finish_login(id, &compared, kind, before, &handle))
                .await?;
            // A concurrent login may have rehashed the same password.
            user = match result {
                LoginResult::Started(account, token) => return Ok(Some(LoggedIn { account, token, devices })),
                LoginResult::HashChanged(user) if self.is_password(password, &user.password_hash).await? => user,
                LoginResult::HashChanged(_) | LoginResult::Inactive => return Ok(None),
            };
        }
    }

    /// Compares credentials without a login. Counts as a failed login unless the caller refunds it.
    ///
    /// # Errors
    /// [`Rejection::Input`] if a credential is missing; [`Rejection::TooMany`] as for a login.
    pub(crate) async fn check(&self, credentials: Credentials, client: &Client) -> Result<Checked, Rejection> {
        let Compared { user, verdict, attempt, .. } = self.compare(credentials, client).await?;
        let is_active = user.as_ref().is_some_and(|user| user.account.is_active);
        let is_right = is_active && matches!(verdict, Verdict::Right { .. });
        Ok(Checked { user_id: user.map(|user| user.account.id), is_right, attempt })
    }

    /// Refuses a login from the cached refusals, before any write. Browsers with a device cookie are checked later.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub(crate) fn check_login_refusals(&self, identifier: Option<&str>, client: &Client) -> Result<(), Exceeded> {
        let Some(policy) = self.limiter.policy().filter(|_| client.devices.name().is_none()) else { return Ok(()) };
        let subject = Identifier::parse(identifier.unwrap_or_default()).subject();
        // The shared counter is checked at the comparison.
        self.limiter.check_refusals(&without_shared(self.limiter.counters(
            &policy.login,
            client.network(),
            Some(&subject),
        )))
    }

    /// Consumes a login attempt and compares the credentials.
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
            self.look_up_and_consume(identifier, policy, client).await?
        } else {
            // Before any lookup, so that a busy response reveals no account.
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
            tracing::warn!(user_id, %error, "stored password hash unreadable");
        }
        Ok(Compared { user, password, verdict, attempt })
    }

    async fn look_up(&self, identifier: Identifier) -> Result<Option<User>, StoreError> {
        self.database().run(move |connection| identifier.find(connection)).await
    }

    /// As [`Self::look_up`], with a consumed attempt and a place in the hash queue. The statements are the same without
    /// an account.
    async fn look_up_and_consume(
        &self,
        identifier: Identifier,
        policy: &RateLimitPolicy,
        client: &Client,
    ) -> Result<(Option<User>, Place, Consumed), Rejection> {
        let subject = identifier.subject();
        let counters = self.limiter.counters(&policy.login, client.network(), Some(&subject));
        let counters = self.without_shared_if_solved(counters, client).await?;
        // Only the account shows whether its browser is known, so a refusal is cached by both counters.
        let device = policy.device.and_then(|rule| Some((rule, client.devices.name()?)));
        let by_device = device.map(|(rule, name)| self.limiter.counter(&rule, &[name, &subject]));
        match &by_device {
            Some(counter) => {
                self.limiter.check_refusals(std::slice::from_ref(counter))?;
                if let Err(exceeded) = self.limiter.check_refusals(&counters) {
                    // Any client may send a device cookie; only a known browser continues to the writes.
                    let user = self.look_up(identifier.clone()).await?;
                    if !user.is_some_and(|user| is_known(&client.devices, &self.device_key, &user)) {
                        return Err(self.or_challenge(exceeded, client));
                    }
                }
            }
            None => self.limiter.check_refusals(&counters).map_err(|exceeded| self.or_challenge(exceeded, client))?,
        }
        // A busy service refuses before any write; the place is reserved once the limits allow it.
        drop(self.hasher.reserve(HashPurpose::Login)?);
        let (now, devices, key) = (micros(self.clock().now()), client.devices.clone(), self.device_key.clone());
        let own = by_device.clone();
        let consuming = self.limiter.consume_in(move |connection| {
            let user = identifier.find(connection)?;
            let own = own.filter(|_| user.as_ref().is_some_and(|user| is_known(&devices, &key, user)));
            let counters = consume_first(connection, own.into_iter().map(|own| vec![own]).chain([counters]), now)?;
            Ok((user, counters))
        });
        let (user, consumed) = match consuming.await {
            Ok(consumed) => consumed,
            Err(refusal) => {
                return Err(self.or_challenge(self.limiter.refuse(refusal, by_device.as_ref()).await, client));
            }
        };
        match self.hasher.reserve(HashPurpose::Login) {
            Ok(place) => Ok((user, place, consumed)),
            Err(error) => {
                consumed.refund().await;
                Err(error.into())
            }
        }
    }

    /// Rehashes a password stored in another format or at a lower cost. Returns the user as stored afterwards.
    ///
    /// An error does not fail the login: the next one retries.
    async fn rehash(&self, user: User, password: &Secret) -> User {
        let id = user.account.id;
        let hashed = async {
            // A right password is within the limits, unless imported.
            let Some(password) = Password::known(password.clone()) else { return Ok(None) };
            let place = self.hasher.reserve(HashPurpose::Login)?;
            let hash = self.hasher.hash(place, &password).await?.as_str().to_owned();
            // The same password, so known browsers remain known.
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
                tracing::warn!(user_id = id, %error, "failed to rehash stored password");
                user
            }
        }
    }

    /// Whether the password matches the stored hash. For a client with a session, a link or the previous password; the
    /// caller limits attempts.
    pub(crate) async fn is_password(&self, password: &Secret, stored: &str) -> Result<bool, Rejection> {
        let place = self.hasher.reserve(HashPurpose::Login)?;
        let stored = StoredPassword::new(stored.to_owned());
        let verdict = self.hasher.verify(place, password, Some(&stored)).await?;
        Ok(matches!(verdict, Verdict::Right { .. }))
    }
}

/// Whether the browser has been signed in to this account before.
fn is_known(devices: &Devices, key: &DeviceKey, user: &User) -> bool {
    devices.know(key, user.account.id, &user.epoch(key))
}
