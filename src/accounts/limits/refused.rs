//! Who was refused a moment ago, in memory: a flood costs neither the database nor a hash.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::Key;

/// Most keys of a generation; there are two. About 8 MiB when both are full.
const MOST: usize = 65_536;
/// Longest time that a refusal is remembered: another instance may have given back what was taken.
const LONGEST: Duration = Duration::from_mins(1);

/// Keys and until when nothing can be taken from them. It goes by the monotonic clock, which nobody sets.
#[derive(Debug, Default)]
pub(super) struct Refused(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, Instant>,
    old: HashMap<Key, Instant>,
    turned: Option<Instant>,
}

impl Refused {
    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember(&self, key: &Key, wait: Duration) {
        let now = Instant::now();
        let mut generations = self.generations();
        let is_over = generations.turned.is_none_or(|turned| now.duration_since(turned) >= LONGEST);
        // What is in the old one by then is over, or there are too many to remember them all.
        if is_over || generations.young.len() >= MOST {
            generations.old = std::mem::take(&mut generations.young);
            generations.turned = Some(now);
        }
        generations.young.insert(key.clone(), now + wait.min(LONGEST));
    }

    /// How long this one still has to wait; `None`: that is not known.
    pub(super) fn wait(&self, key: &Key) -> Option<Duration> {
        let generations = self.generations();
        let until = generations.young.get(key).or_else(|| generations.old.get(key))?;
        Some(until.saturating_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }

    pub(super) fn forget(&self, key: &Key) {
        let mut generations = self.generations();
        generations.young.remove(key);
        generations.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Key {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Key(bytes)
    }

    #[test]
    fn a_refusal_is_remembered_until_its_time_and_no_longer_than_a_minute() {
        let refused = Refused::default();
        refused.remember(&key(1), Duration::from_hours(1));
        refused.remember(&key(2), Duration::ZERO);
        assert!(refused.wait(&key(1)).is_some_and(|wait| wait <= LONGEST));
        assert_eq!((refused.wait(&key(2)), refused.wait(&key(3))), (None, None));
        refused.forget(&key(1));
        assert_eq!(refused.wait(&key(1)), None);
    }

    #[test]
    fn a_million_keys_take_no_more_room_than_two_generations() {
        let refused = Refused::default();
        for number in 0..1_000_000 {
            refused.remember(&key(number), LONGEST);
        }
        let generations = refused.generations();
        assert!(generations.young.len() <= MOST && generations.old.len() <= MOST);
        drop(generations);
        assert!(refused.wait(&key(999_999)).is_some());
    }
}
