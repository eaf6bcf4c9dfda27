//! Browsers that have been signed in to an account before. They may fail by themselves, so that strangers who fail at an account
//! do not keep its owner out (OWASP, "Blocking Brute Force Attacks", device cookies).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::limits::{Key, Limits};
use crate::store::users::User;

/// Accounts that a browser is known for; with more, the one of the oldest login is forgotten.
const MOST: usize = 8;
/// Of what names a browser, and of each mark.
const BYTES: usize = 16;

/// What a browser's cookie says of it: a name of its own, and a mark for each account. A mark is good until the password is
/// changed: then a browser is a stranger again, whoever used it.
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

    /// Whether it has been signed in to this account.
    #[must_use]
    pub fn know(&self, limits: &Limits, user: &User) -> bool {
        let mark = mark(limits, &self.name, user.account.id, &user.password_hash);
        self.marks.contains(&mark)
    }

    /// The same browser once it has been signed in to this account.
    #[must_use]
    pub(super) fn with(&self, limits: &Limits, user_id: i64, password_hash: &str) -> Self {
        let name = match self.name.as_str() {
            "" => URL_SAFE_NO_PAD.encode(rand::random::<[u8; BYTES]>()),
            name => name.to_owned(),
        };
        let new = mark(limits, &name, user_id, password_hash);
        let others = self.marks.iter().filter(|mark| **mark != new).cloned();
        Self { marks: [new.clone()].into_iter().chain(others).take(MOST).collect(), name }
    }
}

fn mark(limits: &Limits, name: &str, user_id: i64, password_hash: &str) -> String {
    let key: Key = limits.key("known device", &[name, &user_id.to_string(), password_hash]);
    URL_SAFE_NO_PAD.encode(key.as_bytes())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::accounts::Account;

    fn user(id: i64, password_hash: &str) -> User {
        let account = Account {
            id,
            email: None,
            username: None,
            full_name: None,
            is_active: true,
            is_verified: false,
            must_prove: false,
            created_at: NaiveDateTime::default(),
        };
        let owner_since = NaiveDateTime::default();
        User { account, password_hash: password_hash.to_owned(), language: None, owner_since }
    }

    #[test]
    fn a_browser_is_known_for_the_accounts_it_was_signed_in_to_until_their_password_changes() {
        let limits = Limits::new(None, [7; 32]);
        let devices = Devices::default().with(&limits, 1, "a").with(&limits, 2, "b");
        let devices = Devices::parse(&devices.to_string());
        assert!(devices.know(&limits, &user(1, "a")) && devices.know(&limits, &user(2, "b")));
        for stranger in [user(3, "a"), user(1, "b"), user(2, "a")] {
            assert!(!devices.know(&limits, &stranger));
        }
        assert!(!devices.know(&Limits::new(None, [8; 32]), &user(1, "a")));
        // The marks of one browser are of no use to another.
        let other = Devices::default().with(&limits, 9, "z");
        let mixed = format!("{}.{}", other.name, devices.marks.join("."));
        assert!(!Devices::parse(&mixed).know(&limits, &user(1, "a")));
        assert_eq!(format!("{devices:?}"), "Devices(2)");
    }

    #[test]
    fn the_oldest_account_makes_way_and_what_is_no_cookie_of_ours_is_nobody() {
        let limits = Limits::new(None, [7; 32]);
        let devices = (0..20).fold(Devices::default(), |devices, id| devices.with(&limits, id, "a"));
        assert_eq!(devices.marks.len(), MOST);
        assert!(devices.know(&limits, &user(19, "a")) && !devices.know(&limits, &user(11, "a")));
        assert_eq!(devices.with(&limits, 19, "a"), devices);
        let long = format!("{devices}.{}", "A".repeat(22));
        for text in ["", ".", "a.b", &"+".repeat(22), &long] {
            assert_eq!(Devices::parse(text), Devices::default(), "{text}");
        }
        assert_eq!(Devices::parse("").name(), None);
    }
}
