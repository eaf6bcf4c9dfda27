//! Rate limits as values: a rule, its counter on one subject, and the times of the generic cell rate algorithm (GCRA).

use std::{fmt, time::Duration};

use chrono::{NaiveDateTime, TimeDelta};
use hmac::Mac as _;

use super::mac::authenticate;

/// How far the clocks of instances may be apart. A counter that is further ahead than its window and this was taken from by a
/// clock that has been set back since, and is drawn back: nobody waits for longer than the window and this.
pub const COUNTER_SKEW: TimeDelta = TimeDelta::minutes(1);
/// Bytes of a key.
pub const KEY_BYTES: usize = 16;

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

    /// How long until one can be taken, where the row has this time.
    #[must_use]
    pub fn wait(&self, tat: i64, now: i64) -> Duration {
        let ahead = tat.min(now.saturating_add(self.window)) - now + self.interval - self.window;
        Duration::from_micros(u64::try_from(ahead).unwrap_or(0))
    }

    /// Short windows are not made much longer by it.
    #[must_use]
    pub fn skew(&self) -> i64 {
        self.window.min(micros_in(COUNTER_SKEW))
    }
}

/// The key of [`Key`]s.
#[derive(Clone)]
pub struct CounterKey(pub [u8; 32]);

impl CounterKey {
    /// The counter of a rule for this subject, in parts.
    #[must_use]
    pub fn counter(&self, rule: &Rule, subject: &[&str]) -> Counter {
        let limit = i64::from(rule.limit.max(1));
        let interval = (micros_in(rule.per) / limit).max(1);
        // So that exactly so many fit.
        let window = interval * limit;
        let key = self.key(rule.name, subject);
        Counter { key, rule: rule.name, interval, window, is_shared: subject.is_empty() }
    }

    /// The key of a subject, in parts, under a name.
    #[must_use]
    pub fn key(&self, name: &str, subject: &[&str]) -> Key {
        let mac = authenticate(&self.0, &[&[name], subject].concat()).finalize().into_bytes();
        Key(std::array::from_fn(|index| mac[index]))
    }
}

/// A length of time in microseconds; what is longer than any clock counts as very long.
#[must_use]
pub fn micros_in(time: TimeDelta) -> i64 {
    time.num_microseconds().unwrap_or(i64::MAX / 4)
}

/// Since 1970 (UTC).
#[must_use]
pub fn micros(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp_micros()
}
