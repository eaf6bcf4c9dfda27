//! Letting somebody in. Whatever is wrong is answered by the same words after the same time: one verification at the
//! current cost, one look-up, one line in the audit log.

use super::{
    Account, Accounts, Change,
    audit::{Client, Event},
    email::Email,
    form::FieldError,
    password::{Password, Secret},
    rejection::Rejection,
    sessions::{SessionKind, SignedIn},
    token::Token,
    username::Username,
};
use crate::{
    hashing::{Purpose, StoredPassword, Verdict},
    observability::{Outcome, metrics, trace::Span},
    store::{self, StoreError, users::User},
};

/// What somebody sent. `None` and empty both mean that it is missing.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// An address or a username.
    pub identifier: Option<String>,
    pub password: Option<Secret>,
}

/// What came of comparing; `user` is whose password it would be.
struct Compared {
    user: Option<User>,
    password: Secret,
    verdict: Verdict,
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
        if !self.rules.requires_proof {
            // It is in use, whatever is asked of accounts later.
            store::users::keep(self.connection, id)?;
        }
        let token = self.start_session(id, kind)?;
        self.record(Event::Login, true, id)?;
        Ok(Entered::In(user.account, token))
    }
}

/// What an identifier can be.
enum Identifier {
    Email(Email),
    Username(Username),
    /// It is nobody's.
    Nobody,
}

impl Identifier {
    /// Usernames have no `@`.
    fn parse(typed: &str) -> Self {
        if typed.contains('@') {
            Email::parse(typed).map_or(Self::Nobody, Self::Email)
        } else {
            Username::parse_any(typed.trim()).map_or(Self::Nobody, Self::Username)
        }
    }
}

impl Accounts {
    /// Starts a session for whoever has this password. A browser has one session: the one before (`replaces`) ends.
    ///
    /// # Errors
    /// [`Rejection::Input`] when something is missing; [`Rejection::Credentials`] for every other reason: no such account,
    /// another password, an address that has to be proven first, an account that was closed.
    pub async fn log_in(
        &self,
        credentials: Credentials,
        kind: SessionKind,
        replaces: Option<&SignedIn>,
        client: &Client,
    ) -> Result<(Account, Token), Rejection> {
        let span = Span::begin("log in");
        let logged_in = span.around(self.log_anybody_in(credentials, kind, replaces, client)).await;
        let outcome = logged_in.as_ref().map_or_else(Rejection::outcome, |_| Outcome::Succeeded);
        span.set_outcome(outcome);
        metrics::logged_in(outcome);
        logged_in
    }

    async fn log_anybody_in(
        &self,
        credentials: Credentials,
        kind: SessionKind,
        replaces: Option<&SignedIn>,
        client: &Client,
    ) -> Result<(Account, Token), Rejection> {
        let Compared { user, password, verdict } = self.compare(credentials).await?;
        let user_id = user.as_ref().map(|user| user.account.id);
        let is_right = matches!(verdict, Verdict::Right { .. });
        let mut admitted = user.filter(|user| is_right && self.admits(&user.account));
        if let (Verdict::Right { needs_rehash: true }, Some(user)) = (verdict, &mut admitted) {
            user.password_hash = self.rehash(user, &password).await;
        }
        let before = replaces.map(|signed_in| (signed_in.account().id, signed_in.session_id));
        // Somebody may have set another password while this one was compared, or another login a better hash of the same.
        while let Some(user) = admitted.take() {
            let (id, compared) = (user.account.id, user.password_hash);
            let entered = self.change(client, move |change| change.enter(id, &compared, kind, before)).await?;
            match entered {
                Entered::In(account, token) => return Ok((account, token)),
                Entered::OtherPassword(user) if self.is_password(&password, &user.password_hash).await? => {
                    admitted = Some(user);
                }
                Entered::OtherPassword(_) | Entered::Gone => {}
            }
        }
        self.change(client, move |change| change.record(Event::Login, false, user_id)).await?;
        Err(Rejection::Credentials)
    }

    /// The account whose password this is, for whoever shows once who they are.
    pub(crate) async fn check(&self, credentials: Credentials) -> Result<Option<i64>, Rejection> {
        let Compared { user, verdict, .. } = self.compare(credentials).await?;
        let user = user.filter(|user| user.account.is_active && matches!(verdict, Verdict::Right { .. }));
        Ok(user.map(|user| user.account.id))
    }

    async fn compare(&self, credentials: Credentials) -> Result<Compared, Rejection> {
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
        // Before anything is looked up, so that a busy service says nothing of anybody.
        let place = self.hasher.reserve(Purpose::Login)?;
        let user = self.look_up(Identifier::parse(identifier)).await?;
        let stored = user.as_ref().map(|user| StoredPassword::new(user.password_hash.clone()));
        let verdict = self.hasher.verify(place, &password, stored.as_ref()).await?;
        if let (Verdict::Unreadable(error), Some(user)) = (verdict, &user) {
            let user_id = user.account.id;
            tracing::warn!(user_id, %error, "a stored password cannot be compared with");
        }
        Ok(Compared { user, password, verdict })
    }

    async fn look_up(&self, identifier: Identifier) -> Result<Option<User>, StoreError> {
        self.database
            .run(move |connection| match identifier {
                Identifier::Email(email) => store::users::find_by_email(connection, email.as_str()),
                Identifier::Username(username) => store::users::find_by_username(connection, &username.key()),
                // So that it takes as long.
                Identifier::Nobody => store::users::find_by_username(connection, ""),
            })
            .await
    }

    /// Replaces a stored password that is in another format than ours, or was cheaper. Gives what is stored afterwards.
    ///
    /// A login does not fail for it: there will be another one.
    async fn rehash(&self, user: &User, password: &Secret) -> String {
        let before = user.password_hash.clone();
        let id = user.account.id;
        let hashed = async {
            // It was right, so it is within our limits, or of an import that had others.
            let Some(password) = Password::known(password.clone()) else { return Ok(None) };
            let place = self.hasher.reserve(Purpose::Login)?;
            let hash = self.hasher.hash(place, &password).await?;
            let (old, new) = (before.clone(), hash.as_str().to_owned());
            let replaced = self.database.write(move |connection| {
                Ok::<_, StoreError>(store::users::replace_hash(connection, id, &old, &new)?.then_some(new))
            });
            Ok::<_, Rejection>(replaced.await?)
        };
        match hashed.await {
            Ok(Some(hash)) => hash,
            Ok(None) => before,
            Err(error) => {
                tracing::warn!(user_id = id, %error, "a stored password could not be renewed");
                before
            }
        }
    }

    /// Whether this is the password that is stored. For whoever is signed in already.
    pub(crate) async fn is_password(&self, password: &Secret, stored: &str) -> Result<bool, Rejection> {
        let place = self.hasher.reserve(Purpose::Login)?;
        let stored = StoredPassword::new(stored.to_owned());
        let verdict = self.hasher.verify(place, password, Some(&stored)).await?;
        Ok(matches!(verdict, Verdict::Right { .. }))
    }
}
