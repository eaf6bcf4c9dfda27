//! What templates see: plain data, one file per page, mirrored in `templates/pages/`. Each view brings samples of its
//! states, so that every one can be looked at and checked without a server.

pub mod assets;
pub mod docs;
pub mod elements;
pub mod error;
pub mod register;
pub mod welcome;

/// A view in each of its states, by a name that stays.
pub trait Samples: Sized {
    fn samples() -> Vec<(&'static str, Self)>;
}
