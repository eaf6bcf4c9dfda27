//! bcrypt by the `bcrypt` crate, one password at a time: the reference, and the fallback if the self-test fails.

use std::hint::black_box;

use bcrypt_lanes::{BcryptInput, DIGEST_BYTES};

/// The digest that the lanes must equal.
#[must_use]
pub fn digest(input: &BcryptInput) -> [u8; DIGEST_BYTES] {
    digest_at(input, input.cost())
}

/// As [`digest`], with additional rounds up to `rounds`.
pub(super) fn digest_in_rounds(input: &BcryptInput, rounds: u32) -> [u8; DIGEST_BYTES] {
    let digest = digest(input);
    // 2^c + 2^c + 2^(c+1) + … + 2^(r-1) = 2^r
    for cost in input.cost()..rounds.checked_ilog2().unwrap_or(0) {
        black_box(digest_at(input, cost));
    }
    digest
}

fn digest_at(input: &BcryptInput, cost: u32) -> [u8; DIGEST_BYTES] {
    let bytes = bcrypt::bcrypt(cost, input.salt(), input.key());
    std::array::from_fn(|i| bytes.get(i).copied().unwrap_or_default())
}
