//! Authenticated text that a page carries and its form returns, so that the service stores nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac as _;

use crate::domain::mac::authenticate;

/// Bytes of the truncated MAC. Guessing one takes 2^128 requests.
const MAC_BYTES: usize = 16;

/// A key for one purpose.
#[derive(Clone)]
pub struct SealKey(pub [u8; 32]);

impl SealKey {
    /// The text, a full stop and its MAC. `bound_to` is authenticated but not included.
    pub(super) fn seal(&self, text: &str, bound_to: &str) -> String {
        let mac = self.mac(&[text, bound_to]);
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.get(..MAC_BYTES).unwrap_or(&mac)))
    }

    /// The text sealed by [`Self::seal`] with the same `bound_to`; otherwise `None`. Compares in constant time.
    pub(super) fn open<'a>(&self, sealed: &'a str, bound_to: &str) -> Option<&'a str> {
        let (text, mac) = sealed.rsplit_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok().filter(|mac| mac.len() == MAC_BYTES)?;
        authenticate(&self.0, &[text, bound_to]).verify_truncated_left(&mac).ok()?;
        Some(text)
    }

    pub(super) fn mac(&self, parts: &[&str]) -> [u8; 32] {
        authenticate(&self.0, parts).finalize().into_bytes().into()
    }
}
