//! In-memory cache of the last minute's refusals: a flood causes no queries and no hashes.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::domain::rate::{Counter, Key};

/// Maximum keys of a generation; there are two. About 10 MiB when both are full.
const MAX_KEYS: usize = 65_536;
/// Maximum age of a cached refusal: another instance may have refunded the counter.
const MAX_AGE: Duration = Duration::from_mins(1);

/// Exhausted keys and the ends of their waits.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, CachedRefusal>,
    old: HashMap<Key, CachedRefusal>,
    rotated_at: Option<Instant>,
}

/// Ends by whichever clock is earlier, or when the system clock was set back.
#[derive(Debug, Clone, Copy)]
struct CachedRefusal {
    until: Instant,
    /// In microseconds since 1970.
    at: i64,
    /// Since `at`.
    wait: Duration,
}

impl Refusals {
    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `at`: the current time, in microseconds since 1970.
    pub(super) fn remember(&self, key: &Key, wait: Duration, at: i64) {
        let now = Instant::now();
        let mut generations = self.generations();
        let is_expired = generations.rotated_at.is_none_or(|rotated_at| now.duration_since(rotated_at) >= MAX_AGE);
        // By then the old generation has expired, or the cache is full.
        if is_expired || generations.young.len() >= MAX_KEYS {
            generations.old = std::mem::take(&mut generations.young);
            generations.rotated_at = Some(now);
        }
        generations.young.insert(key.clone(), CachedRefusal { until: now + wait.min(MAX_AGE), at, wait });
    }

    /// The remaining wait of a key; `None`: not cached.
    pub(super) fn wait(&self, key: &Key, now: i64) -> Option<Duration> {
        let generations = self.generations();
        let refusal = generations.young.get(key).or_else(|| generations.old.get(key))?;
        let passed = Duration::from_micros(u64::try_from(now - refusal.at).ok()?);
        let left = refusal.wait.checked_sub(passed).filter(|left| !left.is_zero())?;
        (Instant::now() < refusal.until).then_some(left)
    }

    pub(super) fn forget_all(&self, counters: &[Counter]) {
        for counter in counters {
            self.forget(&counter.key);
        }
    }

    fn forget(&self, key: &Key) {
        let mut generations = self.generations();
        generations.young.remove(key);
        generations.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rate::CounterKey;

    fn key(number: u32) -> Key {
        CounterKey([7; 32]).key("test", &[&number.to_string()])
    }

    #[test]
    fn a_refusal_is_cached_until_it_expires_by_either_clock() {
        const SECOND: i64 = 1_000_000;
        let refused = Refusals::default();
        refused.remember(&key(1), Duration::from_secs(20), 0);
        refused.remember(&key(2), Duration::ZERO, 0);
        assert_eq!(refused.wait(&key(1), 0), Some(Duration::from_secs(20)));
        assert_eq!(refused.wait(&key(1), 5 * SECOND), Some(Duration::from_secs(15)));
        // Expired, or the clock was set back.
        assert_eq!((refused.wait(&key(1), 20 * SECOND), refused.wait(&key(1), -1)), (None, None));
        assert_eq!((refused.wait(&key(2), 0), refused.wait(&key(3), 0)), (None, None));
        refused.forget(&key(1));
        assert_eq!(refused.wait(&key(1), 0), None);
    }

    #[test]
    fn cached_refusals_are_bounded_by_two_generations() {
        let refused = Refusals::default();
        for number in 0..1_000_000 {
            refused.remember(&key(number), MAX_AGE, 0);
        }
        let generations = refused.generations();
        assert!(generations.young.len() <= MAX_KEYS);
        assert!(generations.old.len() <= MAX_KEYS);
        drop(generations);
        assert!(refused.wait(&key(999_999), 0).is_some());
    }
}
