//! The proof of work in headers, for programs: an answer has the challenge, and the same request with its answer is taken.
//! Forms have it in their inputs. docs/bots.md tells how the number is found.

use poem::http::{HeaderMap, HeaderName, HeaderValue};

use crate::{accounts::bots::Challenged, domain::client::ProofOfWork};

/// Challenge, salt, target and largest number, with a space in between.
const CHALLENGE: HeaderName = HeaderName::from_static("vestibule-challenge");
/// Challenge and number.
const PROOF: HeaderName = HeaderName::from_static("vestibule-proof");

pub fn challenge(headers: &mut HeaderMap, challenged: &Challenged) {
    let challenge = &challenged.challenge;
    let text = format!("{} {} {} {}", challenge.sealed, challenge.salt, challenge.target, challenge.most);
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(CHALLENGE, value);
    }
}

/// What a request says; `None` for what is no proof.
#[must_use]
pub fn given(headers: &HeaderMap) -> Option<ProofOfWork> {
    let (challenge, answer) = headers.get(PROOF)?.to_str().ok()?.trim().split_once(' ')?;
    Some(ProofOfWork::new(challenge.to_owned(), answer.trim().to_owned()))
}
