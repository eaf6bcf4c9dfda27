//! The sign-up: from raw fields to an account. Every door comes through [`Accounts::register`].

use super::{
    Account, Accounts, Change, Rules,
    answer_time::in_steps,
    audit::{Client, Event},
    bots::Evidence,
    devices::Devices,
    email::Email,
    email_verification::Pending,
    form::FieldError,
    full_name::FullName,
    letters::Letter,
    limits::{Attempt, Counter, without_shared},
    password::{Owner, Password, PasswordPolicy, Secret},
    rejection::Rejection,
    sessions::SessionKind,
    token::Token,
    username::Username,
};
use crate::{
    hashing::{Purpose, StoredPassword},
    observability::{Outcome, metrics, trace::Span},
    store::{self, AnyConnection, StoreError, claims::NewClaim, users::NewUser},
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
    /// What a form of ours says beside it; `None`: it is a program's, which nobody takes for a person.
    pub evidence: Option<Evidence>,
}

/// What names the account at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierKind {
    Email,
    Username,
}

/// What a door asks for.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Terms {
    pub identifier: IdentifierKind,
    pub full_name_required: bool,
    /// Asks for a password of 1 to 128 characters and no more than that, whatever the settings say.
    pub any_password: bool,
    /// Asks to accept the operator's terms of service.
    pub consent_required: bool,
    /// Whoever signs up is signed in.
    pub signs_in: bool,
}

/// What came of a sign-up.
#[derive(Debug)]
pub enum Registered {
    Made {
        account: Account,
        /// Where whoever signed up is signed in.
        session: Option<Token>,
        /// What the cookie of a browser that is signed in is to say from now on.
        devices: Devices,
        /// Where the address has to be proven.
        pending: Option<Pending>,
    },
    /// It is not told whether the address had an account; a mail tells its owner.
    CheckInbox(Pending),
}

impl Accounts {
    /// Makes an account.
    ///
    /// In this order: the rules of the form; who was refused a moment ago; a database that is away; whether the form looks
    /// like a program's; a place in front of the hasher, so that a busy service says so before the password is judged; the
    /// limits; the hash, while no connection is held; the row. Whether the identifier is free is decided by the unique index
    /// alone.
    ///
    /// # Errors
    /// [`Rejection::Input`] with every fault found, or with the identifier as taken; [`Rejection::TooMany`] and, of a form,
    /// [`Rejection::MoreAsked`] for what passes the rules; the others when a hash or the database could not be had in time.
    pub async fn register(&self, sign_up: SignUp, terms: Terms, client: &Client) -> Result<Registered, Rejection> {
        let span = Span::begin("sign up");
        let registered = span.around(self.register_anybody(sign_up, terms, client)).await;
        let outcome = match &registered {
            Ok(Registered::Made { .. }) => Outcome::Succeeded,
            Ok(Registered::CheckInbox(_)) => Outcome::Concealed,
            Err(rejection) => rejection.outcome(),
        };
        span.set_outcome(outcome);
        metrics::signed_up(outcome);
        registered
    }

    async fn register_anybody(&self, sign_up: SignUp, terms: Terms, client: &Client) -> Result<Registered, Rejection> {
        let is_verified = sign_up.is_verified;
        let evidence = sign_up.evidence.clone();
        let policy = if terms.any_password { &PasswordPolicy::LENGTH_ONLY } else { &self.rules.password };
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
        let mut counters = self.without_shared_if_proven(self.counters(terms, client), client).await?;
        // A form is challenged in `screen` where the shared counter is used up.
        let is_asked = evidence.is_some() && valid.email.is_some() && self.asks_forms();
        let known = if is_asked { without_shared(counters.clone()) } else { counters.clone() };
        self.check_refusals(&known).map_err(|exceeded| self.or_challenge(exceeded, client))?;
        // No core computes a hash that could not be kept.
        self.database.reach().await?;
        let screened = self.screen(evidence.as_ref(), valid.email.as_ref(), client).await?;
        let place = self.hasher.reserve(Purpose::SignUp)?;
        if policy.blocklist && self.judge.is_easy(&valid.password).await? {
            return Err(FieldError::PasswordCommon.into());
        }
        if screened.is_proven() {
            counters = without_shared(counters);
        }
        let taken = self.take_shared(counters, client).await?;
        let hashed = async {
            let form = self.let_in(&screened).await?;
            Ok::<_, Rejection>((form, self.hasher.hash(place, &valid.password).await?))
        };
        let (form, password_hash) = match hashed.await {
            Ok(hashed) => hashed,
            Err(error) => {
                taken.refund().await;
                return Err(error);
            }
        };
        let Valid { full_name, email, username, .. } = valid;
        let hash = password_hash.as_str().to_owned();
        let sign_up =
            Parsed { full_name, email, username, password_hash, is_verified, must_prove: screened.must_prove() };
        let way = self.way(&sign_up, terms);
        let attempts = [taken.attempt(), form.attempt()];
        let registered = self.change(client, move |change| {
            attempts.iter().try_for_each(Attempt::count)?;
            change.register(&sign_up, way)
        });
        let registered = if matches!(way, Way::Concealed) { in_steps(registered).await } else { registered.await };
        if let Err(error @ Rejection::Store(StoreError::Unavailable(_))) = &registered {
            taken.refund_after(error).await;
            form.refund_after(error).await;
        }
        let mut registered = registered?;
        if let Registered::Made { account, session: Some(_), devices, .. } = &mut registered {
            *devices = client.devices.with_new(&self.device_key, account.id, &hash);
        }
        Ok(registered)
    }

    /// What a sign-up takes from; a developer's own door takes from nothing.
    fn counters(&self, terms: Terms, client: &Client) -> Vec<Counter> {
        let policy = self.limits.policy().filter(|_| !terms.any_password);
        policy.map(|policy| policy.sign_up.counters(&self.limits, client.network(), None)).unwrap_or_default()
    }

    fn way(&self, sign_up: &Parsed, terms: Terms) -> Way {
        let is_provable = sign_up.email.is_some() && !sign_up.is_verified;
        if is_provable && self.rules.conceals_accounts && !terms.any_password {
            Way::Concealed
        } else if is_provable && (self.rules.requires_proof || sign_up.must_prove) {
            Way::Provable
        } else {
            Way::Open { signs_in: terms.signs_in }
        }
    }
}

/// What is to be kept.
struct Parsed {
    full_name: Option<FullName>,
    email: Option<Email>,
    username: Option<Username>,
    password_hash: StoredPassword,
    is_verified: bool,
    /// Whether nobody is let in before the address is proven, whatever the settings say.
    must_prove: bool,
}

impl Parsed {
    /// Whether the account is taken away again unless somebody proves its address.
    fn waits_for_proof(&self, rules: &Rules) -> bool {
        (rules.requires_proof || self.must_prove) && self.email.is_some() && !self.is_verified
    }
}

/// How an address that has an account is dealt with.
#[derive(Clone, Copy)]
enum Way {
    /// It is taken.
    Open { signs_in: bool },
    /// It is taken if somebody has proven it. If not, whoever proves it gets the account.
    Provable,
    /// Nobody is told.
    Concealed,
}

impl Change<'_> {
    /// The unique index decides who was first.
    fn register(&mut self, sign_up: &Parsed, way: Way) -> Result<Registered, Rejection> {
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
            proof_due: sign_up.waits_for_proof(&self.rules).then(|| self.now + self.rules.unproven_expiry),
            must_prove: sign_up.must_prove,
        }
        .keep(self.connection, way)?;

        let address = sign_up.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
        let (account, claim_id) = match user {
            Some(account) => {
                if matches!(way, Way::Concealed) {
                    self.take_as_long(sign_up, &address)?;
                }
                (account, None)
            }
            None => match self.claim(sign_up, &address)? {
                Some((account, claim)) => (account, Some(claim)),
                None if matches!(way, Way::Concealed) => {
                    return Ok(Registered::CheckInbox(Pending { user_id: None, claim_id: None, address }));
                }
                None => return Err(FieldError::EmailTaken.into()),
            },
        };
        let id = account.id;
        if claim_id.is_none() {
            self.record(Event::AccountRegistered, true, id)?;
        }
        if account.is_unproven() {
            self.post(&Letter::VerifyEmail { claim: claim_id }, Some(id), &address, language)?;
        }
        let pending = Pending { user_id: Some(id), claim_id, address };
        Ok(match way {
            Way::Open { signs_in } => {
                let session = if signs_in { Some(self.start_session(id, SessionKind::Browser)?) } else { None };
                Registered::Made { account, session, devices: Devices::default(), pending: None }
            }
            Way::Provable => {
                Registered::Made { account, session: None, devices: Devices::default(), pending: Some(pending) }
            }
            Way::Concealed => Registered::CheckInbox(pending),
        })
    }

    /// The steps that [`Self::claim`] takes besides writing a row, for an address that had no account: time must not tell.
    fn take_as_long(&mut self, sign_up: &Parsed, address: &str) -> Result<(), StoreError> {
        if let Some(user) = store::users::find_by_email(self.connection, address)? {
            store::users::lock(self.connection, user.account.id)?;
            if sign_up.waits_for_proof(&self.rules) {
                store::users::extend_proof(self.connection, user.account.id, self.now + self.rules.unproven_expiry)?;
            }
        }
        Ok(())
    }

    /// A sign-up for an address that has an account: a claim on it if nobody has proven it and a login needs that; if not,
    /// `None`, and its owner is told where nobody else is.
    fn claim(&mut self, sign_up: &Parsed, address: &str) -> Result<Option<(Account, i64)>, Rejection> {
        let language = self.client.language.clone();
        let language = language.as_deref();
        // It may have been deleted since; whoever tries again gets it.
        let gone = || StoreError::Unavailable("the account is just being deleted".to_owned());
        let id = store::users::find_by_email(self.connection, address)?.ok_or_else(gone)?.account.id;
        // It may just be proven.
        let user = store::users::lock(self.connection, id)?.ok_or_else(gone)?;
        if sign_up.waits_for_proof(&self.rules) {
            // Of a proven one nothing waits, and nothing changes; it takes its time all the same.
            store::users::extend_proof(self.connection, id, self.now + self.rules.unproven_expiry)?;
        }
        let needs_proof = self.rules.login_needs_proof() || user.account.must_prove;
        if !needs_proof || user.account.is_verified {
            // Its language is its owner's.
            self.record(Event::AccountClaimed, false, id)?;
            self.post(&Letter::AccountExists, Some(id), address, user.language.as_deref().or(language))?;
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
    fn keep(&self, connection: &mut AnyConnection, way: Way) -> Result<Option<Account>, Rejection> {
        match way {
            // Nothing is written with a refusal.
            Way::Open { .. } => Ok(Some(self.insert(connection)?)),
            Way::Provable | Way::Concealed => Ok(self.insert_unless_taken(connection)?),
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
