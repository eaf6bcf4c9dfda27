//! The formats passwords are stored in: ours, and those that imported accounts bring.
//!
//! A stored text is taken apart by [`StoredFormat::parse`], which refuses costs that are too high before anything is
//! computed. What has to be computed for a password is its [`Derivation`]; if that yields the stored digest, it is the
//! password.

mod bcrypt;
mod imported;
#[cfg(test)]
mod tests;

use bcrypt_lanes::BcryptInput;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use self::bcrypt::Bcrypt;
pub use self::bcrypt::COSTS;
pub(super) use self::bcrypt::NewHash;
pub use self::imported::Imported;

/// Why a stored text cannot be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("the stored password is in no format known here")]
    Unknown,
    #[error("the stored password's cost is higher than any that is computed here")]
    CostTooHigh,
}

/// A stored password, taken apart.
pub struct StoredFormat {
    method: Method,
    digest: Vec<u8>,
}

enum Method {
    Bcrypt(Bcrypt),
    /// Never made here; replaced at the next login.
    Imported(imported::Function),
}

/// What has to be computed to compare a password with a stored one.
pub enum Derivation {
    Bcrypt(BcryptInput),
    Imported(Imported),
}

/// As much work as for a stored password, for an account that has none.
pub(super) fn dummy(cost: u32) -> Derivation {
    Derivation::Bcrypt(BcryptInput::dummy(cost))
}

impl Derivation {
    /// The rounds of bcrypt that it takes, or that would take about as long.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        match self {
            Self::Bcrypt(input) => u64::from(input.rounds()),
            Self::Imported(imported) => imported.rounds(),
        }
    }
}

impl StoredFormat {
    /// Takes a stored password apart.
    ///
    /// # Errors
    /// [`FormatError`] for a text that is in none of the formats, or dearer than is computed here.
    pub fn parse(stored: &str) -> Result<Self, FormatError> {
        if let Some((method, digest)) = Bcrypt::parse(stored)? {
            return Ok(Self { method: Method::Bcrypt(method), digest });
        }
        let (method, digest) = imported::Function::parse(stored)?.ok_or(FormatError::Unknown)?;
        Ok(Self { method: Method::Imported(method), digest })
    }

    /// `None` for a password that was never stored in this format, because it does not fit.
    #[must_use]
    pub fn derivation(&self, password: &str) -> Option<Derivation> {
        match &self.method {
            Method::Bcrypt(method) => method.input(password).map(Derivation::Bcrypt),
            Method::Imported(function) => Some(Derivation::Imported(Imported {
                password: Zeroizing::new(password.as_bytes().to_vec()),
                function: function.clone(),
                length: self.digest.len(),
            })),
        }
    }

    /// Compares in constant time.
    #[must_use]
    pub fn matches(&self, derived: &[u8]) -> bool {
        self.digest.ct_eq(derived).into()
    }

    /// Whether it should be replaced by what is made here at this cost: it is in another format, or was cheaper.
    #[must_use]
    pub fn is_outdated(&self, cost: u32) -> bool {
        match &self.method {
            Method::Bcrypt(method) => !method.is_ours() || method.cost() < cost,
            Method::Imported(_) => true,
        }
    }
}

/// Digits and nothing else; `parse` would take a sign too.
fn number(text: &str) -> Result<u32, FormatError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FormatError::Unknown);
    }
    // More digits than fit are a number too: a high one.
    Ok(text.parse().unwrap_or(u32::MAX))
}
