//! Rate limits. Counters are stored in the database, shared by all instances; docs/limits.md has the rules and reasons.
//!
//! A [`Rule`] on a subject is a [`Counter`]. [`RateLimiter::consume`] consumes one unit from
//! each of several counters or from none; a request that is no attempt is refunded ([`Consumed`]). No response reveals
//! whether there is an account: a subject is the typed identifier in canonical form.

mod consumed;
mod policy;
mod refusals;

use std::{fmt, sync::Arc};

use chrono::NaiveDateTime;

pub use self::{
    consumed::{Attempt, Consumed},
    policy::{ActionRules, RateLimitPolicy},
};
use self::{
    consumed::{Refunds, detached},
    refusals::Refusals,
};
use super::metrics;
use crate::{
    domain::{
        clock::Clock,
        network::Network,
        rate::{COUNTER_SKEW, Counter, CounterKey, Exceeded, Rule, micros},
    },
    store::{self, AnyConnection, Database, StoreError},
};

/// The rules, their counters in the database, and the refusals of the last minute in memory. Clones share all state.
#[derive(Clone)]
pub struct RateLimiter {
    /// `None`: disabled.
    policy: Option<Arc<RateLimitPolicy>>,
    key: CounterKey,
    refusals: Arc<Refusals>,
    refunds: Refunds,
    database: Database,
    clock: Clock,
}

/// Why nothing was consumed.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a transaction consumed nothing; it is rolled back.
#[derive(Debug)]
pub(super) enum Refusal {
    /// `tat`: the theoretical arrival time in the row of the counter, in microseconds since 1970.
    Exceeded {
        counter: Counter,
        tat: i64,
        now: i64,
    },
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl RateLimiter {
    /// `policy`: `None` disables all limits.
    #[must_use]
    pub fn new(policy: Option<RateLimitPolicy>, key: [u8; 32], database: Database, clock: Clock) -> Self {
        let refusals = Arc::<Refusals>::default();
        let refunds = Refunds::new(database.clone(), clock, Arc::clone(&refusals));
        Self { policy: policy.map(Arc::new), key: CounterKey(key), refusals, refunds, database, clock }
    }

    #[must_use]
    pub fn policy(&self) -> Option<&RateLimitPolicy> {
        self.policy.as_deref()
    }

    /// The counter of a rule for a subject, given in parts.
    #[must_use]
    pub fn counter(&self, rule: &Rule, subject: &[&str]) -> Counter {
        self.key.counter(rule, subject)
    }

    /// The counter of a rule for an account; empty without a rule.
    #[must_use]
    pub fn of_account(&self, rule: Option<Rule>, user_id: i64) -> Vec<Counter> {
        rule.map(|rule| self.counter(&rule, &[&user_id.to_string()])).into_iter().collect()
    }

    /// The counters of an attempt; see [`ActionRules::counters`].
    #[must_use]
    pub fn counters(&self, rules: &ActionRules, network: Option<Network>, account: Option<&str>) -> Vec<Counter> {
        rules.counters(&self.key, network, account)
    }

    /// Refuses from the cached refusals, without the database.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub(super) fn check_refusals(&self, counters: &[Counter]) -> Result<(), Exceeded> {
        let now = micros(self.clock.now());
        let wait = |counter: &Counter| self.refusals.wait(&counter.key, now);
        let refused = counters.iter().find_map(|counter| Some(counter.exceeded(wait(counter)?)));
        refused.inspect(|exceeded| metrics::rate_limited(exceeded.rule)).map_or(Ok(()), Err)
    }

    pub(super) fn forget_refusals(&self, counters: &[Counter]) {
        self.refusals.forget_all(counters);
    }

    /// Consumes one unit from each counter, or none.
    ///
    /// # Errors
    /// [`LimitError`].
    pub async fn consume(&self, counters: Vec<Counter>) -> Result<Consumed, LimitError> {
        if self.policy.is_none() || counters.is_empty() {
            return Ok(Consumed::default());
        }
        self.check_refusals(&counters)?;
        match self.consume_all(counters).await {
            Ok(consumed) => Ok(consumed),
            Err(refusal) => Err(self.refuse(refusal, None).await),
        }
    }

    /// As [`Self::consume`], but neither reads nor writes cached refusals.
    pub(super) async fn consume_all(&self, counters: Vec<Counter>) -> Result<Consumed, Refusal> {
        let now = micros(self.clock.now());
        let consuming =
            self.consume_in(move |connection| consume_all(connection, &counters, now).map(|()| ((), counters)));
        Ok(consuming.await?.1)
    }

    /// Runs a transaction that consumes from the counters it returns; refunded if the client disconnects meanwhile.
    pub(super) async fn consume_in<T, F>(&self, work: F) -> Result<(T, Consumed), Refusal>
    where
        F: FnOnce(&mut AnyConnection) -> Result<(T, Vec<Counter>), Refusal> + Send + 'static,
        T: Send + 'static,
    {
        let limiter = self.clone();
        detached(async move {
            let (done, counters) = limiter.database.write(work).await?;
            Ok((done, limiter.consumed(counters)))
        })
        .await
    }

    /// Units already counted in the database.
    pub(super) fn consumed(&self, counters: Vec<Counter>) -> Consumed {
        Consumed::new(counters, self.refunds.clone())
    }

    /// Marks an id as used until a time; `false` if it was used before. Independent of the policy.
    ///
    /// # Errors
    /// Database errors.
    pub async fn use_once(&self, purpose: &'static str, id: &str, until: NaiveDateTime) -> Result<bool, StoreError> {
        let key = self.key.key("used once", &[purpose, id]);
        let (now, until) = (micros(self.clock.now()), micros(until));
        self.database.write(move |db| store::rate_limits::use_once(db, key.as_bytes(), now, until)).await
    }

    /// Deletes expired counters; returns their number.
    ///
    /// # Errors
    /// Database errors.
    pub async fn delete_expired(&self) -> Result<usize, StoreError> {
        // Clocks of instances differ.
        let before = micros(self.clock.now() - COUNTER_SKEW);
        self.database.write_in_batches(move |db| store::rate_limits::delete_expired(db, before)).await
    }

    /// Caches a refusal by its counter and by `also`, and clamps a counter that a wrong clock has set too far ahead.
    pub(super) async fn refuse(&self, refusal: Refusal, also: Option<&Counter>) -> LimitError {
        let (counter, tat, now) = match refusal {
            Refusal::Exceeded { counter, tat, now } => (counter, tat, now),
            Refusal::Store(error) => return error.into(),
        };
        let most = now + counter.window + counter.skew();
        if tat > most {
            let (ahead, to) = (counter.clone(), now + counter.window);
            let clamped = self.database.write(move |db| store::rate_limits::clamp(db, &ahead, most, to)).await;
            if let Err(error) = clamped {
                return LimitError::Store(error);
            }
        }
        let exceeded = counter.exceeded(counter.wait(tat, now));
        for counter in [Some(&counter), also].into_iter().flatten() {
            self.refusals.remember(&counter.key, exceeded.retry_after, now);
        }
        tracing::info!(rule = counter.rule, "rate limit exceeded");
        metrics::rate_limited(counter.rule);
        exceeded.into()
    }
}

/// The counters without the shared one.
pub(super) fn without_shared(mut counters: Vec<Counter>) -> Vec<Counter> {
    counters.retain(|counter| !counter.is_shared);
    counters
}

/// Consumes from the first choice that allows it, and returns that; if none does, the refusal with the shortest wait.
pub(super) fn consume_first(
    connection: &mut AnyConnection,
    choices: impl IntoIterator<Item = Vec<Counter>>,
    now: i64,
) -> Result<Vec<Counter>, Refusal> {
    let wait = |refusal: &Refusal| match refusal {
        Refusal::Exceeded { counter, tat, now } => Some(counter.wait(*tat, *now)),
        Refusal::Store(_) => None,
    };
    let mut soonest: Option<Refusal> = None;
    for counters in choices {
        match consume_all(connection, &counters, now) {
            Ok(()) => return Ok(counters),
            Err(Refusal::Store(error)) => return Err(error.into()),
            Err(refusal) if soonest.as_ref().is_none_or(|soonest| wait(&refusal) < wait(soonest)) => {
                soonest = Some(refusal);
            }
            Err(_) => {}
        }
    }
    soonest.map_or(Ok(Vec::new()), Err)
}

/// Consumes one unit from each. On a refusal the transaction must be rolled back, so that nothing is consumed.
pub(super) fn consume_all(connection: &mut AnyConnection, counters: &[Counter], now: i64) -> Result<(), Refusal> {
    for counter in counters {
        if !store::rate_limits::consume(connection, counter, now)? {
            let tat = store::rate_limits::find(connection, counter)?.unwrap_or(now);
            return Err(Refusal::Exceeded { counter: counter.clone(), tat, now });
        }
    }
    Ok(())
}
