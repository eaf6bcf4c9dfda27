//! Formats of stored passwords: those of new hashes, and those of imported accounts.
//!
//! [`StoredFormat::parse`] parses a stored text and refuses too high costs before any computation. A password's
//! [`Derivation`] is what has to be computed; if it yields the stored digest, the password is right.

mod bcrypt;
#[cfg_attr(not(feature = "imported-hashes"), path = "not_imported.rs")]
mod imported;
mod parse;
#[cfg(test)]
mod tests;

use bcrypt_lanes::BcryptInput;
use subtle::ConstantTimeEq as _;

use self::bcrypt::Bcrypt;
pub use self::bcrypt::COSTS;
pub(super) use self::bcrypt::NewHash;
pub use self::imported::Imported;
pub use self::parse::FormatError;

/// A parsed stored password.
pub struct StoredFormat {
    method: Method,
    digest: Vec<u8>,
}

enum Method {
    Bcrypt(Bcrypt),
    /// Verified only; replaced at the next login.
    Imported(imported::Function),
}

/// The computation that verifies a password.
pub enum Derivation {
    Bcrypt(BcryptInput),
    Imported(Imported),
}

/// Equal work for an unknown account.
pub(super) fn dummy(cost: u32) -> Derivation {
    Derivation::Bcrypt(BcryptInput::dummy(cost))
}

impl Derivation {
    /// Its bcrypt rounds, or those that take about as long.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        match self {
            Self::Bcrypt(input) => u64::from(input.rounds()),
            Self::Imported(imported) => imported.rounds(),
        }
    }
}

impl StoredFormat {
    /// Parses a stored password.
    ///
    /// # Errors
    /// [`FormatError`] for a text in none of the formats, or with a cost above the limit.
    pub fn parse(stored: &str) -> Result<Self, FormatError> {
        if let Some((method, digest)) = Bcrypt::parse(stored)? {
            return Ok(Self { method: Method::Bcrypt(method), digest });
        }
        let (method, digest) = imported::Function::parse(stored)?.ok_or(FormatError::Unknown)?;
        Ok(Self { method: Method::Imported(method), digest })
    }

    /// `None` for a password that this format cannot store.
    #[must_use]
    pub fn derivation(&self, password: &str) -> Option<Derivation> {
        match &self.method {
            Method::Bcrypt(method) => method.input(password).map(Derivation::Bcrypt),
            Method::Imported(function) => {
                Some(Derivation::Imported(Imported::new(password, function, self.digest.len())))
            }
        }
    }

    /// Compares in constant time.
    #[must_use]
    pub fn matches(&self, derived: &[u8]) -> bool {
        self.digest.ct_eq(derived).into()
    }

    /// Whether a new hash at this cost should replace it: it has another format, or a lower cost.
    #[must_use]
    pub fn is_outdated(&self, cost: u32) -> bool {
        match &self.method {
            Method::Bcrypt(method) => !method.is_current() || method.cost() < cost,
            Method::Imported(_) => true,
        }
    }
}
