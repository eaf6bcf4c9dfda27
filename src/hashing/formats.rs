//! The formats passwords are stored in.
//!
//! - up to 71 bytes: bcrypt, `$2b$12$` + 22 characters of salt + 31 of digest;
//! - longer: passlib's `bcrypt_sha256` version 2, `$bcrypt-sha256$v=2,t=2b,r=12$` + salt + `$` + digest, which
//!   is bcrypt over the base64 of HMAC-SHA-256(key = the salt's 22 characters, message = the password). Source:
//!   the class `bcrypt_sha256` of passlib 1.7.4.

use base64::{
    Engine as _,
    alphabet::BCRYPT,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use bcrypt::{BcryptError, Version};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Longest password in bytes that bcrypt takes whole: it reads 72 bytes, the last one being the NUL that ends
/// the key.
const BCRYPT_MAX_BYTES: usize = 71;
const SHA256_PREFIX: &str = "$bcrypt-sha256$";
const SALT_BYTES: usize = 16;
const SALT_CHARACTERS: usize = 22;
const DIGEST_CHARACTERS: usize = 31;

/// Highest stored cost that is computed. Each step doubles the time, so 2^31 rounds take 2^16 times as long.
const MAX_COST: u32 = 15;

/// bcrypt's own base64. Not every writer zeroes the two bits that the last character of a salt has to spare.
const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A stored hash that cannot be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("the stored password is in no format known here")]
    UnknownFormat,
    #[error("the stored password's cost is above {MAX_COST}")]
    CostTooHigh,
}

pub(super) fn hash(password: &str, cost: u32, salt: [u8; SALT_BYTES]) -> Result<String, BcryptError> {
    if password.len() <= BCRYPT_MAX_BYTES {
        return Ok(bcrypt::non_truncating_hash_with_salt(password, cost, salt)?.format_for_version(Version::TwoB));
    }
    let salt_text = BCRYPT_BASE64.encode(salt);
    let parts = bcrypt::non_truncating_hash_with_salt(prehash(password, &salt_text).as_bytes(), cost, salt)?;
    let bcrypt = parts.format_for_version(Version::TwoB);
    let digest = &bcrypt[bcrypt.len() - DIGEST_CHARACTERS..];
    Ok(format!("{SHA256_PREFIX}v=2,t=2b,r={cost}${salt_text}${digest}"))
}

/// Whether a password is the one that was stored.
///
/// Takes as long as hashing did; a stored cost over 15 is refused before anything is computed.
///
/// # Errors
/// [`VerifyError`] for a stored text that is none of the formats above.
pub fn verify(password: &str, stored: &str) -> Result<bool, VerifyError> {
    if let Some(rest) = stored.strip_prefix(SHA256_PREFIX) {
        let (parameters, rest) = rest.split_once('$').ok_or(VerifyError::UnknownFormat)?;
        let (salt_text, digest) = rest.split_once('$').ok_or(VerifyError::UnknownFormat)?;
        let cost = parameters.strip_prefix("v=2,t=2b,r=").ok_or(VerifyError::UnknownFormat)?;
        return verify_bcrypt(&prehash(password, salt_text), cost, salt_text, digest);
    }
    let rest = stored.strip_prefix("$2b$").ok_or(VerifyError::UnknownFormat)?;
    let (cost, rest) = rest.split_once('$').ok_or(VerifyError::UnknownFormat)?;
    let (salt_text, digest) = rest.split_at_checked(SALT_CHARACTERS).ok_or(VerifyError::UnknownFormat)?;
    // A longer password, or one with a NUL, was never stored in this format.
    let is_possible = password.len() <= BCRYPT_MAX_BYTES && !password.contains('\0');
    Ok(verify_bcrypt(if is_possible { password } else { "" }, cost, salt_text, digest)? && is_possible)
}

fn verify_bcrypt(key: &str, cost: &str, salt_text: &str, digest: &str) -> Result<bool, VerifyError> {
    let cost: u32 = cost.parse().map_err(|_| VerifyError::UnknownFormat)?;
    if cost > MAX_COST {
        return Err(VerifyError::CostTooHigh);
    }
    let salt = BCRYPT_BASE64.decode(salt_text).map_err(|_| VerifyError::UnknownFormat)?;
    let salt: [u8; SALT_BYTES] = salt.try_into().map_err(|_| VerifyError::UnknownFormat)?;
    // The digest alone is compared: the salt's spare bits may be written in four ways.
    let stored = format!("$2b${cost:02}${}{digest}", BCRYPT_BASE64.encode(salt));
    bcrypt::non_truncating_verify(key, &stored).map_err(|_| VerifyError::UnknownFormat)
}

/// The 44 characters that stand for a longer password.
fn prehash(password: &str, salt_text: &str) -> Zeroizing<String> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(salt_text.as_bytes()).expect("a key");
    mac.update(password.as_bytes());
    Zeroizing::new(STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COST: u32 = 4;

    /// Published with passlib 1.7.4: its documentation of `bcrypt_sha256`, and its test suite.
    #[test]
    fn passlibs_own_examples_verify() {
        for (password, stored) in [
            ("password", "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2"),
            ("", "$bcrypt-sha256$v=2,t=2b,r=5$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe"),
        ] {
            assert_eq!(verify(password, stored), Ok(true), "{stored}");
            assert_eq!(verify("Password", stored), Ok(false));
        }
    }

    #[test]
    fn the_format_changes_after_71_bytes_and_nothing_is_cut() {
        let salt = [7; SALT_BYTES];
        for (length, prefix) in [(1, "$2b$04$"), (71, "$2b$04$"), (72, SHA256_PREFIX), (512, SHA256_PREFIX)] {
            let password = "x".repeat(length);
            let stored = hash(&password, COST, salt).expect("hashes");
            assert!(stored.starts_with(prefix), "{length}: {stored}");
            assert_eq!(verify(&password, &stored), Ok(true));
            assert_eq!(verify(&format!("{password}x"), &stored), Ok(false));
            assert_eq!(verify(&format!("{}y", &password[1..]), &stored), Ok(false));
        }
    }

    #[test]
    fn a_nul_makes_no_second_password() {
        let stored = hash("a", COST, [1; SALT_BYTES]).expect("hashes");
        assert_eq!(verify("a\0a", &stored), Ok(false));
    }

    #[test]
    fn what_is_no_hash_is_an_error_and_a_high_cost_is_not_computed() {
        for stored in [
            "",
            "plain",
            "$2b$",
            "$2b$04$short",
            "$2x$04$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$bcrypt-sha256$v=1,t=2b,r=4$a$b",
            "$bcrypt-sha256$",
            "$2b$04$é",
        ] {
            assert_eq!(verify("x", stored), Err(VerifyError::UnknownFormat), "{stored}");
        }
        let dear = hash("x", COST, [1; SALT_BYTES]).expect("hashes").replacen("$04$", "$31$", 1);
        assert_eq!(verify("x", &dear), Err(VerifyError::CostTooHigh));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_hash_verifies_its_password_and_no_other(password in "[^\0]{1,128}", salt: [u8; SALT_BYTES], other in "[^\0]{1,128}") {
            let stored = hash(&password, COST, salt).expect("hashes");
            prop_assert_eq!(verify(&password, &stored), Ok(true));
            prop_assert_eq!(verify(&other, &stored), Ok(other == password));
        }
    }
}
