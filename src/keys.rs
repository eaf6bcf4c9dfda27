//! The keys: one for each purpose, all made of `SECRET_KEY`; and whether every instance has the same one.
//!
//! An instance with another key than the others works, and each refuses what the other gave out. So each writes a fingerprint of
//! its key into the database, and tells of others: docs/operations/database.md.

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

/// How often each instance says which key it has, and looks for others.
pub const WATCH_EVERY: Duration = Duration::from_mins(1);
/// After so many looks at which no other key was renewed, none is in use: looks of two instances may just miss each other.
const QUIET_LOOKS: u32 = 3;

/// What depends on the key, for the log line about another one.
const CONSEQUENCES: &str = "sessions, access tokens and links in mails stay good; codes in mails, sign-ups that wait for their \
                            proof, known browsers, proofs of the form and counters of limits do not";

/// `SECRET_KEY`, and what is made of it.
pub struct Keys {
    secret: Zeroizing<Vec<u8>>,
}

/// For what cookies carry; each is also bound to the name of its cookie.
#[derive(Debug)]
pub struct CookieKeys {
    pub flash: Key,
    pub pending: Key,
    pub reset: Key,
    pub devices: Key,
}

impl Keys {
    #[must_use]
    pub fn new(secret: Vec<u8>) -> Self {
        Self { secret: Zeroizing::new(secret) }
    }

    /// A key of its own for every purpose, so that what was made for one means nothing for another. Up to 64 bytes.
    #[must_use]
    pub fn derive<const BYTES: usize>(&self, purpose: &str) -> [u8; BYTES] {
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
    pub fn cookies(&self) -> CookieKeys {
        let key = |purpose| Key::from(&self.derive::<64>(purpose));
        CookieKeys {
            flash: key("flash cookie"),
            pending: key("pending cookie"),
            reset: key("reset cookie"),
            devices: key("known browsers"),
        }
    }

    #[must_use]
    pub fn watch(&self) -> KeyWatch {
        KeyWatch { own: self.fingerprint(), seen: Mutex::default() }
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.derive("fingerprint"))
    }

    /// Says which key this instance starts with, and warns where the database was used with another one before. It starts all the
    /// same: a key that was replaced on purpose is no mistake.
    pub fn tell_of_another(&self, connection: &mut AnyConnection, now: NaiveDateTime) {
        match start(connection, &self.fingerprint(), now) {
            Ok(None) => {}
            Ok(Some(last_seen)) => tracing::warn!(
                %last_seen,
                "SECRET_KEY is another one than before: {CONSEQUENCES}. Was it replaced? Then restart every instance with the \
                 new one. If not, give this instance the key of the others"
            ),
            // The next look does it.
            Err(error) => tracing::warn!(%error, "whether SECRET_KEY is the one of before could not be looked up"),
        }
    }
}

/// What tells one key from another, and nothing of either.
#[derive(Debug, Clone)]
struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Compares in constant time.
    fn is(&self, stored: &[u8]) -> bool {
        self.0.as_slice().ct_eq(stored).into()
    }
}

/// Writes down which key is in use now, in place of all before; says when another one was seen last. Instances that still run with
/// that write it down again.
fn start(
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
    Ok(all.into_iter().filter(|(fingerprint, _)| !own.is(fingerprint)).collect())
}

/// Looks for instances that run with another key now.
#[derive(Debug)]
pub struct KeyWatch {
    own: Fingerprint,
    seen: Mutex<Watched>,
}

#[derive(Debug, Default)]
struct Watched {
    /// `None`: there was no look yet.
    others: Option<Vec<Seen>>,
    quiet_looks: u32,
    is_told: bool,
}

/// What has changed since the look before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    AnotherRuns,
    NoOtherRuns,
}

impl KeyWatch {
    /// Says which key is in use, looks for others, and logs what has changed.
    pub async fn look(&self, database: &Database, now: NaiveDateTime) {
        match self.look_at(database, now).await {
            Ok(Some(Finding::AnotherRuns)) => tracing::error!(
                "an instance with another SECRET_KEY runs on this database: {CONSEQUENCES} at the other, and limits count apart. \
                 Give all instances the same key"
            ),
            Ok(Some(Finding::NoOtherRuns)) => tracing::info!("no instance with another SECRET_KEY runs any more"),
            Ok(None) => {}
            // That the database is away is told already.
            Err(error) => tracing::debug!(%error, "instances with another SECRET_KEY could not be looked for"),
        }
    }

    async fn look_at(&self, database: &Database, now: NaiveDateTime) -> Result<Option<Finding>, StoreError> {
        let own = self.own.clone();
        let others = database.write(move |connection| {
            key_fingerprints::renew(connection, &own.0, now)?;
            others(connection, &own)
        });
        let others = others.await?;
        Ok(self.seen.lock().unwrap_or_else(PoisonError::into_inner).compare(others))
    }
}

impl Watched {
    /// A key is in use if its row was renewed since the previous look. The time in the row is from the clock of another instance, so
    /// it is compared for a change alone.
    fn compare(&mut self, others: Vec<Seen>) -> Option<Finding> {
        let is_renewed = self.others.as_ref().is_some_and(|before| others.iter().any(|other| !before.contains(other)));
        self.others = Some(others);
        self.quiet_looks = if is_renewed { 0 } else { self.quiet_looks.saturating_add(1) };
        let is_told = is_renewed || (self.is_told && self.quiet_looks < QUIET_LOOKS);
        let finding = match (self.is_told, is_told) {
            (false, true) => Some(Finding::AnotherRuns),
            (true, false) => Some(Finding::NoOtherRuns),
            _ => None,
        };
        self.is_told = is_told;
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
    fn a_key_is_told_from_others_and_each_purpose_has_its_own() {
        let (one, two) = (keys("one"), keys("two"));
        assert!(one.fingerprint().is(&keys("one").derive::<32>("fingerprint")));
        assert!(!one.fingerprint().is(&two.fingerprint().0));
        assert!(!one.fingerprint().is(b""));
        assert_ne!(one.derive::<32>("a"), one.derive::<32>("b"));
        assert_ne!(one.derive::<32>("a"), two.derive::<32>("a"));
    }

    #[test]
    fn a_key_is_in_use_while_it_is_renewed() {
        let mut watched = Watched::default();
        let seen = |minutes: i64| vec![(vec![1], at(minutes))];
        // What stands there at first may be of the past.
        assert_eq!(watched.compare(seen(0)), None);
        assert_eq!(watched.compare(seen(0)), None);
        assert_eq!(watched.compare(seen(1)), Some(Finding::AnotherRuns));
        // Two looks may come between two renewals.
        for others in [seen(2), seen(2), seen(2), seen(3)] {
            assert_eq!(watched.compare(others), None);
        }
        assert_eq!(
            [seen(3), seen(3), seen(3)].map(|others| watched.compare(others)).last(),
            Some(&Some(Finding::NoOtherRuns))
        );
        assert_eq!(watched.compare(Vec::new()), None);
        assert_eq!(watched.compare(seen(3)), Some(Finding::AnotherRuns), "it was written anew");
    }

    /// Two instances on one database, one of which starts again with another key.
    #[tokio::test]
    async fn instances_with_different_keys_find_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("a.db"));
        store::prepare_file(&url).expect("a file");
        let mut connection = store::connect(&url).expect("a connection");
        migrations::run(&mut connection, |_| Ok(())).expect("up");
        let database = Database::open(url, 1).expect("a pool");
        let (old, new) = (keys("old"), keys("new"));
        let mut start_at =
            |keys: &Keys, minutes: i64| start(&mut connection, &keys.fingerprint(), at(minutes)).expect("a look");

        assert_eq!(start_at(&old, 0), None, "the first");
        assert_eq!(start_at(&old, 1), None, "the same");
        let first = old.watch();
        assert_eq!(first.look_at(&database, at(1)).await.expect("a look"), None);
        assert_eq!(start_at(&new, 2), Some(at(1)), "another one");
        let second = new.watch();
        assert_eq!(second.look_at(&database, at(2)).await.expect("a look"), None);
        assert_eq!(first.look_at(&database, at(3)).await.expect("a look"), Some(Finding::AnotherRuns));
        assert_eq!(second.look_at(&database, at(3)).await.expect("a look"), Some(Finding::AnotherRuns));
        // The first one starts with the new key too.
        assert_eq!(start_at(&new, 4), Some(at(3)));
        let mut last = None;
        for minutes in 4..8 {
            last = last.or(second.look_at(&database, at(minutes)).await.expect("a look"));
        }
        assert_eq!(last, Some(Finding::NoOtherRuns));
        assert_eq!(start_at(&new, 9), None, "it was told");
    }
}
