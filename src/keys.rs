//! Keys derived from `SECRET_KEY`, one for each purpose, and detection of instances with a different key.
//!
//! Instances with different keys run, but refuse values that the others issued. So each stores a fingerprint of its key
//! in the database and logs others: docs/operations/database.md.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::NaiveDateTime;
use sha2::{Digest as _, Sha512};
use subtle::ConstantTimeEq as _;
use tower_cookies::Key;
use zeroize::Zeroizing;

use crate::store::{AnyConnection, Database, StoreError, key_fingerprints};

/// How often each instance renews its fingerprint and checks for others.
pub(crate) const WATCH_EVERY: Duration = Duration::from_mins(1);
/// Checks without a renewal after which another key is out of use: checks of two instances may just miss each other.
const QUIET_CHECKS: u32 = 3;

/// Effect of a different key, for the log.
const CONSEQUENCES: &str = "sessions, access tokens and links in mails remain valid; codes in mails, sign-ups pending \
                            verification, known browsers, form timestamps, proofs of work and rate limits do not";

/// `SECRET_KEY`, from which keys are derived.
pub(crate) struct Keys {
    secret: Zeroizing<Vec<u8>>,
}

/// Keys of cookies; values are also bound to the cookie's name.
#[derive(Debug)]
pub struct CookieKeys {
    pub flash: Key,
    pub pending: Key,
    pub reset: Key,
    pub devices: Key,
}

impl Keys {
    #[must_use]
    pub(crate) fn new(secret: Vec<u8>) -> Self {
        Self { secret: Zeroizing::new(secret) }
    }

    /// A separate key for each purpose, so that a value for one is invalid for another. Up to 64 bytes.
    #[must_use]
    pub(crate) fn derive<const BYTES: usize>(&self, purpose: &str) -> [u8; BYTES] {
        let mut digest = Sha512::new();
        digest.update(b"vestibule key derivation 1\0");
        digest.update(purpose.as_bytes());
        digest.update(b"\0");
        digest.update(self.secret.as_slice());
        let mut key = [0; BYTES];
        key.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        key
    }

    #[must_use]
    pub(crate) fn cookies(&self) -> CookieKeys {
        let key = |purpose| Key::from(&self.derive::<64>(purpose));
        CookieKeys {
            flash: key("flash cookie"),
            pending: key("pending cookie"),
            reset: key("reset cookie"),
            devices: key("known browsers"),
        }
    }

    #[must_use]
    pub(crate) fn watch(&self) -> KeyWatch {
        KeyWatch { own: self.fingerprint(), seen: Mutex::default() }
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.derive("fingerprint"))
    }

    /// Stores the fingerprint, and warns if the database was last used with a different key. The instance starts
    /// regardless: the key may have been replaced on purpose.
    pub(crate) fn warn_if_changed(&self, connection: &mut AnyConnection, now: NaiveDateTime) {
        match replace_fingerprints(connection, &self.fingerprint(), now) {
            Ok(None) => {}
            Ok(Some(last_seen)) => tracing::warn!(
                %last_seen,
                "SECRET_KEY has changed: {CONSEQUENCES}. If it was replaced, restart every instance with the new one. \
                 If not, give this instance the key of the others"
            ),
            // The next check stores it.
            Err(error) => tracing::warn!(%error, "failed to check whether SECRET_KEY has changed"),
        }
    }
}

/// Distinguishes keys without revealing them.
#[derive(Debug, Clone)]
struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Compares in constant time.
    fn matches(&self, stored: &[u8]) -> bool {
        self.0.as_slice().ct_eq(stored).into()
    }
}

/// Replaces all fingerprints by this one; returns when a different key was last seen. Instances that still run with
/// that key store it again.
fn replace_fingerprints(
    connection: &mut AnyConnection,
    own: &Fingerprint,
    now: NaiveDateTime,
) -> Result<Option<NaiveDateTime>, StoreError> {
    connection.write_transaction(|connection| {
        let others = others(connection, own)?;
        for (fingerprint, _) in &others {
            key_fingerprints::delete(connection, fingerprint)?;
        }
        key_fingerprints::renew(connection, &own.0, now)?;
        Ok(others.into_iter().map(|(_, last_seen)| last_seen).max())
    })
}

type Seen = (Vec<u8>, NaiveDateTime);

fn others(connection: &mut AnyConnection, own: &Fingerprint) -> Result<Vec<Seen>, StoreError> {
    let all = key_fingerprints::all(connection)?;
    Ok(all.into_iter().filter(|(fingerprint, _)| !own.matches(fingerprint)).collect())
}

/// Detects running instances with a different key.
#[derive(Debug)]
pub(crate) struct KeyWatch {
    own: Fingerprint,
    seen: Mutex<WatchState>,
}

#[derive(Debug, Default)]
struct WatchState {
    /// `None`: not checked yet.
    others: Option<Vec<Seen>>,
    quiet_checks: u32,
    is_reported: bool,
}

/// Change since the previous check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    DifferentKeyInUse,
    NoDifferentKeyInUse,
}

impl KeyWatch {
    /// Renews the fingerprint, checks for others, and logs changes.
    pub(crate) async fn check(&self, database: &Database, now: NaiveDateTime) {
        match self.check_once(database, now).await {
            Ok(Some(Finding::DifferentKeyInUse)) => tracing::error!(
                "an instance with a different SECRET_KEY uses this database: {CONSEQUENCES} at the other. \
                 Give all instances the same key"
            ),
            Ok(Some(Finding::NoDifferentKeyInUse)) => {
                tracing::info!("no instance with a different SECRET_KEY uses this database any more");
            }
            Ok(None) => {}
            // An unavailable database is already logged.
            Err(error) => tracing::debug!(%error, "failed to check for instances with a different SECRET_KEY"),
        }
    }

    async fn check_once(&self, database: &Database, now: NaiveDateTime) -> Result<Option<Finding>, StoreError> {
        let own = self.own.clone();
        let others = database.write(move |connection| {
            key_fingerprints::renew(connection, &own.0, now)?;
            others(connection, &own)
        });
        let others = others.await?;
        Ok(self.seen.lock().unwrap_or_else(PoisonError::into_inner).compare(others))
    }
}

impl WatchState {
    /// A key is in use if its row was renewed since the previous check. The row's time is from another instance's
    /// clock, so it is compared only for a change.
    fn compare(&mut self, others: Vec<Seen>) -> Option<Finding> {
        let is_renewed = self.others.as_ref().is_some_and(|before| others.iter().any(|other| !before.contains(other)));
        self.others = Some(others);
        self.quiet_checks = if is_renewed { 0 } else { self.quiet_checks.saturating_add(1) };
        let is_reported = is_renewed || (self.is_reported && self.quiet_checks < QUIET_CHECKS);
        let finding = match (self.is_reported, is_reported) {
            (false, true) => Some(Finding::DifferentKeyInUse),
            (true, false) => Some(Finding::NoDifferentKeyInUse),
            _ => None,
        };
        self.is_reported = is_reported;
        finding
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::store::{self, DatabaseUrl, migrations};

    fn at(minutes: i64) -> NaiveDateTime {
        DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::minutes(minutes)
    }

    fn keys(secret: &str) -> Keys {
        Keys::new(secret.as_bytes().to_vec())
    }

    #[test]
    fn keys_have_different_fingerprints_and_a_subkey_for_each_purpose() {
        let (one, two) = (keys("one"), keys("two"));
        assert!(one.fingerprint().matches(&keys("one").derive::<32>("fingerprint")));
        assert!(!one.fingerprint().matches(&two.fingerprint().0));
        assert!(!one.fingerprint().matches(b""));
        assert_ne!(one.derive::<32>("a"), one.derive::<32>("b"));
        assert_ne!(one.derive::<32>("a"), two.derive::<32>("a"));
    }

    #[test]
    fn a_key_counts_as_in_use_while_its_fingerprint_is_renewed() {
        let mut state = WatchState::default();
        let seen = |minutes: i64| vec![(vec![1], at(minutes))];
        // The first row may be old.
        assert_eq!(state.compare(seen(0)), None);
        assert_eq!(state.compare(seen(0)), None);
        assert_eq!(state.compare(seen(1)), Some(Finding::DifferentKeyInUse));
        // Two checks may come between two renewals.
        for others in [seen(2), seen(2), seen(2), seen(3)] {
            assert_eq!(state.compare(others), None);
        }
        assert_eq!(
            [seen(3), seen(3), seen(3)].map(|others| state.compare(others)).last(),
            Some(&Some(Finding::NoDifferentKeyInUse))
        );
        assert_eq!(state.compare(Vec::new()), None);
        assert_eq!(state.compare(seen(3)), Some(Finding::DifferentKeyInUse), "it was stored again");
    }

    /// Two instances on one database, one of which starts again with another key.
    #[tokio::test]
    async fn instances_with_different_keys_detect_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("a.db"));
        store::prepare_file(&url).expect("a file");
        let mut connection = store::connect(&url).expect("a connection");
        migrations::run(&mut connection, |_| Ok(())).expect("up");
        let database = Database::open(url, 1).expect("a pool");
        let (old, new) = (keys("old"), keys("new"));
        let mut replace_at = |keys: &Keys, minutes: i64| {
            replace_fingerprints(&mut connection, &keys.fingerprint(), at(minutes)).expect("a check")
        };

        assert_eq!(replace_at(&old, 0), None, "the first");
        assert_eq!(replace_at(&old, 1), None, "the same");
        let first = old.watch();
        assert_eq!(first.check_once(&database, at(1)).await.expect("a check"), None);
        assert_eq!(replace_at(&new, 2), Some(at(1)), "another one");
        let second = new.watch();
        assert_eq!(second.check_once(&database, at(2)).await.expect("a check"), None);
        assert_eq!(first.check_once(&database, at(3)).await.expect("a check"), Some(Finding::DifferentKeyInUse));
        assert_eq!(second.check_once(&database, at(3)).await.expect("a check"), Some(Finding::DifferentKeyInUse));
        // The first one starts with the new key too.
        assert_eq!(replace_at(&new, 4), Some(at(3)));
        let mut last = None;
        for minutes in 4..8 {
            last = last.or(second.check_once(&database, at(minutes)).await.expect("a check"));
        }
        assert_eq!(last, Some(Finding::NoDifferentKeyInUse));
        assert_eq!(replace_at(&new, 9), None, "it was reported");
    }
}
