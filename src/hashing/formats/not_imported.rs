//! Stands in for `imported.rs` in a build without the feature `imported-hashes`: every other format is unknown.

use zeroize::Zeroizing;

use super::parse::FormatError;

/// There is none.
#[derive(Clone)]
pub(super) enum Function {}

/// There is none.
pub struct Imported {
    #[expect(dead_code, reason = "as in imported.rs")]
    pub(super) password: Zeroizing<Vec<u8>>,
    pub(super) function: Function,
    #[expect(dead_code, reason = "as in imported.rs")]
    pub(super) length: usize,
}

impl Function {
    #[expect(clippy::unnecessary_wraps, reason = "as in imported.rs")]
    pub(super) fn parse(_: &str) -> Result<Option<(Self, Vec<u8>)>, FormatError> {
        Ok(None)
    }
}

impl Imported {
    #[must_use]
    pub fn rounds(&self) -> u64 {
        match self.function {}
    }

    /// # Errors
    /// None.
    pub fn digest(&self) -> Result<Vec<u8>, String> {
        match self.function {}
    }
}
