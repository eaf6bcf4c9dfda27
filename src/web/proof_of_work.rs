//! Proof of work in headers, for API clients: a response has the challenge; the same request with its answer is
//! accepted. Forms use inputs. docs/bots.md describes the search.

use poem::http::{HeaderMap, HeaderName, HeaderValue};

use crate::{accounts::bots::Challenged, domain::client::ProofOfWork};

/// Challenge, salt, target and largest number, separated by spaces.
const CHALLENGE: HeaderName = HeaderName::from_static("vestibule-challenge");
/// Challenge and number.
const PROOF: HeaderName = HeaderName::from_static("vestibule-proof");

pub(super) fn challenge(headers: &mut HeaderMap, challenged: &Challenged) {
    let challenge = &challenged.challenge;
    let text = format!("{} {} {} {}", challenge.sealed, challenge.salt, challenge.target, challenge.most);
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(CHALLENGE, value);
    }
}

/// The proof of a request; `None` if absent or malformed.
#[must_use]
pub(super) fn from_headers(headers: &HeaderMap) -> Option<ProofOfWork> {
    let (challenge, answer) = headers.get(PROOF)?.to_str().ok()?.trim().split_once(' ')?;
    Some(ProofOfWork::new(challenge.to_owned(), answer.trim().to_owned()))
}
