//! How often something may be tried. The counters stand in the database, so all instances share them; docs/limits.md has
//! the rules and why they are as they are.
//!
//! A [`Rule`] on a subject is a [`Counter`]. [`Accounts::take`] takes one from each of several or from none; what turns out to
//! be no attempt is refunded ([`Taken`]). No answer depends on whether there is an account: a subject is what was typed, in its
//! canonical form.

mod attempts;
mod policy;
mod refused;
mod shared;
mod taken;

use std::{fmt, sync::Arc, time::Duration};

use chrono::{NaiveDateTime, TimeDelta};
use hmac::Mac as _;
use tokio::sync::Semaphore;

pub use self::{
    policy::{ActionRules, Policy},
    taken::Taken,
};
use self::{
    refused::Refused,
    taken::{MOST_REFUNDS, Refunder},
};
pub(super) use self::{
    shared::without_shared,
    taken::{Attempt, detached},
};
use super::{Accounts, audit::Client, keyed::authenticate, rejection::Rejection};
use crate::{
    observability::metrics,
    store::{self, AnyConnection, StoreError},
};

/// How far the clocks of instances may be apart. A counter that is further ahead than its window and this was taken from by a
/// clock that has been set back since, and is drawn back: nobody waits for longer than the window and this.
pub(super) const COUNTER_SKEW: TimeDelta = TimeDelta::minutes(1);
/// Bytes of a key.
const KEY_BYTES: usize = 16;

/// So many at once, and then one each time that a `limit`th of `per` has gone by (GCRA): in any time of that length no more than
/// twice as many less one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Tells its counters from those of other rules, and stands in the log.
    pub name: &'static str,
    /// At least one.
    pub limit: u32,
    /// More than nothing.
    pub per: TimeDelta,
}

/// What a row is found by: an HMAC of the rule and the subject, so that the table names nobody.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key([u8; KEY_BYTES]);

/// A rule on one subject. Times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    pub key: Key,
    pub rule: &'static str,
    /// From one to the next.
    pub interval: i64,
    /// For all of them.
    pub window: i64,
    /// Whether all clients take from it. Using it up must not shut out other clients: a proof of work is accepted instead.
    pub is_shared: bool,
}

/// Too many: when one can be taken again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("over the limit {rule}")]
pub struct Exceeded {
    pub rule: &'static str,
    pub retry_after: Duration,
    /// As [`Counter::is_shared`].
    pub is_shared: bool,
}

/// The rules, the key of the keys, and who was refused a moment ago. Clones share it all.
#[derive(Clone)]
pub struct Limits {
    /// `None`: nothing is counted.
    policy: Option<Arc<Policy>>,
    key: [u8; 32],
    refused: Arc<Refused>,
    refunds: Arc<Semaphore>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Key {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Limits {
    /// `None`: nothing is counted, and everything passes.
    #[must_use]
    pub fn new(policy: Option<Policy>, key: [u8; 32]) -> Self {
        let refunds = Arc::new(Semaphore::new(MOST_REFUNDS));
        Self { policy: policy.map(Arc::new), key, refused: Arc::default(), refunds }
    }

    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_deref()
    }

    /// The counter of a rule for this subject, in parts.
    #[must_use]
    pub fn counter(&self, rule: &Rule, subject: &[&str]) -> Counter {
        let window = micros_in(rule.per);
        let interval = (window / i64::from(rule.limit.max(1))).max(1);
        let key = self.key(rule.name, subject);
        // So that exactly so many fit.
        let window = interval * i64::from(rule.limit.max(1));
        Counter { key, rule: rule.name, interval, window, is_shared: subject.is_empty() }
    }

    /// The counter of a rule for an account, by its number; none where there is no rule.
    #[must_use]
    pub fn of_account(&self, rule: Option<Rule>, user_id: i64) -> Vec<Counter> {
        rule.map(|rule| self.counter(&rule, &[&user_id.to_string()])).into_iter().collect()
    }

    pub(super) fn key(&self, name: &str, subject: &[&str]) -> Key {
        let mac = authenticate(&self.key, &[&[name], subject].concat());
        let mut key = [0; KEY_BYTES];
        key.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
        Key(key)
    }
}

impl Accounts {
    /// What is known without the database.
    ///
    /// # Errors
    /// [`Exceeded`] for who was refused a moment ago.
    pub(super) fn check_refusals(&self, counters: &[Counter]) -> Result<(), Exceeded> {
        let now = micros(self.clock.now());
        let wait = |counter: &Counter| self.limits.refused.wait(&counter.key, now);
        let refused = counters.iter().find_map(|counter| Some(counter.exceeded(wait(counter)?)));
        refused.inspect(|exceeded| metrics::rate_limited(exceeded.rule)).map_or(Ok(()), Err)
    }

    /// Takes one from each of these, or none.
    ///
    /// # Errors
    /// [`Rejection::TooMany`]; those of the database.
    pub async fn take(&self, counters: Vec<Counter>) -> Result<Taken, Rejection> {
        if self.limits.policy.is_none() || counters.is_empty() {
            return Ok(Taken::default());
        }
        self.check_refusals(&counters)?;
        let now = micros(self.clock.now());
        let taking = self.taking(move |connection| take_all(connection, &counters, now).map(|()| ((), counters)));
        match taking.await {
            Ok(((), taken)) => Ok(taken),
            Err(refusal) => Err(self.refuse(refusal, None).await),
        }
    }

    /// As [`Self::take`], of counters among which one may be shared by all clients.
    ///
    /// # Errors
    /// [`Rejection::MoreAsked`] where that is used up; those of [`Self::take`].
    pub(super) async fn take_shared(&self, counters: Vec<Counter>, client: &Client) -> Result<Taken, Rejection> {
        let counters = self.without_shared_if_proven(counters, client).await?;
        self.take(counters).await.map_err(|rejection| self.or_challenge(rejection, client))
    }

    /// Takes what `work` took from, beside what it gives; gives it back where the client has left meanwhile.
    pub(super) async fn taking<T, F>(&self, work: F) -> Result<(T, Taken), Refusal>
    where
        F: FnOnce(&mut AnyConnection) -> Result<(T, Vec<Counter>), Refusal> + Send + 'static,
        T: Send + 'static,
    {
        let accounts = self.clone();
        detached(async move {
            let (done, counters) = accounts.database.write(work).await?;
            Ok((done, accounts.taken(counters)))
        })
        .await
    }

    /// What stands in the database already.
    pub(super) fn taken(&self, counters: Vec<Counter>) -> Taken {
        let (database, clock, limits) = (self.database.clone(), self.clock, self.limits.clone());
        Taken::new(counters, Refunder { database, clock, limits })
    }

    /// Uses an id up until a time; `false` if it was used up before. Also where nothing is counted.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn use_once(&self, purpose: &'static str, id: &str, until: NaiveDateTime) -> Result<bool, StoreError> {
        let key = self.limits.key("used once", &[purpose, id]);
        let (now, until) = (micros(self.clock.now()), micros(until));
        self.database.write(move |db| store::rate_limits::use_once(db, key.as_bytes(), now, until)).await
    }

    /// Deletes the counters that are over; says how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_expired_counters(&self) -> Result<usize, StoreError> {
        // Instances may differ about what is over.
        let before = micros(self.clock.now() - COUNTER_SKEW);
        self.in_batches(move |db| store::rate_limits::delete_expired(db, before)).await
    }

    /// Remembers a refusal, by the counter that refused and `also` by another one, and mends a counter that a wrong clock has
    /// left behind.
    pub(super) async fn refuse(&self, refusal: Refusal, also: Option<&Counter>) -> Rejection {
        let Refusal::Exceeded { counter, tat, now } = refusal else { return refusal.into() };
        let most = now + counter.window + counter.skew();
        if tat > most {
            let (mended, to) = (counter.clone(), now + counter.window);
            let drawn = self.database.write(move |db| store::rate_limits::draw_back(db, &mended, most, to));
            if let Err(error) = drawn.await {
                return error.into();
            }
        }
        let exceeded = counter.exceeded(counter.wait(tat, now));
        for counter in [Some(&counter), also].into_iter().flatten() {
            self.limits.refused.remember(&counter.key, exceeded.retry_after, now);
        }
        tracing::info!(rule = counter.rule, "over the limit");
        metrics::rate_limited(counter.rule);
        exceeded.into()
    }
}

impl Limits {
    pub(super) fn forget_refusals(&self, counters: &[Counter]) {
        for counter in counters {
            self.refused.forget(&counter.key);
        }
    }
}

impl Counter {
    fn exceeded(&self, retry_after: Duration) -> Exceeded {
        Exceeded { rule: self.rule, retry_after, is_shared: self.is_shared }
    }

    /// How long until one can be taken, where the row has this time.
    fn wait(&self, tat: i64, now: i64) -> Duration {
        let ahead = tat.min(now.saturating_add(self.window)) - now + self.interval - self.window;
        Duration::from_micros(u64::try_from(ahead).unwrap_or(0))
    }

    /// Short windows are not made much longer by it.
    fn skew(&self) -> i64 {
        self.window.min(micros_in(COUNTER_SKEW))
    }
}

/// Why nothing was taken.
#[derive(Debug)]
pub(super) enum Refusal {
    Exceeded { counter: Counter, tat: i64, now: i64 },
    Store(StoreError),
}

impl Refusal {
    fn wait(&self) -> Duration {
        match self {
            Self::Exceeded { counter, tat, now } => counter.wait(*tat, *now),
            Self::Store(_) => Duration::ZERO,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Exceeded { counter, tat, now } => counter.exceeded(counter.wait(tat, now)).into(),
        }
    }
}

/// Takes from the first of these that let it through, and says which; if none does, the soonest to do so says when.
pub(super) fn take_first(
    connection: &mut AnyConnection,
    choices: impl IntoIterator<Item = Vec<Counter>>,
    now: i64,
) -> Result<Vec<Counter>, Refusal> {
    let mut soonest: Option<Refusal> = None;
    for counters in choices {
        match take_all(connection, &counters, now) {
            Ok(()) => return Ok(counters),
            Err(Refusal::Store(error)) => return Err(error.into()),
            Err(refusal) if soonest.as_ref().is_none_or(|soonest| refusal.wait() < soonest.wait()) => {
                soonest = Some(refusal);
            }
            Err(_) => {}
        }
    }
    soonest.map_or(Ok(Vec::new()), Err)
}

/// Takes one from each. Where one refuses, the transaction is to be rolled back, so that nothing is taken from the others.
pub(super) fn take_all(connection: &mut AnyConnection, counters: &[Counter], now: i64) -> Result<(), Refusal> {
    for counter in counters {
        if !store::rate_limits::take(connection, counter, now)? {
            let tat = store::rate_limits::find(connection, counter)?.unwrap_or(now);
            return Err(Refusal::Exceeded { counter: counter.clone(), tat, now });
        }
    }
    Ok(())
}

/// A length of time in microseconds; what is longer than any clock counts as very long.
pub(super) fn micros_in(time: TimeDelta) -> i64 {
    time.num_microseconds().unwrap_or(i64::MAX / 4)
}

/// Since 1970 (UTC).
pub(super) fn micros(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp_micros()
}
