//! The domain: what an account is, how one comes to be and what happens to it. Knows neither Poem nor Diesel.
//!
//! The flows are methods of [`Accounts`], one file each: [`registration`], [`email_verification`], [`login`],
//! [`sessions`], [`password_reset`], [`settings`], [`export`], [`closing`]; [`outbox`], [`maintenance`] and [`audit_bounds`] run beside them. The other files
//! are their words.

mod activity;
mod answer_time;
pub mod audit;
pub mod audit_bounds;
pub mod bots;
pub mod closing;
mod code_tries;
mod derived;
pub mod devices;
pub mod email;
pub mod email_verification;
pub mod export;
pub mod form;
pub mod full_name;
pub mod judge;
mod keyed;
pub mod letters;
pub mod limits;
pub mod links;
pub mod login;
mod mail_limits;
pub mod mailbox;
pub mod maintenance;
pub mod network;
pub mod outbox;
pub mod password;
pub mod password_reset;
pub mod registration;
pub mod rejection;
mod retries;
pub mod sessions;
pub mod settings;
pub mod token;
pub mod username;

use std::{ops::RangeInclusive, sync::Arc};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use self::{
    audit::{Client, Event},
    audit_bounds::Written,
    bots::BotChecks,
    devices::DeviceKey,
    export::Exports,
    judge::Judge,
    letters::Letter,
    limits::Limits,
    password::PasswordPolicy,
    token::CodeKey,
};
use crate::{
    hashing::Hasher,
    store::{self, AnyConnection, Database, StoreError, audit::Kind, mail_tokens::Purpose},
};

/// An account as the rest of the program sees it: everything but the password hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    /// Canonical address, see [`email::Email`].
    pub email: Option<String>,
    /// As typed; compared by [`username::Username::key`].
    pub username: Option<String>,
    pub full_name: Option<String>,
    pub is_active: bool,
    pub is_verified: bool,
    /// Whether nobody is let in before the address is proven, whatever the settings say.
    pub must_prove: bool,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// Where the time comes from. A parameter, so that tests can set it.
#[derive(Debug, Clone, Copy)]
pub struct Clock(pub fn() -> DateTime<Utc>);

impl Clock {
    /// The operating system's clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        Self(Utc::now)
    }

    #[must_use]
    pub fn now(self) -> NaiveDateTime {
        (self.0)().naive_utc()
    }
}

/// How far the clocks of instances may be apart. Counters allow for less: one that is drawn back late keeps people waiting.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Whether something is of a time that is still to come, by a clock that was set back since: it counts as expired, since
/// it may have been.
fn is_early(created_at: NaiveDateTime, now: NaiveDateTime) -> bool {
    created_at - now > CLOCK_SKEW
}

/// The shortest random delay of a mail, where there may be one.
const SHORTEST_DELAY: TimeDelta = TimeDelta::seconds(1);

fn random_delay(longest: TimeDelta) -> TimeDelta {
    let (least, most) = (SHORTEST_DELAY.num_milliseconds(), longest.num_milliseconds());
    if most <= least { longest } else { TimeDelta::milliseconds(rand::random_range(least..=most)) }
}

/// The time up to now, so long, in which something is counted. What is still to come is not: a clock that was set back
/// would hold a limit reached for as long.
fn up_to(now: NaiveDateTime, age: TimeDelta) -> RangeInclusive<NaiveDateTime> {
    now - age..=now + CLOCK_SKEW
}

/// What the operator decided about accounts.
#[derive(Debug, Clone)]
pub struct Rules {
    pub password: PasswordPolicy,
    /// Whether there is a mail server; without one nobody proves an address or gets a new password.
    pub sends_mail: bool,
    /// How long a mail waits at most before it is made, at random.
    pub mail_delay: TimeDelta,
    /// `REQUIRE_VERIFIED_EMAIL`: no login before the address is proven.
    pub requires_proof: bool,
    /// `CONCEAL_ACCOUNTS`: a sign-up never tells whether the address has an account.
    pub conceals_accounts: bool,
    /// How long an account waits for its proof where a login needs that.
    pub unproven_expiry: TimeDelta,
    /// How long a browser stays signed in that nobody uses, and at most.
    pub session_idle: TimeDelta,
    pub session_lifetime: TimeDelta,
    /// How long a bearer token is good.
    pub token_lifetime: TimeDelta,
    pub audit_retention: TimeDelta,
}

impl Rules {
    /// Whether an address has to be proven before its holder is let in. Where sign-ups are concealed too: otherwise whoever
    /// signs up and then logs in would know.
    #[must_use]
    pub fn login_needs_proof(&self) -> bool {
        self.requires_proof || self.conceals_accounts
    }
}

/// The service behind every door. Clones share everything.
#[derive(Debug, Clone)]
pub struct Accounts {
    pub database: Database,
    pub hasher: Hasher,
    pub judge: Judge,
    pub rules: Arc<Rules>,
    pub clock: Clock,
    pub code_key: CodeKey,
    pub device_key: DeviceKey,
    pub limits: Limits,
    pub bots: BotChecks,
    pub exports: Exports,
    /// Which lines of the audit log may be too many by now.
    pub written: Arc<Written>,
    /// Wakes whoever sends what is in the outbox.
    pub bell: Arc<Notify>,
}

impl Account {
    /// Whether there is an address that nobody has proven.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        self.email.is_some() && !self.is_verified
    }
}

impl Accounts {
    /// Whether somebody with the right password is let in. An account without an address has none to prove.
    #[must_use]
    pub fn admits(&self, account: &Account) -> bool {
        let needs_proof = self.rules.login_needs_proof() || account.must_prove;
        account.is_active && !(needs_proof && account.is_unproven())
    }

    /// A change to accounts at one moment: whatever it causes is written in its transaction.
    pub(crate) async fn change<T, E, F>(&self, client: &Client, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Change<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (now, client, rules) = (self.clock.now(), client.clone(), Arc::clone(&self.rules));
        let written = Arc::clone(&self.written);
        let done = self.database.write(move |connection| {
            let mut change = Change { connection, now, client, rules, written, has_posted: false };
            work(&mut change).map(|done| (done, change.has_posted))
        });
        let (done, has_posted) = done.await?;
        if has_posted {
            self.bell.notify_one();
        }
        Ok(done)
    }
}

/// A transaction, with what everything in it is written with.
pub(crate) struct Change<'a> {
    pub connection: &'a mut AnyConnection,
    /// UTC.
    pub now: NaiveDateTime,
    pub client: Client,
    pub rules: Arc<Rules>,
    written: Arc<Written>,
    /// Whether there is a mail to send now.
    pub has_posted: bool,
}

impl Change<'_> {
    /// Adds a line to the audit log.
    pub fn record(&mut self, event: Event, succeeded: bool, user_id: impl Into<Option<i64>>) -> Result<(), StoreError> {
        let user_id = user_id.into();
        if let Some(user_id) = user_id {
            self.written.note(Kind { user_id, event, succeeded });
        }
        store::audit::record(self.connection, (event, succeeded), user_id, &self.client, self.now)
    }

    /// Everything that was mailed for an account is dead from now on, and nobody else has a claim on it.
    pub fn make_links_dead(&mut self, user_id: i64) -> Result<(), StoreError> {
        self.make_links_dead_but(user_id, None)
    }

    /// As [`Self::make_links_dead`], but for what is mailed for this purpose.
    pub fn make_links_dead_but(&mut self, user_id: i64, spared: Option<Purpose>) -> Result<(), StoreError> {
        store::mail_tokens::replace_all(self.connection, user_id, spared)?;
        store::claims::drop_all(self.connection, user_id)?;
        // Nor is what was asked for and not mailed yet.
        store::outbox::drop_pending(self.connection, user_id, Letter::ConfirmNewEmail.name(), self.now)
    }

    /// Puts a mail into the outbox, where there is a mail server.
    pub fn post(
        &mut self,
        letter: &Letter,
        user_id: Option<i64>,
        recipient: &str,
        language: Option<&str>,
    ) -> Result<(), StoreError> {
        if !self.rules.sends_mail {
            return Ok(());
        }
        self.has_posted = true;
        let (client, now, not_before) = (&self.client, self.now, self.now + random_delay(self.rules.mail_delay));
        store::new_mail::NewMail { letter, user_id, recipient, language, client, now, not_before }
            .insert(self.connection)
    }
}
