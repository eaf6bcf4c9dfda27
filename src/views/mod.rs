//! What templates see: plain data, one file per page, mirrored in `templates/pages/`. Every state of every page can be
//! looked at and checked without a server: forms bring samples of theirs, the other pages show what `web` puts on them
//! anyway (`examples/samples.rs` writes them all).

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
