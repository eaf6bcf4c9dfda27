//! Sample challenges (proof of work).

use crate::{
    accounts::bots::{Challenge, ChallengeReason, Challenged},
    views::frame::Frame,
    web::messages,
};

pub(super) const FORM_TIMESTAMP: &str = "19c3f2a7b40.Zm9ydHktdGhyZWUgY2hhcg";
const SALT: &str = "Zm9ydHktdGhyZWUgY2hhcmFj";
/// SHA-256 of the salt and the number 0.
const ANSWERED_BY_0: &str = "3aa3f0cdddf33cf8a9762e6c7df439901ad3d7ff2f8798f55c3896a3c13b801a";
/// Range of a search without a solution; takes a browser some seconds.
pub(super) const LONG_SEARCH: u32 = 4_000_000;

/// A challenge with the solution 0, or none if `most` is not 0.
pub(super) fn challenge(most: u32) -> Challenge {
    let target = if most == 0 { ANSWERED_BY_0 } else { "00000000" };
    Challenge { sealed: FORM_TIMESTAMP.to_owned(), salt: SALT.to_owned(), target: target.to_owned(), most }
}

/// A frame that challenges the form posted to the path `form`.
pub(super) fn challenged(frame: &Frame, form: &str, challenged: &Challenged) -> Frame {
    Frame { proof: messages::challenge(challenged, form), ..frame.clone() }
}

/// As [`challenged`], because a limit shared by all clients is exhausted.
pub(super) fn limit_exhausted(frame: &Frame, form: &str) -> Frame {
    challenged(
        frame,
        form,
        &Challenged {
            challenge: challenge(LONG_SEARCH),
            reason: ChallengeReason::First,
            retry_after: None,
            by_mail: false,
        },
    )
}
