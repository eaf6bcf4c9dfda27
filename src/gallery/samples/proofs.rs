//! Challenges of forms for a proof of work.

use crate::{
    accounts::bots::{Challenge, ChallengeReason, Challenged},
    views::frame::Frame,
    web::words,
};

pub(super) const STAMP: &str = "19c3f2a7b40.Zm9ydHktdGhyZWUgY2hhcg";
const SALT: &str = "Zm9ydHktdGhyZWUgY2hhcmFj";
/// SHA-256 of the salt and the number 0.
const ANSWERED_BY_0: &str = "3aa3f0cdddf33cf8a9762e6c7df439901ad3d7ff2f8798f55c3896a3c13b801a";
/// Numbers that a sample tries in vain; a browser needs some seconds.
pub(super) const LONG_SEARCH: u32 = 4_000_000;

/// A challenge whose answer is 0, or, in a long search, none.
pub(super) fn challenge(most: u32) -> Challenge {
    let target = if most == 0 { ANSWERED_BY_0 } else { "00000000" };
    Challenge { sealed: STAMP.to_owned(), salt: SALT.to_owned(), target: target.to_owned(), most }
}

/// A page whose form that is sent to the address `form` is challenged.
pub(super) fn challenged(frame: &Frame, form: &str, challenged: &Challenged) -> Frame {
    Frame { proof: words::proof(challenged, form), ..frame.clone() }
}

/// As [`challenged`], since a limit that all clients share is used up.
pub(super) fn crowded(frame: &Frame, form: &str) -> Frame {
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
