//! Device cookies (OWASP, "Blocking Brute Force Attacks"): browsers that have logged in to an account have login limits
//! of their own, so that an attacker's failed logins do not lock out its owner.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac as _;

use super::mac::authenticate;

/// Accounts per browser; the one with the oldest login is dropped.
const MAX_ACCOUNTS: usize = 8;
/// Of a browser's name, and of each mark.
const BYTES: usize = 16;

/// HMAC key of marks and epochs only.
#[derive(Clone)]
pub struct DeviceKey(pub [u8; 32]);

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(…)")
    }
}

impl DeviceKey {
    /// As in cookies and in `password_epoch`.
    fn authenticate(&self, parts: &[&str]) -> String {
        let mac = authenticate(&self.0, parts).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(mac.get(..BYTES).unwrap_or(&mac))
    }
}

/// Content of a device cookie: the browser's name, and a mark for each account. A mark is valid until the password
/// changes, also across new hashes of the same password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Devices {
    /// Random; empty: none yet.
    name: String,
    /// Newest first.
    marks: Vec<String>,
}

/// Shows neither name nor marks.
impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Devices({})", self.marks.len())
    }
}

impl fmt::Display for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.marks.iter().try_for_each(|mark| write!(f, ".{mark}"))
    }
}

impl Devices {
    /// Parses the [`fmt::Display`] form; anything else is an unknown browser.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let parts: Vec<&str> = text.split('.').collect();
        let is_part = |part: &&str| URL_SAFE_NO_PAD.decode(part).is_ok_and(|bytes| bytes.len() == BYTES);
        match parts.as_slice() {
            [name, marks @ ..] if marks.len() <= MAX_ACCOUNTS && parts.iter().all(is_part) => {
                Self { name: (*name).to_owned(), marks: marks.iter().map(|mark| (*mark).to_owned()).collect() }
            }
            _ => Self::default(),
        }
    }

    /// The browser's name, if it has any mark.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| !self.marks.is_empty())
    }

    /// Whether this browser has logged in to the account with its current password.
    #[must_use]
    pub fn know(&self, key: &DeviceKey, user_id: i64, epoch: &Epoch) -> bool {
        self.marks.contains(&mark(key, &self.name, user_id, epoch))
    }

    /// As [`Self::with`], for a new password.
    #[must_use]
    pub fn with_new(&self, key: &DeviceKey, user_id: i64, password_hash: &str) -> Self {
        self.with(key, user_id, &Epoch::begin(key, password_hash))
    }

    /// Adds the mark of an account after a login.
    #[must_use]
    pub fn with(&self, key: &DeviceKey, user_id: i64, epoch: &Epoch) -> Self {
        let name = match self.name.as_str() {
            "" => URL_SAFE_NO_PAD.encode(rand::random::<[u8; BYTES]>()),
            name => name.to_owned(),
        };
        let new = mark(key, &name, user_id, epoch);
        let others = self.marks.iter().filter(|mark| **mark != new).cloned();
        Self { marks: [new.clone()].into_iter().chain(others).take(MAX_ACCOUNTS).collect(), name }
    }
}

/// Identifies the period in which an account has the same password, across renewals of the hash.
pub struct Epoch(String);

impl Epoch {
    /// Derived from a password's first hash, so that setting a password, also by SQL, begins a new epoch.
    fn begin(key: &DeviceKey, password_hash: &str) -> Self {
        Self(key.authenticate(&["password epoch", password_hash]))
    }

    /// `stored`: the column `password_epoch` of this hash.
    #[must_use]
    pub fn of(key: &DeviceKey, password_hash: &str, stored: Option<&str>) -> Self {
        let begun = Self::begin(key, password_hash);
        let renewed = stored.and_then(|stored| stored.split_once('.'));
        renewed.filter(|(_, hash)| *hash == begun.0).map_or(begun, |(epoch, _)| Self(epoch.to_owned()))
    }

    /// The column `password_epoch` for a new hash of the same password; ignored with any other hash.
    #[must_use]
    pub fn beside(&self, key: &DeviceKey, new_hash: &str) -> String {
        format!("{}.{}", self.0, Self::begin(key, new_hash).0)
    }
}

fn mark(key: &DeviceKey, name: &str, user_id: i64, epoch: &Epoch) -> String {
    key.authenticate(&["known device", name, &user_id.to_string(), &epoch.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of an account.
    struct Stored {
        id: i64,
        password_hash: String,
        password_epoch: Option<String>,
    }

    impl Stored {
        fn epoch(&self, key: &DeviceKey) -> Epoch {
            Epoch::of(key, &self.password_hash, self.password_epoch.as_deref())
        }
    }

    fn user(id: i64, password_hash: &str) -> Stored {
        Stored { id, password_hash: password_hash.to_owned(), password_epoch: None }
    }

    fn know(devices: &Devices, key: &DeviceKey, user: &Stored) -> bool {
        devices.know(key, user.id, &user.epoch(key))
    }

    #[test]
    fn a_browser_is_known_to_an_account_until_its_password_changes() {
        let key = DeviceKey([7; 32]);
        let devices = Devices::default().with_new(&key, 1, "a").with_new(&key, 2, "b");
        let devices = Devices::parse(&devices.to_string());
        assert!(know(&devices, &key, &user(1, "a")));
        assert!(know(&devices, &key, &user(2, "b")));
        for other in [user(3, "a"), user(1, "b"), user(2, "a")] {
            assert!(!know(&devices, &key, &other));
        }
        assert!(!know(&devices, &DeviceKey([8; 32]), &user(1, "a")));
        // Marks of one browser are invalid for another.
        let other = Devices::default().with_new(&key, 9, "z");
        let mixed = format!("{}.{}", other.name, devices.marks.join("."));
        assert!(!know(&Devices::parse(&mixed), &key, &user(1, "a")));
        assert_eq!(format!("{devices:?}"), "Devices(2)");
    }

    #[test]
    fn a_rehash_keeps_the_password_epoch_and_another_hash_does_not() {
        let key = DeviceKey([7; 32]);
        let devices = Devices::default().with_new(&key, 1, "first");
        let mut renewed = user(1, "first");
        for hash in ["second", "third"] {
            renewed.password_epoch = Some(renewed.epoch(&key).beside(&key, hash));
            hash.clone_into(&mut renewed.password_hash);
            assert!(know(&devices, &key, &renewed), "{hash}");
            assert_eq!(devices.with(&key, renewed.id, &renewed.epoch(&key)), devices, "nothing to renew");
        }
        // The column is unchanged when another program sets a password.
        "fourth".clone_into(&mut renewed.password_hash);
        assert!(!know(&devices, &key, &renewed));
        for stored in ["", ".", "first.fourth", "third"] {
            renewed.password_epoch = Some(stored.to_owned());
            assert!(!know(&devices, &key, &renewed), "{stored}");
        }
    }

    #[test]
    fn the_oldest_account_is_evicted_and_invalid_cookies_are_ignored() {
        let key = DeviceKey([7; 32]);
        let devices = (0..20).fold(Devices::default(), |devices, id| devices.with_new(&key, id, "a"));
        assert_eq!(devices.marks.len(), MAX_ACCOUNTS);
        assert!(know(&devices, &key, &user(19, "a")));
        assert!(!know(&devices, &key, &user(11, "a")));
        assert_eq!(devices.with(&key, 19, &user(19, "a").epoch(&key)), devices);
        let long = format!("{devices}.{}", "A".repeat(22));
        for text in ["", ".", "a.b", &"+".repeat(22), &long] {
            assert_eq!(Devices::parse(text), Devices::default(), "{text}");
        }
        assert_eq!(Devices::parse("").name(), None);
    }
}
