//! bcrypt for several passwords side by side on one thread: the same hashes at several times the throughput.
//!
//! [`Lanes`] computes digests of passwords, each in a *lane*: an independent state, advanced round by round beside the
//! others. `eksblowfish.rs` has the algorithm, `pi.rs` its tables. A separate package, so that it is optimised in debug
//! builds too. For its design and safety see docs/hashing.md.

#![warn(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod eksblowfish;
mod lanes;
mod pi;

pub use eksblowfish::{DIGEST_BYTES, KEY_BYTES, SALT_BYTES};
pub use lanes::{BcryptInput, Lanes, MAX_LANES};
