//! What a page carries and a form brings back unchanged: text with a MAC, so that nothing of it has to be kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac as _;

use crate::domain::mac::authenticate;

/// Bytes of a MAC that go along. Guessing one takes 2^128 requests.
const MAC_BYTES: usize = 16;

/// A key for one purpose.
#[derive(Clone)]
pub struct SealKey(pub [u8; 32]);

impl SealKey {
    /// The text, a full stop and its MAC. `bound_to` is authenticated with it and does not go along.
    pub(super) fn seal(&self, text: &str, bound_to: &str) -> String {
        let mac = self.mac(&[text, bound_to]);
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.get(..MAC_BYTES).unwrap_or(&mac)))
    }

    /// The text of what [`Self::seal`] made with the same `bound_to`; `None` for everything else. Compares in constant time.
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
