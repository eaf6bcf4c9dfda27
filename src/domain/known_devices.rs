//! Browsers that have been signed in to an account before. They may fail by themselves, so that strangers who fail at an account
//! do not keep its owner out (OWASP, "Blocking Brute Force Attacks", device cookies).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac as _;

use super::mac::authenticate;
/// Accounts that a browser is known for; with more, the one of the oldest login is forgotten.
const MOST: usize = 8;
/// Of what names a browser, and of each mark.
const BYTES: usize = 16;

/// Authenticates marks and epochs, and nothing else.
#[derive(Clone)]
pub struct DeviceKey(pub [u8; 32]);

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(…)")
    }
}

impl DeviceKey {
    /// As it stands in cookies and in `password_epoch`.
    fn authenticate(&self, parts: &[&str]) -> String {
        let mac = authenticate(&self.0, parts).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(mac.get(..BYTES).unwrap_or(&mac))
    }
}

/// What a browser's cookie says of it: a name of its own, and a mark for each account. A mark is good until the password is
/// changed: then a browser is a stranger again, whoever used it. A new hash of the same password changes nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Devices {
    /// Empty: it has none yet.
    name: String,
    /// The newest first.
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
    /// Reads what [`fmt::Display`] wrote; anything else is a browser that nobody knows.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let parts: Vec<&str> = text.split('.').collect();
        let is_part = |part: &&str| URL_SAFE_NO_PAD.decode(part).is_ok_and(|bytes| bytes.len() == BYTES);
        match parts.as_slice() {
            [name, marks @ ..] if marks.len() <= MOST && parts.iter().all(is_part) => {
                Self { name: (*name).to_owned(), marks: marks.iter().map(|mark| (*mark).to_owned()).collect() }
            }
            _ => Self::default(),
        }
    }

    /// What names the browser, if it is known for any account.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| !self.marks.is_empty())
    }

    /// Whether it has been signed in to this account since it has its password.
    #[must_use]
    pub fn know(&self, key: &DeviceKey, user_id: i64, epoch: &Epoch) -> bool {
        self.marks.contains(&mark(key, &self.name, user_id, epoch))
    }

    /// As [`Self::with`], for a password that is set now.
    #[must_use]
    pub fn with_new(&self, key: &DeviceKey, user_id: i64, password_hash: &str) -> Self {
        self.with(key, user_id, &Epoch::begin(key, password_hash))
    }

    /// The same browser once it has been signed in to this account.
    #[must_use]
    pub fn with(&self, key: &DeviceKey, user_id: i64, epoch: &Epoch) -> Self {
        let name = match self.name.as_str() {
            "" => URL_SAFE_NO_PAD.encode(rand::random::<[u8; BYTES]>()),
            name => name.to_owned(),
        };
        let new = mark(key, &name, user_id, epoch);
        let others = self.marks.iter().filter(|mark| **mark != new).cloned();
        Self { marks: [new.clone()].into_iter().chain(others).take(MOST).collect(), name }
    }
}

/// What names the time since when an account has had the same password, however often its hash was renewed.
pub struct Epoch(String);

impl Epoch {
    /// It begins with a password's first hash, so that whoever sets a password, by SQL too, begins another one.
    fn begin(key: &DeviceKey, password_hash: &str) -> Self {
        Self(key.authenticate(&["password epoch", password_hash]))
    }

    /// `stored`: what the column `password_epoch` holds beside this hash.
    #[must_use]
    pub fn of(key: &DeviceKey, password_hash: &str, stored: Option<&str>) -> Self {
        let begun = Self::begin(key, password_hash);
        let renewed = stored.and_then(|stored| stored.split_once('.'));
        renewed.filter(|(_, hash)| *hash == begun.0).map_or(begun, |(epoch, _)| Self(epoch.to_owned()))
    }

    /// For the column `password_epoch`, beside another hash of the same password. Of any other hash it says nothing.
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

    /// An account as its row has it.
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
    fn a_browser_is_known_for_the_accounts_it_was_signed_in_to_until_their_password_changes() {
        let key = DeviceKey([7; 32]);
        let devices = Devices::default().with_new(&key, 1, "a").with_new(&key, 2, "b");
        let devices = Devices::parse(&devices.to_string());
        assert!(know(&devices, &key, &user(1, "a")));
        assert!(know(&devices, &key, &user(2, "b")));
        for stranger in [user(3, "a"), user(1, "b"), user(2, "a")] {
            assert!(!know(&devices, &key, &stranger));
        }
        assert!(!know(&devices, &DeviceKey([8; 32]), &user(1, "a")));
        // The marks of one browser are of no use to another.
        let other = Devices::default().with_new(&key, 9, "z");
        let mixed = format!("{}.{}", other.name, devices.marks.join("."));
        assert!(!know(&Devices::parse(&mixed), &key, &user(1, "a")));
        assert_eq!(format!("{devices:?}"), "Devices(2)");
    }

    #[test]
    fn a_renewed_hash_is_the_same_password_and_any_other_hash_is_not() {
        let key = DeviceKey([7; 32]);
        let devices = Devices::default().with_new(&key, 1, "first");
        let mut renewed = user(1, "first");
        for hash in ["second", "third"] {
            renewed.password_epoch = Some(renewed.epoch(&key).beside(&key, hash));
            hash.clone_into(&mut renewed.password_hash);
            assert!(know(&devices, &key, &renewed), "{hash}");
            assert_eq!(devices.with(&key, renewed.id, &renewed.epoch(&key)), devices, "nothing to renew");
        }
        // What stands in the column stays where another program sets a password.
        "fourth".clone_into(&mut renewed.password_hash);
        assert!(!know(&devices, &key, &renewed));
        for stored in ["", ".", "first.fourth", "third"] {
            renewed.password_epoch = Some(stored.to_owned());
            assert!(!know(&devices, &key, &renewed), "{stored}");
        }
    }

    #[test]
    fn the_oldest_account_makes_way_and_what_is_no_cookie_of_ours_is_nobody() {
        let key = DeviceKey([7; 32]);
        let devices = (0..20).fold(Devices::default(), |devices, id| devices.with_new(&key, id, "a"));
        assert_eq!(devices.marks.len(), MOST);
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
