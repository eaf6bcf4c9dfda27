//! bcrypt for several passwords side by side on one thread. The same hashes, several times as many in the same time.
//!
//! [`Lanes`] takes passwords in and gives digests back; `eksblowfish.rs` is the work itself, `pi.rs` its tables. A package
//! of its own, so that it is optimised also where the service is built for debugging. docs/hashing.md of the service
//! tells how it works and why it is safe.

#![warn(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod eksblowfish;
mod lanes;
mod pi;

pub use eksblowfish::{DIGEST_BYTES, KEY_BYTES, SALT_BYTES};
pub use lanes::{BcryptInput, Lanes, MAX_LANES};
