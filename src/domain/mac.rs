//! HMAC-SHA-256 (RFC 2104), and hexadecimal digits of digests.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A MAC without a message. Keys have any length.
#[must_use]
pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes keys of any length") };
    mac
}

/// A MAC over several texts. The length of each precedes it, so that no two lists have the same encoding.
#[must_use]
pub(crate) fn authenticate(key: &[u8; 32], parts: &[&str]) -> Hmac<Sha256> {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}

/// Lower-case hexadecimal digits.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    // Allocated once: a digest of a password must not stay in a buffer that was outgrown.
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_mac_matches_rfc_4231() {
        let mut mac = keyed(b"Jefe");
        mac.update(b"what do ya want for nothing?");
        let published = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&mac.finalize().into_bytes()), published);
    }

    #[test]
    fn part_boundaries_change_the_mac() {
        let mac = |parts: &[&str]| authenticate(&[7; 32], parts).finalize().into_bytes();
        assert_ne!(mac(&["ab", "c"]), mac(&["a", "bc"]));
        assert_ne!(mac(&["a"]), mac(&["a", ""]));
    }
}
