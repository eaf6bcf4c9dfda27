//! Hashes of other functions, of imported accounts. They are verified only: the next login replaces them.
//!
//! - `$argon2id$v=19$m=65536,t=3,p=4$salt$digest`, also with Django's `argon2` in front. Source: the PHC string format.
//! - `$scrypt$ln=16,r=8,p=1$salt$digest` and `$pbkdf2-sha256$29000$salt$digest`. Source: passlib 1.7.4, whose PBKDF2
//!   writes base64 with `.` for `+`.
//! - `pbkdf2_sha256$1000000$salt$digest`, with a plain salt. Source: Django 5.2.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::parse::{FormatError, number};

/// Maximum memory of one verification in KiB: 256 MiB for each of the `HASH_THREADS`.
const MAX_KIB: u64 = 256 * 1024;
/// Maximum Argon2 passes times KiB; scrypt memory times `p` in KiB; PBKDF2 iterations. By docs/performance.md 0.7, 1.6
/// and 0.5 s of a core; more for PBKDF2 without SHA-256 instructions.
const MAX_ARGON2_WORK: u64 = 1024 * 1024;
const MAX_SCRYPT_WORK: u64 = 512 * 1024;
const MAX_ITERATIONS: u32 = 5_000_000;
/// Shorter digests would match too many passwords; longer ones only cost time.
const DIGEST_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;
const MAX_SALT_BYTES: usize = 128;
const PBKDF2_BLOCK: usize = 32;

/// The standard alphabet, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A function with its parameters and salt.
#[derive(Clone)]
pub(super) enum Function {
    Argon2id { parameters: argon2::Params, salt: Vec<u8> },
    Scrypt { parameters: scrypt::Params, salt: Vec<u8> },
    Pbkdf2Sha256 { iterations: u32, salt: Vec<u8> },
}

/// The derivation of one password's digest.
pub struct Imported {
    password: Zeroizing<Vec<u8>>,
    function: Function,
    /// Bytes of the digest.
    length: usize,
}

impl Function {
    /// `None` for another format.
    pub(super) fn parse(stored: &str) -> Result<Option<(Self, Vec<u8>)>, FormatError> {
        let parts: Vec<&str> = stored.split('$').collect();
        let (function, digest) = match parts[..] {
            ["" | "argon2", "argon2id", version, parameters, salt, digest] => {
                (argon2id(version, parameters, decode(salt)?)?, decode(digest)?)
            }
            ["", "scrypt", parameters, salt, digest] => (scrypt(parameters, decode(salt)?)?, decode(digest)?),
            ["", "pbkdf2-sha256", iterations, salt, digest] => {
                let decode = |text: &str| decode(&text.replace('.', "+"));
                (pbkdf2(iterations, decode(salt)?)?, decode(digest)?)
            }
            ["pbkdf2_sha256", iterations, salt, digest] => (pbkdf2(iterations, salt.into())?, decode(digest)?),
            _ => return Ok(None),
        };
        let salt = match &function {
            Self::Argon2id { salt, .. } | Self::Scrypt { salt, .. } | Self::Pbkdf2Sha256 { salt, .. } => salt,
        };
        if !DIGEST_LENGTHS.contains(&digest.len()) || salt.len() > MAX_SALT_BYTES {
            return Err(FormatError::Unknown);
        }
        // PBKDF2 computes each block of SHA-256's 32 bytes anew; known formats store only one.
        if matches!(function, Self::Pbkdf2Sha256 { .. }) && digest.len() > PBKDF2_BLOCK {
            return Err(FormatError::Unknown);
        }
        Ok(Some((function, digest)))
    }
}

impl Imported {
    /// `length`: bytes of the digest.
    pub(super) fn new(password: &str, function: &Function, length: usize) -> Self {
        Self { password: Zeroizing::new(password.as_bytes().to_vec()), function: function.clone(), length }
    }

    /// About as many rounds as bcrypt takes in the same time, for the estimated wait. Source: docs/performance.md.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        match &self.function {
            Function::Argon2id { parameters, .. } => {
                u64::from(parameters.m_cost()) * u64::from(parameters.t_cost()) / 16
            }
            Function::Scrypt { parameters, .. } => {
                scrypt_kib(parameters.n(), parameters.r()) * u64::from(parameters.p()) / 3
            }
            Function::Pbkdf2Sha256 { iterations, .. } => u64::from(*iterations) / 100,
        }
    }

    /// Computes the digest, in up to some seconds.
    ///
    /// # Errors
    /// The library's error, for parameters that it rejects.
    pub fn digest(&self) -> Result<Vec<u8>, String> {
        let mut digest = vec![0; self.length];
        match &self.function {
            Function::Argon2id { parameters, salt } => {
                argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters.clone())
                    .hash_password_into(&self.password, salt, &mut digest)
                    .map_err(|error| error.to_string())?;
            }
            Function::Scrypt { parameters, salt } => {
                scrypt::scrypt(&self.password, salt, parameters, &mut digest).map_err(|error| error.to_string())?;
            }
            Function::Pbkdf2Sha256 { iterations, salt } => {
                pbkdf2::pbkdf2_hmac::<Sha256>(&self.password, salt, *iterations, &mut digest);
            }
        }
        Ok(digest)
    }
}

fn argon2id(version: &str, parameters: &str, salt: Vec<u8>) -> Result<Function, FormatError> {
    if version != "v=19" {
        return Err(FormatError::Unknown);
    }
    let [memory, passes, parallelism] = values(parameters, ["m", "t", "p"])?;
    if u64::from(memory) > MAX_KIB || u64::from(memory) * u64::from(passes) > MAX_ARGON2_WORK {
        return Err(FormatError::CostTooHigh);
    }
    let parameters = argon2::Params::new(memory, passes, parallelism, None).map_err(|_| FormatError::Unknown)?;
    if salt.len() < argon2::MIN_SALT_LEN {
        return Err(FormatError::Unknown);
    }
    Ok(Function::Argon2id { parameters, salt })
}

fn scrypt(parameters: &str, salt: Vec<u8>) -> Result<Function, FormatError> {
    let [log_n, r, p] = values(parameters, ["ln", "r", "p"])?;
    // Before the library, which multiplies some parameters unchecked.
    let n = 1_u64.checked_shl(log_n).ok_or(FormatError::CostTooHigh)?;
    let [wide_r, wide_p] = [r, p].map(u64::from);
    let memory = scrypt_kib(n, r) + scrypt_kib(wide_p + 1, r);
    if memory > MAX_KIB || scrypt_kib(n, r).saturating_mul(wide_p) > MAX_SCRYPT_WORK {
        return Err(FormatError::CostTooHigh);
    }
    // scrypt needs N > 1 (RFC 7914).
    if log_n == 0 || wide_r == 0 || wide_p == 0 {
        return Err(FormatError::Unknown);
    }
    let log_n = u8::try_from(log_n).map_err(|_| FormatError::Unknown)?;
    let parameters = scrypt::Params::new(log_n, r, p).map_err(|_| FormatError::Unknown)?;
    Ok(Function::Scrypt { parameters, salt })
}

/// Memory of `blocks` blocks of 128 r bytes in KiB, rounded up. scrypt mixes N of them and needs p + 1 more.
fn scrypt_kib(blocks: u64, r: u32) -> u64 {
    u64::from(r).saturating_mul(blocks).div_ceil(8)
}

fn pbkdf2(iterations: &str, salt: Vec<u8>) -> Result<Function, FormatError> {
    match number(iterations)? {
        0 => Err(FormatError::Unknown),
        iterations @ 1..=MAX_ITERATIONS => Ok(Function::Pbkdf2Sha256 { iterations, salt }),
        _ => Err(FormatError::CostTooHigh),
    }
}

/// The values of `a=1,b=2,c=3`, with exactly these names in this order.
fn values<const N: usize>(text: &str, names: [&str; N]) -> Result<[u32; N], FormatError> {
    let mut pairs = text.split(',');
    let mut values = [0; N];
    for (slot, name) in values.iter_mut().zip(names) {
        *slot = value(pairs.next().ok_or(FormatError::Unknown)?, name)?;
    }
    if pairs.next().is_some() { Err(FormatError::Unknown) } else { Ok(values) }
}

fn value(pair: &str, name: &str) -> Result<u32, FormatError> {
    number(pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).ok_or(FormatError::Unknown)?)
}

fn decode(text: &str) -> Result<Vec<u8>, FormatError> {
    BASE64.decode(text).map_err(|_| FormatError::Unknown)
}
