//! A password somebody chose: its limits, and the policy that refuses the ones an attacker tries first.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{email::Email, form::FieldError, username::Username};

/// Longest password, in characters (code points), whatever the settings say.
pub const MAX_CHARACTERS: usize = 128;

/// Below this many guesses a password counts as easy. An attacker who may try online, throttled, gets there in
/// days; see "zxcvbn: Low-Budget Password Strength Estimation" (USENIX Security 2016), score 2.
const EASY_GUESSES: u64 = 1_000_000;

/// Estimating takes time that grows fast with the length, so longer passwords are judged in pieces of this many
/// characters: easy only if every piece is.
const PIECE: usize = 32;

/// More different symbols than this, and it is no dictionary word with look-alike characters. The estimator's
/// time doubles with each.
const MAX_SYMBOL_KINDS: usize = 4;

/// Text that must not be seen: no `Debug`, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A password that passed the policy. Kept exactly as typed: never trimmed, never cut, never normalised.
#[derive(Debug, Clone)]
pub struct Password(Secret);

/// What a password has to be like. [`PasswordPolicy::LENGTH_ONLY`] is for accounts that a developer makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters (code points), 1 to 128.
    pub min_characters: usize,
    /// Whether easy passwords and those made of the identifier are refused.
    pub blocklist: bool,
}

impl PasswordPolicy {
    pub const LENGTH_ONLY: Self = Self { min_characters: 1, blocklist: false };
}

/// Whose password it is, as far as that is known.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    Email(&'a Email),
    Username(&'a Username),
    Unknown,
}

impl Owner<'_> {
    /// The words a password must not be made of, in lower case, longest first.
    fn words(self) -> Vec<String> {
        match self {
            Self::Email(email) => {
                let label = email.domain().split('.').next().unwrap_or_default();
                vec![
                    email.as_str().to_owned(),
                    email.domain().to_owned(),
                    email.local_part().to_owned(),
                    label.to_owned(),
                ]
            }
            Self::Username(username) => vec![username.key()],
            Self::Unknown => Vec::new(),
        }
    }
}

impl Password {
    /// Checks what somebody typed, cheapest rule first; nothing here costs a hash.
    ///
    /// # Errors
    /// The first rule that is broken: `PasswordMissing`, `PasswordNul`, `PasswordTooLong`, `PasswordTooShort`,
    /// `PasswordLikeIdentifier` or `PasswordCommon`.
    pub fn parse(typed: Secret, policy: &PasswordPolicy, owner: Owner<'_>) -> Result<Self, FieldError> {
        let text = typed.expose();
        if text.is_empty() {
            return Err(FieldError::PasswordMissing);
        }
        // bcrypt repeats its key with a NUL between, so "a" and "a\0a" would be one password.
        if text.contains('\0') {
            return Err(FieldError::PasswordNul);
        }
        let characters = text.chars().count();
        if characters > MAX_CHARACTERS {
            return Err(FieldError::PasswordTooLong { max: MAX_CHARACTERS });
        }
        if characters < policy.min_characters {
            return Err(FieldError::PasswordTooShort { min: policy.min_characters });
        }
        if policy.blocklist {
            if is_made_of(text, &owner.words()) {
                return Err(FieldError::PasswordLikeIdentifier);
            }
            if is_easy(text) {
                return Err(FieldError::PasswordCommon);
            }
        }
        Ok(Self(typed))
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Whether fewer than four letters and digits are left once the identifier's words are taken out.
fn is_made_of(text: &str, words: &[String]) -> bool {
    const WORD: usize = 3;
    const LEFT: usize = 4;
    let mut rest = text.to_lowercase();
    let before = rest.len();
    for word in words.iter().filter(|word| word.chars().count() >= WORD) {
        rest = rest.replace(word.as_str(), "");
    }
    let is_shorter = rest.len() < before;
    let left = rest.chars().filter(|c| c.is_alphanumeric()).count();
    rest.zeroize();
    is_shorter && left < LEFT
}

fn is_easy(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(PIECE).all(|piece| {
        let mut symbols: Vec<char> = piece.iter().copied().filter(|c| !c.is_alphanumeric()).collect();
        symbols.sort_unstable();
        symbols.dedup();
        let piece = Secret::new(piece.iter().collect());
        symbols.len() <= MAX_SYMBOL_KINDS && zxcvbn::zxcvbn(piece.expose(), &[]).guesses() < EASY_GUESSES
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: PasswordPolicy = PasswordPolicy { min_characters: 12, blocklist: true };

    fn checked(text: &str, policy: &PasswordPolicy, owner: Owner<'_>) -> Result<String, FieldError> {
        Password::parse(Secret::new(text.to_owned()), policy, owner).map(|password| password.expose().to_owned())
    }

    #[test]
    fn the_seeds_passwords_pass() {
        let email = Email::parse("driver@example.com").expect("an address");
        for text in ["correct-horse-battery", "securepassword123"] {
            assert_eq!(checked(text, &POLICY, Owner::Email(&email)).as_deref(), Ok(text));
        }
    }

    #[test]
    fn passphrases_of_every_script_pass_exactly_as_typed() {
        for text in [
            "  leading and trailing  ",
            "пароль для входа сюда",
            "鯨が空を飛ぶ夢を見た夜だった",
            "four 🦀 crabs on a beach",
            "e\u{301}toile du matin bleu",
        ] {
            assert_eq!(checked(text, &POLICY, Owner::Unknown).as_deref(), Ok(text));
        }
    }

    #[test]
    fn easy_passwords_are_refused() {
        for text in [
            "aaaaaaaaaaaaaaa",
            "passwordpassword",
            "password123456789",
            "123456789012",
            "qwertyuiopasdf",
            "iloveyou1234",
            "P@ssw0rd1234",
            "changemechangeme",
            "unbelievable1",
            "abcdefghijklmnop",
        ] {
            assert_eq!(checked(text, &POLICY, Owner::Unknown), Err(FieldError::PasswordCommon), "{text}");
        }
        assert_eq!(checked(&"password".repeat(16), &POLICY, Owner::Unknown), Err(FieldError::PasswordCommon));
        let off = PasswordPolicy { blocklist: false, ..POLICY };
        assert!(checked("passwordpassword", &off, Owner::Unknown).is_ok());
    }

    #[test]
    fn passwords_made_of_the_identifier_are_refused() {
        let email = Email::parse("driver@example.com").expect("an address");
        for text in
            ["driver@example.com", "Driver@Example.com!", "driverdriver1", "driver.example", "1driverexample.com2"]
        {
            assert_eq!(checked(text, &POLICY, Owner::Email(&email)), Err(FieldError::PasswordLikeIdentifier), "{text}");
        }
        let username = Username::parse("Lorenzo.the.2nd").expect("a name");
        assert_eq!(
            checked("lorenzo.the.2nd", &POLICY, Owner::Username(&username)),
            Err(FieldError::PasswordLikeIdentifier)
        );
        assert!(checked("driver of a yellow taxi", &POLICY, Owner::Email(&email)).is_ok());
    }

    #[test]
    fn limits_are_counted_in_characters_and_nul_is_named() {
        assert_eq!(checked("", &POLICY, Owner::Unknown), Err(FieldError::PasswordMissing));
        assert_eq!(checked("elevenchars", &POLICY, Owner::Unknown), Err(FieldError::PasswordTooShort { min: 12 }));
        assert_eq!(checked("correct horse\0x", &POLICY, Owner::Unknown), Err(FieldError::PasswordNul));
        assert!(checked(&"界面設計者夢".repeat(21), &POLICY, Owner::Unknown).is_ok());
        assert_eq!(checked(&"x".repeat(129), &POLICY, Owner::Unknown), Err(FieldError::PasswordTooLong { max: 128 }));
        assert!(checked("x", &PasswordPolicy::LENGTH_ONLY, Owner::Unknown).is_ok());
    }

    #[test]
    fn debug_shows_nothing() {
        let password =
            Password::parse(Secret::new("correct-horse-battery".into()), &POLICY, Owner::Unknown).expect("passes");
        assert_eq!(format!("{password:?}"), "Password(Secret(…))");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn what_passes_is_unchanged_and_within_the_limits(text in ".{0,140}", min in 1usize..=128) {
            let policy = PasswordPolicy { min_characters: min, blocklist: false };
            match checked(&text, &policy, Owner::Unknown) {
                Ok(passed) => {
                    prop_assert!((min..=MAX_CHARACTERS).contains(&text.chars().count()));
                    prop_assert!(!text.contains('\0'));
                    prop_assert_eq!(passed, text);
                }
                Err(_) => prop_assert!(text.contains('\0') || !(min..=MAX_CHARACTERS).contains(&text.chars().count())),
            }
        }
    }
}
