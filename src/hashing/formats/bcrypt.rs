//! Formats based on bcrypt.
//!
//! - `$2b$12$` + 22 characters of salt + 31 of digest: new hashes of passwords up to 71 bytes. `$2a$` and `$2y$` are
//!   other implementations' names of the same function. `$2x$` is a broken one, and refused.
//! - `$bcrypt-sha256$v=2,t=2b,r=12$` + salt + `$` + digest: new hashes of longer ones. bcrypt over the base64 of
//!   HMAC-SHA-256(key = the salt's 22 characters, message = the password). Source: the class `bcrypt_sha256` of passlib
//!   1.7.4.
//! - `bcrypt_sha256$` + a bcrypt text: Django's. bcrypt over the SHA-256 of the password in hexadecimal. `bcrypt$` + a
//!   bcrypt text is that text. Source: `BCryptSHA256PasswordHasher` and `BCryptPasswordHasher` of Django 5.2.

use std::ops::RangeInclusive;

use base64::{
    Engine as _,
    alphabet::BCRYPT,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use bcrypt_lanes::{BcryptInput, DIGEST_BYTES, KEY_BYTES, SALT_BYTES};
use hmac::Mac as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::parse::{FormatError, number};
use crate::domain::mac::{hex, keyed};

/// Longest password in bytes hashed by plain bcrypt: the final NUL of the key is the 72nd byte.
const LONGEST_PLAIN: usize = KEY_BYTES - 1;
const PASSLIB: &str = "$bcrypt-sha256$";
const DJANGO: &str = "bcrypt_sha256$";
const DJANGO_PLAIN: &str = "bcrypt$";
const SALT_CHARACTERS: usize = 22;

/// Allowed costs, configured or stored. bcrypt has no lower ones; each step doubles the time, so its highest, 31, takes
/// 2^16 times as long as 15.
pub const COSTS: RangeInclusive<u32> = 4..=15;

/// bcrypt's own base64. Not every implementation zeroes the unused bits of the last character.
const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A new hash before its digest is computed.
pub(in crate::hashing) struct NewHash {
    prefix: String,
    salt: [u8; SALT_BYTES],
    separator: &'static str,
}

impl NewHash {
    /// The hash without its digest, and the computation. `None` for a password with a NUL, which registration refuses.
    pub(in crate::hashing) fn new(password: &str, cost: u32, salt: [u8; SALT_BYTES]) -> Option<(Self, BcryptInput)> {
        if password.len() <= LONGEST_PLAIN {
            let input = BcryptInput::new(password.as_bytes(), salt, cost)?;
            return Some((Self { prefix: format!("$2b${cost:02}$"), salt, separator: "" }, input));
        }
        let key = Prehash::Passlib.of(password, &BCRYPT_BASE64.encode(salt));
        let input = BcryptInput::new(key.as_bytes(), salt, cost)?;
        Some((Self { prefix: format!("{PASSLIB}v=2,t=2b,r={cost}$"), salt, separator: "$" }, input))
    }

    pub(in crate::hashing) fn with_digest(self, digest: &[u8]) -> String {
        let Self { prefix, salt, separator } = self;
        format!("{prefix}{}{separator}{}", BCRYPT_BASE64.encode(salt), BCRYPT_BASE64.encode(digest))
    }
}

/// A stored bcrypt hash without its digest.
pub(super) struct Bcrypt {
    /// As stored: the key of passlib's prehash.
    salt_text: String,
    salt: [u8; SALT_BYTES],
    cost: u32,
    prehash: Prehash,
    is_current: bool,
}

#[derive(Clone, Copy)]
enum Prehash {
    None,
    Passlib,
    Django,
}

impl Bcrypt {
    /// `None` for another format.
    pub(super) fn parse(stored: &str) -> Result<Option<(Self, Vec<u8>)>, FormatError> {
        if let Some(rest) = stored.strip_prefix(PASSLIB) {
            let mut parts = rest.split('$');
            let cost = parts.next().and_then(|parameters| parameters.strip_prefix("v=2,t=2b,r="));
            return match (cost, parts.next(), parts.next(), parts.next()) {
                (Some(cost), Some(salt), Some(digest), None) => {
                    Self::from_parts(cost, salt, digest, Prehash::Passlib, true).map(Some)
                }
                _ => Err(FormatError::Unknown),
            };
        }
        let (prehash, plain, is_django) = if let Some(plain) = stored.strip_prefix(DJANGO) {
            (Prehash::Django, plain, true)
        } else if let Some(plain) = stored.strip_prefix(DJANGO_PLAIN) {
            (Prehash::None, plain, true)
        } else {
            (Prehash::None, stored, false)
        };
        let Some((version, rest)) = plain.strip_prefix("$2").and_then(|rest| rest.split_once('$')) else {
            return Ok(None);
        };
        if !matches!(version, "a" | "b" | "y") {
            return Err(FormatError::Unknown);
        }
        let (cost, rest) = rest.split_once('$').ok_or(FormatError::Unknown)?;
        if cost.len() != 2 {
            return Err(FormatError::Unknown);
        }
        let (salt, digest) = rest.split_at_checked(SALT_CHARACTERS).ok_or(FormatError::Unknown)?;
        let is_current = version == "b" && !is_django;
        Self::from_parts(cost, salt, digest, prehash, is_current).map(Some)
    }

    fn from_parts(
        cost: &str,
        salt_text: &str,
        digest: &str,
        prehash: Prehash,
        is_current: bool,
    ) -> Result<(Self, Vec<u8>), FormatError> {
        let cost = number(cost)?;
        if cost > *COSTS.end() {
            return Err(FormatError::CostTooHigh);
        }
        let decode = |text: &str| BCRYPT_BASE64.decode(text).map_err(|_| FormatError::Unknown);
        let salt: [u8; SALT_BYTES] = decode(salt_text)?.try_into().map_err(|_| FormatError::Unknown)?;
        let digest = decode(digest)?;
        if cost < *COSTS.start() || digest.len() != DIGEST_BYTES {
            return Err(FormatError::Unknown);
        }
        Ok((Self { salt_text: salt_text.to_owned(), salt, cost, prehash, is_current }, digest))
    }

    /// The computation for a password. `None` without prehash for more than 72 bytes or a NUL: other implementations
    /// truncate there, so that many passwords match.
    pub(super) fn input(&self, password: &str) -> Option<BcryptInput> {
        match self.prehash {
            Prehash::None => BcryptInput::new(password.as_bytes(), self.salt, self.cost),
            prehash => BcryptInput::new(prehash.of(password, &self.salt_text).as_bytes(), self.salt, self.cost),
        }
    }

    pub(super) fn cost(&self) -> u32 {
        self.cost
    }

    pub(super) fn is_current(&self) -> bool {
        self.is_current
    }
}

impl Prehash {
    /// The text hashed in place of the password.
    fn of(self, password: &str, salt_text: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::None => password.to_owned(),
            Self::Passlib => {
                let mut mac = keyed(salt_text.as_bytes());
                mac.update(password.as_bytes());
                STANDARD.encode(Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes())))
            }
            Self::Django => {
                let digest = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(password.as_bytes())));
                hex(digest.as_slice())
            }
        })
    }
}
