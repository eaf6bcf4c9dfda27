//! Temporary credentials: session tokens, mail tokens and mailed codes.
//!
//! Each has a plain form, redacted in `Debug`, and a stored form.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use super::{mac::keyed, secret::Secret};

/// Validity of a verification link, in hours.
pub const VERIFICATION_LINK_HOURS: u16 = 24;
/// Validity of a code, in minutes (OWASP ASVS 5.0, 6.5.5).
pub const CODE_MINUTES: u16 = 10;
/// Validity of a password reset link, in minutes.
pub const RESET_LINK_MINUTES: u16 = 30;
/// Bytes of a token: twice the minimum of OWASP ASVS 5.0 (7.2.3).
const TOKEN_BYTES: usize = 32;
const CODE_DIGITS: usize = 6;

/// A plain token: 32 random bytes in URL-safe base64.
#[derive(Debug, Clone)]
pub struct Token(Secret);

/// A stored token: SHA-256, useless to a reader of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHash(Vec<u8>);

impl Token {
    #[must_use]
    pub fn random() -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(rand::random::<[u8; TOKEN_BYTES]>())))
    }

    /// Parses client input; `None` for any other format.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_token = URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == TOKEN_BYTES);
        is_token.then(|| Self(Secret::new(text.to_owned())))
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.expose()).to_vec())
    }
}

impl TokenHash {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A plain code: six digits.
#[derive(Debug, Clone)]
pub struct Code(Secret);

/// HMAC key of codes: an unkeyed hash of one of a million codes is reversed at once.
#[derive(Clone)]
pub struct CodeKey(pub [u8; 32]);

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(…)")
    }
}

impl Code {
    #[must_use]
    pub fn random() -> Self {
        Self(Secret::new(format!("{:06}", rand::random_range(0..1_000_000_u32))))
    }

    /// Parses user input and ignores spaces and dashes; `None` for anything but six digits.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let is_separator = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}');
        let digits: String = typed.chars().filter(|c| !is_separator(*c)).collect();
        let is_code = digits.len() == CODE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| Self(Secret::new(digits)))
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Stored form, bound to the token of the same mail.
    #[must_use]
    pub fn mac(&self, key: &CodeKey, token: &TokenHash) -> Vec<u8> {
        self.authenticate(key, token.as_bytes()).finalize().into_bytes().to_vec()
    }

    /// Compares in constant time.
    #[must_use]
    pub fn matches(&self, key: &CodeKey, token: &[u8], mac: &[u8]) -> bool {
        self.authenticate(key, token).verify_slice(mac).is_ok()
    }

    fn authenticate(&self, key: &CodeKey, token: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(&key.0);
        mac.update(token);
        mac.update(self.expose().as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tokens_are_random_and_read_back() {
        let tokens: HashSet<String> = (0..10_000).map(|_| Token::random().expose().to_owned()).collect();
        assert_eq!(tokens.len(), 10_000);
        // Every value of a byte comes up about as often: chi-square over 256 values, 255 degrees of freedom.
        let mut counts = [0_f64; 256];
        for token in &tokens {
            assert_eq!(token.len(), 43);
            for byte in URL_SAFE_NO_PAD.decode(token).expect("base64") {
                counts[usize::from(byte)] += 1.0;
            }
        }
        let expected = 10_000.0 * 32.0 / 256.0;
        let chi_square: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
        assert!(chi_square < 380.0, "{chi_square}");

        let token = Token::random();
        let read = Token::parse(token.expose()).expect("a token");
        assert_eq!(read.hash(), token.hash());
        assert_ne!(token.hash(), Token::random().hash());
        for text in ["", " ", "\0", "null", &token.expose()[1..], &format!("{} ", token.expose()), &"A".repeat(44)] {
            assert!(Token::parse(text).is_none(), "{text:?}");
        }
        assert_eq!(format!("{token:?}"), "Token(Secret(…))");
    }

    #[test]
    fn codes_are_parsed_with_spaces_and_dashes() {
        for typed in ["042137", " 042 137 ", "042-137", "0 4 2 1 3 7", "042\u{2013}137"] {
            assert_eq!(Code::parse(typed).map(|code| code.expose().to_owned()).as_deref(), Some("042137"), "{typed}");
        }
        for typed in ["", "42137", "0421377", "o42137", "٠٤٢١٣٧", "+42137"] {
            assert!(Code::parse(typed).is_none(), "{typed}");
        }
        assert!((0..1000).all(|_| Code::parse(Code::random().expose()).is_some()));
    }

    /// Uniform over a million codes.
    #[test]
    fn codes_are_uniform_over_a_million_values() {
        const DRAWN: usize = 200_000;
        // A thousand values each: the first three digits, and the last three.
        let mut halves = [vec![0_f64; 1000], vec![0_f64; 1000]];
        let mut different = HashSet::new();
        for _ in 0..DRAWN {
            let code = Code::random();
            let digits = code.expose();
            assert!(digits.len() == 6, "{digits}");
            assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
            for (counts, half) in halves.iter_mut().zip([&digits[..3], &digits[3..]]) {
                counts[half.parse::<usize>().expect("a number")] += 1.0;
            }
            different.insert(digits.to_owned());
        }
        // Chi-square with 999 degrees of freedom: 999, give or take 45; these are seven times that away.
        for counts in halves {
            let chi_square: f64 = counts.iter().map(|count| (count - 200.0).powi(2) / 200.0).sum();
            assert!((680.0..1320.0).contains(&chi_square), "chi-square {chi_square}");
        }
        // 181,269 of a million, give or take 120; of nine hundred thousand 179,300.
        assert!((180_400..182_200).contains(&different.len()), "{} different ones", different.len());
    }

    #[test]
    fn a_code_matches_only_with_its_own_token() {
        let key = CodeKey([7; 32]);
        let (token, other) = (Token::random().hash(), Token::random().hash());
        let code = Code::parse("042137").expect("a code");
        let mac = code.mac(&key, &token);
        assert!(code.matches(&key, token.as_bytes(), &mac));
        assert!(!code.matches(&key, other.as_bytes(), &mac));
        assert!(!code.matches(&CodeKey([8; 32]), token.as_bytes(), &mac));
        assert!(!Code::parse("042138").expect("a code").matches(&key, token.as_bytes(), &mac));
    }
}
