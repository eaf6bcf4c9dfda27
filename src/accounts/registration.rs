//! Sign-up: from raw fields to an account. Every endpoint calls [`Accounts::register`].

use super::{
    Accounts,
    account_policy::AccountPolicy,
    answer_time::in_steps,
    bots::Evidence,
    change::Change,
    email_verification::PendingVerification,
    limits::{Attempt, without_shared},
    metrics::{self, Outcome},
    rejection::Rejection,
};
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
        password::{Owner, Password, PasswordPolicy},
        rate::Counter,
        secret::Secret,
        session::SessionKind,
        token::Token,
        username::Username,
    },
    hashing::{HashPurpose, StoredPassword},
    observability::trace::Span,
    store::{self, AnyConnection, StoreError, claims::NewClaim, users::NewUser},
};

/// Submitted fields before validation. `None` and empty both mean missing.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// Whether the terms of service are accepted; checked if [`EndpointPolicy::consent_required`].
    pub accepts_terms: bool,
    /// Whether the account is verified from the start; only the private endpoint sets it.
    pub is_verified: bool,
    /// The bot check fields of a form; `None`: an API request, without bot checks.
    pub evidence: Option<Evidence>,
}

/// The identifier of accounts at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierKind {
    Email,
    Username,
}

/// The requirements of an endpoint.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent")]
pub struct EndpointPolicy {
    pub identifier: IdentifierKind,
    pub full_name_required: bool,
    /// Accepts any password of 1 to 128 characters, regardless of the settings.
    pub any_password: bool,
    /// Requires acceptance of the terms of service.
    pub consent_required: bool,
    /// A sign-up starts a session.
    pub signs_in: bool,
}

/// The result of a sign-up.
#[derive(Debug)]
pub enum Registered {
    Made {
        account: Account,
        /// If the sign-up starts a session.
        session: Option<Token>,
        /// With a session, the new content of the device cookie.
        devices: Devices,
        /// If the address must be verified.
        pending: Option<PendingVerification>,
    },
    /// Conceals whether the address had an account; a mail informs its owner.
    CheckInbox(PendingVerification),
}

impl Accounts {
    /// Creates an account.
    ///
    /// In this order: validation; cached refusals; database availability; bot checks; a place in the hash queue, so
    /// that a busy service refuses before the password estimate; that estimate; rate limits; the hash, without a
    /// database connection; the row. Only the unique index decides whether the identifier is free.
    ///
    /// # Errors
    /// [`Rejection::Input`] with all errors, or with the identifier as taken; [`Rejection::TooMany`] and, for a form,
    /// [`Rejection::Challenged`] for valid input; the others if a hash or the database is not available in time.
    pub async fn register(
        &self,
        sign_up: SignUp,
        endpoint: EndpointPolicy,
        client: &Client,
    ) -> Result<Registered, Rejection> {
        let span = Span::begin("sign up");
        let registered = span.around(Box::pin(self.try_register(sign_up, endpoint, client))).await;
        let outcome = match &registered {
            Ok(Registered::Made { .. }) => Outcome::Succeeded,
            Ok(Registered::CheckInbox(_)) => Outcome::Concealed,
            Err(rejection) => rejection.outcome(),
        };
        span.set_outcome(outcome.name(), outcome == Outcome::Failed);
        metrics::signed_up(outcome);
        registered
    }

    async fn try_register(
        &self,
        sign_up: SignUp,
        endpoint: EndpointPolicy,
        client: &Client,
    ) -> Result<Registered, Rejection> {
        let is_verified = sign_up.is_verified;
        let evidence = sign_up.evidence.clone();
        let policy = if endpoint.any_password { &PasswordPolicy::LENGTH_ONLY } else { &self.policy().password };
        let valid = match parse(sign_up, endpoint, policy) {
            Ok(valid) => valid,
            Err(InvalidInput { mut errors, password }) => {
                if let Some(password) = password
                    && policy.blocklist
                    && self.password_strength.is_known_to_be_easy(&password).await?
                {
                    errors.push(FieldError::PasswordCommon);
                    errors.sort_by_key(|error| error.field());
                }
                return Err(Rejection::Input(errors));
            }
        };
        let mut counters = self.without_shared_if_solved(self.counters(endpoint, client), client).await?;
        // `screen` challenges a form if the shared counter is used up.
        let is_screened = evidence.is_some() && valid.email.is_some() && self.bots.enabled();
        let checked = if is_screened { without_shared(counters.clone()) } else { counters.clone() };
        self.limiter.check_refusals(&checked).map_err(|exceeded| self.or_challenge(exceeded, client))?;
        // No hash is computed that could not be stored.
        self.database().reach().await?;
        let screened = self.bots.screen(evidence.as_ref(), valid.email.as_ref(), client).await?;
        let place = self.hasher.reserve(HashPurpose::SignUp)?;
        if policy.blocklist && self.password_strength.is_easy(&valid.password).await? {
            return Err(FieldError::PasswordCommon.into());
        }
        if screened.is_solved() {
            counters = without_shared(counters);
        }
        let consumed = self.consume_shared(counters, client).await?;
        let hashed = async {
            let form = self.bots.accept(&screened).await?;
            Ok::<_, Rejection>((form, self.hasher.hash(place, &valid.password).await?))
        };
        let (form, password_hash) = match hashed.await {
            Ok(hashed) => hashed,
            Err(error) => {
                consumed.refund().await;
                return Err(error);
            }
        };
        let Valid { full_name, email, username, .. } = valid;
        let hash = password_hash.as_str().to_owned();
        let sign_up =
            Hashed { full_name, email, username, password_hash, is_verified, must_verify: screened.must_verify() };
        let mode = self.mode(&sign_up, endpoint);
        let attempts = [consumed.attempt(), form.attempt()];
        let registered = self.writer.change(client, move |change| {
            attempts.iter().try_for_each(Attempt::count)?;
            change.register(&sign_up, mode)
        });
        let registered =
            if matches!(mode, SignUpMode::Concealed) { in_steps(registered).await } else { registered.await };
        if let Err(error @ Rejection::Store(StoreError::Unavailable(_))) = &registered {
            consumed.refund_after(error.may_be_committed()).await;
            form.refund_after(error.may_be_committed()).await;
        }
        let mut registered = registered?;
        if let Registered::Made { account, session: Some(_), devices, .. } = &mut registered {
            *devices = client.devices.with_new(&self.device_key, account.id, &hash);
        }
        Ok(registered)
    }

    /// The counters of a sign-up; empty at the private endpoint.
    fn counters(&self, endpoint: EndpointPolicy, client: &Client) -> Vec<Counter> {
        let policy = self.limiter.policy().filter(|_| !endpoint.any_password);
        policy.map(|policy| self.limiter.counters(&policy.sign_up, client.network(), None)).unwrap_or_default()
    }

    fn mode(&self, sign_up: &Hashed, endpoint: EndpointPolicy) -> SignUpMode {
        let needs_verification = sign_up.email.is_some() && !sign_up.is_verified;
        let verification = &self.policy().verification;
        if needs_verification && verification.conceals_accounts && !endpoint.any_password {
            SignUpMode::Concealed
        } else if needs_verification && verification.expires(sign_up.must_verify) {
            SignUpMode::Verified
        } else {
            SignUpMode::Open { signs_in: endpoint.signs_in }
        }
    }
}

/// A valid sign-up, with its password hashed.
struct Hashed {
    full_name: Option<FullName>,
    email: Option<Email>,
    username: Option<Username>,
    password_hash: StoredPassword,
    is_verified: bool,
    /// Whether a login requires a verified address, regardless of the settings.
    must_verify: bool,
}

impl Hashed {
    /// Whether the account expires unless its address is verified in time.
    fn expires(&self, policy: &AccountPolicy) -> bool {
        policy.verification.expires(self.must_verify) && self.email.is_some() && !self.is_verified
    }
}

/// The handling of a sign-up for an address that has an account.
#[derive(Clone, Copy)]
enum SignUpMode {
    /// The address is taken.
    Open { signs_in: bool },
    /// The address is taken if it is verified. If not, the sign-up is a claim: the client that verifies the address
    /// gets the account.
    Verified,
    /// As [`Self::Verified`], but the answer does not depend on the account.
    Concealed,
}

impl Change<'_> {
    /// The unique index decides between concurrent sign-ups.
    fn register(&mut self, sign_up: &Hashed, mode: SignUpMode) -> Result<Registered, Rejection> {
        let language = self.client.language.clone();
        let language = language.as_deref();
        let user = NewUser {
            email: sign_up.email.as_ref().map(Email::as_str),
            username: sign_up.username.as_ref().map(Username::as_str),
            username_key: sign_up.username.as_ref().map(Username::key).as_deref(),
            password_hash: sign_up.password_hash.as_str(),
            full_name: sign_up.full_name.as_ref().map(FullName::as_str),
            is_active: true,
            is_verified: sign_up.is_verified,
            created_at: self.now,
            updated_at: self.now,
            language,
            proof_due: sign_up.expires(&self.policy).then(|| self.now + self.policy.verification.expiry),
            must_prove: sign_up.must_verify,
        }
        .insert_in(self.connection, mode)?;

        let address = sign_up.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
        let (account, claim_id) = match user {
            Some(account) => {
                if matches!(mode, SignUpMode::Concealed) {
                    self.match_claim_timing(sign_up, &address)?;
                }
                (account, None)
            }
            None => match self.claim(sign_up, &address)? {
                Some((account, claim)) => (account, Some(claim)),
                None if matches!(mode, SignUpMode::Concealed) => {
                    return Ok(Registered::CheckInbox(PendingVerification { user_id: None, claim_id: None, address }));
                }
                None => return Err(FieldError::EmailTaken.into()),
            },
        };
        let id = account.id;
        if claim_id.is_none() {
            self.record(Event::AccountRegistered, true, id)?;
        }
        if account.is_unverified() {
            self.post(&MailKind::VerifyEmail { claim: claim_id }, Some(id), &address, language)?;
        }
        let pending = PendingVerification { user_id: Some(id), claim_id, address };
        Ok(match mode {
            SignUpMode::Open { signs_in } => {
                let session = if signs_in { Some(self.start_session(id, SessionKind::Browser)?) } else { None };
                Registered::Made { account, session, devices: Devices::default(), pending: None }
            }
            SignUpMode::Verified => {
                Registered::Made { account, session: None, devices: Devices::default(), pending: Some(pending) }
            }
            SignUpMode::Concealed => Registered::CheckInbox(pending),
        })
    }

    /// The queries of [`Self::claim`] except its insert, for an address that had no account: for equal timing.
    fn match_claim_timing(&mut self, sign_up: &Hashed, address: &str) -> Result<(), StoreError> {
        if let Some(user) = store::users::find_by_email(self.connection, address)? {
            store::users::lock(self.connection, user.account.id)?;
            if sign_up.expires(&self.policy) {
                store::users::extend_verification(
                    self.connection,
                    user.account.id,
                    self.now + self.policy.verification.expiry,
                )?;
            }
        }
        Ok(())
    }

    /// A sign-up for an address that has an account: a claim if it is unverified and a login requires verification;
    /// otherwise `None`, with a mail to the owner, which a refusal rolls back.
    fn claim(&mut self, sign_up: &Hashed, address: &str) -> Result<Option<(Account, i64)>, Rejection> {
        let language = self.client.language.clone();
        let language = language.as_deref();
        // It may be deleted concurrently; a retry succeeds.
        let gone = || StoreError::Unavailable("the account is being deleted".to_owned());
        let id = store::users::find_by_email(self.connection, address)?.ok_or_else(gone)?.account.id;
        // It may be verified concurrently.
        let user = store::users::lock(self.connection, id)?.ok_or_else(gone)?;
        if sign_up.expires(&self.policy) {
            // Changes nothing in a verified account: for equal timing.
            store::users::extend_verification(self.connection, id, self.now + self.policy.verification.expiry)?;
        }
        let needs_verification = self.policy.verification.login_requires(user.account.must_verify);
        if !needs_verification || user.account.is_verified {
            // In the owner's language.
            self.record(Event::AccountClaimed, false, id)?;
            self.post(&MailKind::AccountExists, Some(id), address, user.language.as_deref().or(language))?;
            return Ok(None);
        }
        let full_name = sign_up.full_name.as_ref().map(FullName::as_str);
        let claim = NewClaim {
            user_id: id,
            password_hash: sign_up.password_hash.as_str(),
            full_name,
            language,
            created_at: self.now,
        }
        .insert(self.connection)?;
        self.record(Event::AccountClaimed, true, id)?;
        let full_name = full_name.map(str::to_owned);
        Ok(Some((Account { full_name, created_at: self.now, ..user.account }, claim)))
    }
}

impl NewUser<'_> {
    fn insert_in(&self, connection: &mut AnyConnection, mode: SignUpMode) -> Result<Option<Account>, Rejection> {
        match mode {
            // Nothing is written with a refusal.
            SignUpMode::Open { .. } => Ok(Some(self.insert(connection)?)),
            SignUpMode::Verified | SignUpMode::Concealed => Ok(self.insert_unless_taken(connection)?),
        }
    }
}

struct Valid {
    full_name: Option<FullName>,
    email: Option<Email>,
    username: Option<Username>,
    password: Password,
}

/// The errors, in the order of the form, and the password if it has none so far.
struct InvalidInput {
    errors: Vec<FieldError>,
    password: Option<Password>,
}

fn parse(sign_up: SignUp, endpoint: EndpointPolicy, policy: &PasswordPolicy) -> Result<Valid, InvalidInput> {
    let full_name = match FullName::parse(sign_up.full_name.as_deref().unwrap_or_default()) {
        Ok(None) if endpoint.full_name_required => Err(FieldError::FullNameMissing),
        parsed => parsed,
    };
    let (email, username) = match endpoint.identifier {
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
    let consent =
        if endpoint.consent_required && !sign_up.accepts_terms { Err(FieldError::TermsMissing) } else { Ok(()) };
    let typed = sign_up.password.unwrap_or_else(|| Secret::new(String::new()));
    let password = Password::parse(typed, policy, owner);

    match (full_name, email, username, password, consent) {
        (Ok(full_name), Ok(email), Ok(username), Ok(password), Ok(())) => {
            Ok(Valid { full_name, email, username, password })
        }
        (full_name, email, username, password, consent) => {
            let errors =
                [full_name.err(), email.err(), username.err(), password.as_ref().err().copied(), consent.err()];
            Err(InvalidInput { errors: errors.into_iter().flatten().collect(), password: password.ok() })
        }
    }
}
