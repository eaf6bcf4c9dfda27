//! The sign-up: from raw fields to an account. Every door comes through [`Registration::register`].

use super::{
    Account, Clock,
    email::Email,
    form::FieldError,
    full_name::FullName,
    judge::Judge,
    password::{Owner, Password, PasswordPolicy, Secret},
    username::Username,
};
use crate::{
    hashing::{Hasher, Purpose},
    store::{Database, InsertError, StoreError, users::NewUser},
    threads::WorkError,
};

/// What somebody sent, before any rule was applied. `None` and empty both mean that it is missing.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// Whether the terms of service are accepted; asked at doors with [`Terms::consent_required`] alone.
    pub accepts_terms: bool,
    /// Whether the account counts as proven from the start; only the private door sets it.
    pub is_verified: bool,
}

/// What names the account at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierKind {
    Email,
    Username,
}

/// What a door asks for.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub identifier: IdentifierKind,
    pub full_name_required: bool,
    /// Asks for a password of 1 to 128 characters and no more than that, whatever the settings say.
    pub any_password: bool,
    /// Asks to accept the operator's terms of service.
    pub consent_required: bool,
}

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// What was sent breaks these rules, in the order of the form; never empty.
    #[error("the input was refused: {}", .0.iter().map(|error| error.code()).collect::<Vec<_>>().join(", "))]
    Input(Vec<FieldError>),
    /// The password was not judged or hashed.
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The registration service.
#[derive(Debug, Clone)]
pub struct Registration {
    pub database: Database,
    pub hasher: Hasher,
    pub judge: Judge,
    pub policy: PasswordPolicy,
    pub clock: Clock,
}

impl Registration {
    /// Makes an account.
    ///
    /// A place in front of the hasher comes before the work of judging the password, so that a busy service says so at
    /// once; the hash before a connection, so that nobody waits for the database while a core computes. Whether the
    /// identifier is free is decided by the unique index alone.
    ///
    /// # Errors
    /// [`Rejection::Input`] with every fault found, or with the identifier as taken; the others when a hash or
    /// the database could not be had in time.
    pub async fn register(&self, sign_up: SignUp, terms: Terms) -> Result<Account, Rejection> {
        let is_verified = sign_up.is_verified;
        let policy = if terms.any_password { &PasswordPolicy::LENGTH_ONLY } else { &self.policy };
        let valid = match parse(sign_up, terms, policy) {
            Ok(valid) => valid,
            Err(Faults { mut errors, password }) => {
                if let Some(password) = password
                    && policy.blocklist
                    && self.judge.is_known_to_be_easy(&password).await?
                {
                    errors.push(FieldError::PasswordCommon);
                    errors.sort_by_key(|error| error.field());
                }
                return Err(Rejection::Input(errors));
            }
        };
        let place = self.hasher.reserve(Purpose::SignUp)?;
        if policy.blocklist && self.judge.is_easy(&valid.password).await? {
            return Err(Rejection::Input(vec![FieldError::PasswordCommon]));
        }
        let password_hash = self.hasher.hash(place, &valid.password).await?;
        drop(valid.password);
        let created_at = self.clock.now();

        let inserted = self.database.write(move |connection| {
            NewUser {
                email: valid.email.as_ref().map(Email::as_str),
                username: valid.username.as_ref().map(Username::as_str),
                username_key: valid.username.as_ref().map(Username::key).as_deref(),
                password_hash: password_hash.as_str(),
                full_name: valid.full_name.as_ref().map(FullName::as_str),
                is_active: true,
                is_verified,
                created_at,
                updated_at: created_at,
            }
            .insert(connection)
        });
        match inserted.await {
            Ok(account) => Ok(account),
            Err(InsertError::Taken(error)) => Err(Rejection::Input(vec![error])),
            Err(InsertError::Store(error)) => Err(error.into()),
        }
    }
}

struct Valid {
    full_name: Option<FullName>,
    email: Option<Email>,
    username: Option<Username>,
    password: Password,
}

/// What is wrong, in the order of the form, and the password if nothing is known against it so far.
struct Faults {
    errors: Vec<FieldError>,
    password: Option<Password>,
}

fn parse(sign_up: SignUp, terms: Terms, policy: &PasswordPolicy) -> Result<Valid, Faults> {
    let full_name = match FullName::parse(sign_up.full_name.as_deref().unwrap_or_default()) {
        Ok(None) if terms.full_name_required => Err(FieldError::FullNameMissing),
        parsed => parsed,
    };
    let (email, username) = match terms.identifier {
        IdentifierKind::Email => (Email::parse(sign_up.email.as_deref().unwrap_or_default()).map(Some), Ok(None)),
        IdentifierKind::Username => {
            (Ok(None), Username::parse(sign_up.username.as_deref().unwrap_or_default()).map(Some))
        }
    };
    let owner = match (&email, &username) {
        (Ok(Some(email)), _) => Owner::Email(email),
        (_, Ok(Some(username))) => Owner::Username(username),
        _ => Owner::Unknown,
    };
    let consent = if terms.consent_required && !sign_up.accepts_terms { Err(FieldError::TermsMissing) } else { Ok(()) };
    let typed = sign_up.password.unwrap_or_else(|| Secret::new(String::new()));
    let password = Password::parse(typed, policy, owner);

    match (full_name, email, username, password, consent) {
        (Ok(full_name), Ok(email), Ok(username), Ok(password), Ok(())) => {
            Ok(Valid { full_name, email, username, password })
        }
        (full_name, email, username, password, consent) => {
            let errors =
                [full_name.err(), email.err(), username.err(), password.as_ref().err().copied(), consent.err()];
            Err(Faults { errors: errors.into_iter().flatten().collect(), password: password.ok() })
        }
    }
}
