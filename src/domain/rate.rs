//! Rate limits as values: rule, counter of a subject, and times of the generic cell rate algorithm (GCRA).

use std::{fmt, time::Duration};

use chrono::{NaiveDateTime, TimeDelta};
use hmac::Mac as _;

use super::mac::authenticate;

/// Tolerated clock difference between instances. A counter further ahead than its window plus this was consumed before
/// a clock was set back, and is clamped: no client waits longer than the window plus this.
pub const COUNTER_SKEW: TimeDelta = TimeDelta::minutes(1);
/// Bytes of a key.
pub const KEY_BYTES: usize = 16;

/// GCRA: a burst of `limit`, then one every `per / limit`. Any period of `per` has at most `2 * limit - 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Part of the keys of its counters; logged.
    pub name: &'static str,
    /// At least one.
    pub limit: u32,
    /// Above zero.
    pub per: TimeDelta,
}

/// Key of a row: HMAC of rule and subject, so that the table has no personal data.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key([u8; KEY_BYTES]);

/// A rule on one subject. Times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    pub key: Key,
    pub rule: &'static str,
    /// GCRA's emission interval.
    pub interval: i64,
    /// `limit` intervals.
    pub window: i64,
    /// Whether all clients consume it. Exhausting it must not lock out other clients: proof of work is an alternative.
    pub is_shared: bool,
}

/// A limit is exceeded; `retry_after`: time until it can be consumed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rate limit exceeded: {rule}")]
pub struct Exceeded {
    pub rule: &'static str,
    pub retry_after: Duration,
    /// As [`Counter::is_shared`].
    pub is_shared: bool,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Counter {
    #[must_use]
    pub fn exceeded(&self, retry_after: Duration) -> Exceeded {
        Exceeded { rule: self.rule, retry_after, is_shared: self.is_shared }
    }

    /// Time until one can be consumed; `tat`: the row's theoretical arrival time.
    #[must_use]
    pub fn wait(&self, tat: i64, now: i64) -> Duration {
        let ahead = tat.min(now.saturating_add(self.window)) - now + self.interval - self.window;
        Duration::from_micros(u64::try_from(ahead).unwrap_or(0))
    }

    /// [`COUNTER_SKEW`], at most the window.
    #[must_use]
    pub fn skew(&self) -> i64 {
        self.window.min(micros_in(COUNTER_SKEW))
    }
}

/// HMAC key of [`Key`]s.
#[derive(Clone)]
pub struct CounterKey(pub [u8; 32]);

impl CounterKey {
    /// `subject`: in parts; empty: all clients.
    #[must_use]
    pub fn counter(&self, rule: &Rule, subject: &[&str]) -> Counter {
        let limit = i64::from(rule.limit.max(1));
        let interval = (micros_in(rule.per) / limit).max(1);
        // Exactly `limit` intervals.
        let window = interval * limit;
        let key = self.key(rule.name, subject);
        Counter { key, rule: rule.name, interval, window, is_shared: subject.is_empty() }
    }

    /// The key of a subject, in parts, for a rule.
    #[must_use]
    pub fn key(&self, name: &str, subject: &[&str]) -> Key {
        let mac = authenticate(&self.0, &[&[name], subject].concat()).finalize().into_bytes();
        let mut key = [0; KEY_BYTES];
        key.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        Key(key)
    }
}

/// In microseconds; saturates beyond any clock.
#[must_use]
pub fn micros_in(time: TimeDelta) -> i64 {
    time.num_microseconds().unwrap_or(i64::MAX / 4)
}

/// Microseconds since 1970 (UTC).
#[must_use]
pub fn micros(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp_micros()
}
