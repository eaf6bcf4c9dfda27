//! The proof of work: a number found by search, which the service verifies without stored state.
//!
//! It is the scheme of ALTCHA (<https://altcha.org/docs/v2/proof-of-work/>): the search is bounded, unlike one for
//! leading zeros, where unlucky clients search many times as long.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use sha2::{Digest as _, Sha256};

use super::seal::SealKey;
use crate::domain::mac::hex;

/// Time to type the password again, with an interruption.
pub(super) const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Random bytes of a salt; 24 characters, so that the hashed text fits one SHA-256 block.
const SALT_BYTES: usize = 18;

/// The client must find the number up to `most` for which `SHA-256(salt + number)` is `target`, with the number as
/// eight hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Returned with the number.
    pub sealed: String,
    pub salt: String,
    /// Hexadecimal.
    pub target: String,
    pub most: u32,
}

/// The result of [`check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Missing, forged, expired or for another address.
    Invalid,
    /// A wrong number.
    Wrong,
    /// No number: a browser without JavaScript. `salt` identifies it.
    Unsolved {
        salt: String,
        until: NaiveDateTime,
    },
    Solved {
        salt: String,
        until: NaiveDateTime,
    },
}

/// A challenge bound to this canonical address.
pub(super) fn make(key: &SealKey, address: &str, most: u32, now: NaiveDateTime) -> Challenge {
    let salt = URL_SAFE_NO_PAD.encode(rand::random::<[u8; SALT_BYTES]>());
    let until = (now + LIFETIME).and_utc().timestamp();
    let sealed = key.seal(&format!("{until:x}.{most:x}.{salt}"), address);
    let target = Sha256::digest(format!("{salt}{:08x}", number(key, &sealed, most)));
    Challenge { target: hex(&target), sealed, salt, most }
}

/// Verifies the MAC, address and expiry of a challenge, and its answer.
pub(super) fn check(
    key: &SealKey,
    sealed: Option<&str>,
    answer: Option<&str>,
    address: &str,
    now: NaiveDateTime,
) -> Answer {
    let parts = sealed.and_then(|sealed| {
        let mut parts = key.open(sealed, address)?.split('.');
        let until = DateTime::from_timestamp(i64::from_str_radix(parts.next()?, 16).ok()?, 0)?.naive_utc();
        let most = u32::from_str_radix(parts.next()?, 16).ok()?;
        Some((until, number(key, sealed, most), parts.next()?.to_owned()))
    });
    let Some((until, number, salt)) = parts.filter(|(until, ..)| now < *until) else { return Answer::Invalid };
    match answer.map(str::trim).filter(|answer| !answer.is_empty()) {
        None => Answer::Unsolved { salt, until },
        Some(answer) if answer.parse() == Ok(number) => Answer::Solved { salt, until },
        Some(_) => Answer::Wrong,
    }
}

/// From 0 to `most`, derived from the key.
fn number(key: &SealKey, sealed: &str, most: u32) -> u32 {
    let random = key.mac(&["number", sealed]).iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    u32::try_from(random % (u64::from(most) + 1)).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "ada@example.com";

    fn now() -> NaiveDateTime {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time").naive_utc()
    }

    /// Searches as a browser does.
    fn solve(challenge: &Challenge) -> String {
        let solves = |number: &u32| hex(&Sha256::digest(format!("{}{number:08x}", challenge.salt))) == challenge.target;
        (0..=challenge.most).find(solves).expect("a number").to_string()
    }

    #[test]
    fn a_solution_is_valid_only_for_its_address_and_until_it_expires() {
        let key = SealKey([7; 32]);
        let challenge = make(&key, ADDRESS, 500, now());
        let (sealed, answer) = (Some(challenge.sealed.as_str()), solve(&challenge));
        let check = |key: &SealKey, answer: Option<&str>, address: &str, later: i64| {
            super::check(key, sealed, answer, address, now() + TimeDelta::seconds(later))
        };
        let until = now() + LIFETIME;
        let salt = challenge.salt.clone();
        assert_eq!(check(&key, Some(&answer), ADDRESS, 599), Answer::Solved { salt: salt.clone(), until });
        assert_eq!(check(&key, None, ADDRESS, 0), Answer::Unsolved { salt: salt.clone(), until });
        assert_eq!(check(&key, Some(" "), ADDRESS, 0), Answer::Unsolved { salt, until });
        for wrong in [format!("1{answer}"), "-1".into(), "x".into(), "99999999999".into()] {
            assert_eq!(check(&key, Some(&wrong), ADDRESS, 0), Answer::Wrong, "{wrong}");
        }
        assert_eq!(check(&key, Some(&answer), ADDRESS, 600), Answer::Invalid, "too late");
        assert_eq!(check(&key, Some(&answer), "eve@example.com", 0), Answer::Invalid, "for another address");
        assert_eq!(check(&SealKey([8; 32]), Some(&answer), ADDRESS, 0), Answer::Invalid, "of another installation");
        let easier = challenge.sealed.replacen(".1f4.", ".1.", 1);
        assert_ne!(easier, challenge.sealed);
        for forged in [None, Some(""), Some("x"), Some("...."), Some(easier.as_str()), Some(&challenge.salt)] {
            assert_eq!(super::check(&key, forged, Some(&answer), ADDRESS, now()), Answer::Invalid, "{forged:?}");
        }
    }

    #[test]
    fn numbers_come_from_the_whole_range() {
        let key = SealKey([7; 32]);
        let numbers: Vec<u32> = (0..400).map(|i| number(&key, &i.to_string(), 999)).collect();
        let mean = numbers.iter().map(|number| f64::from(*number)).sum::<f64>() / 400.0;
        // Five standard errors of the mean of 400 uniform numbers.
        assert!((mean - 499.5).abs() < 5.0 * 288.7 / 20.0, "{mean}");
        assert!(numbers.iter().all(|number| *number <= 999));
        assert_eq!(number(&key, "x", 0), 0);
    }
}
