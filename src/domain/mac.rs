//! HMAC over several texts.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Each part is prefixed with its length, so that no two lists have the same encoding.
#[must_use]
pub fn authenticate(key: &[u8; 32], parts: &[&str]) -> Hmac<Sha256> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes keys of any length") };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}
