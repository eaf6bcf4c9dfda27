//! Passwords and their policy.

use super::{
    email::Email,
    field_error::{Field, FieldError, PASSWORD_MAX_CHARACTERS},
    password_similarity::{is_made_of, parts},
    secret::Secret,
    username::Username,
};

/// A password that passed the policy. Exactly as typed: never trimmed, truncated or normalised.
#[derive(Debug, Clone)]
pub struct Password(Secret);

/// Password requirements. [`PasswordPolicy::LENGTH_ONLY`] is for accounts that a developer creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters (code points), 1 to 128.
    pub min_characters: usize,
    /// Whether weak passwords and those derived from an identifier are refused.
    pub blocklist: bool,
}

impl PasswordPolicy {
    pub const LENGTH_ONLY: Self = Self { min_characters: 1, blocklist: false };
}

/// Known identifiers of the password's account.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    Email(&'a Email),
    Username(&'a Username),
    Both(&'a Email, &'a Username),
    Unknown,
}

impl Owner<'_> {
    /// Names that a password must not be derived from, each with its field.
    fn names(self) -> Vec<(Field, String)> {
        let (email, username) = match self {
            Self::Email(email) => (Some(email), None),
            Self::Username(username) => (None, Some(username)),
            Self::Both(email, username) => (Some(email), Some(username)),
            Self::Unknown => (None, None),
        };
        let of_email = email.into_iter().flat_map(|email| {
            let domain = email.unicode_domain();
            let label = domain.split('.').next().unwrap_or_default().to_owned();
            let whole = [email.as_str().to_owned(), format!("{}@{domain}", email.local_part())];
            let words = parts(email.local_part()).map(str::to_owned).collect::<Vec<_>>();
            let parts = [email.domain().to_owned(), domain, email.local_part().to_owned(), label];
            whole.into_iter().chain(parts).chain(words).map(|name| (Field::Email, name))
        });
        of_email.chain(username.map(|username| (Field::Username, username.key()))).collect()
    }

    /// The field that a password is derived from; `Email` for both together.
    fn derived_from(self, text: &str) -> Option<Field> {
        let names = self.names();
        let of = |field: Option<Field>| -> Vec<String> {
            let names = names.iter().filter(|(of, _)| field.is_none_or(|field| *of == field));
            names.map(|(_, name)| name.clone()).collect()
        };
        let is_of = |field| is_made_of(text, &of(Some(field)));
        [Field::Email, Field::Username]
            .into_iter()
            .find(|field| is_of(*field))
            .or_else(|| is_made_of(text, &of(None)).then_some(Field::Email))
    }
}

impl Password {
    /// Checks user input, lowest-cost rule first. Strength is estimated by [`crate::accounts::password_strength`].
    ///
    /// # Errors
    /// The first broken rule: `PasswordMissing`, `PasswordNul`, `PasswordTooLong`, `PasswordTooShort`
    /// or `PasswordLikeIdentifier`.
    pub fn parse(typed: Secret, policy: &PasswordPolicy, owner: Owner<'_>) -> Result<Self, FieldError> {
        let text = typed.expose();
        if text.is_empty() {
            return Err(FieldError::PasswordMissing);
        }
        // bcrypt repeats its key with a NUL between, so "a" and "a\0a" would have the same hash.
        if text.contains('\0') {
            return Err(FieldError::PasswordNul);
        }
        let characters = text.chars().count();
        if characters > PASSWORD_MAX_CHARACTERS {
            return Err(FieldError::PasswordTooLong { max: PASSWORD_MAX_CHARACTERS });
        }
        if characters < policy.min_characters {
            return Err(FieldError::PasswordTooShort { min: policy.min_characters });
        }
        if let Some(identifier) = owner.derived_from(text).filter(|_| policy.blocklist) {
            return Err(FieldError::PasswordLikeIdentifier { identifier });
        }
        Ok(Self(typed))
    }

    /// An existing password, without the policy; `None` for one that cannot be hashed.
    #[must_use]
    pub fn known(typed: Secret) -> Option<Self> {
        (!typed.expose().contains('\0')).then_some(Self(typed))
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
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
    fn example_passwords_pass() {
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
    fn passwords_made_of_the_identifier_are_refused() {
        let email = Email::parse("driver@example.com").expect("an address");
        for text in
            ["driver@example.com", "Driver@Example.com!", "driverdriver1", "driver.example", "1driverexample.com2"]
        {
            assert_eq!(
                checked(text, &POLICY, Owner::Email(&email)),
                Err(FieldError::PasswordLikeIdentifier { identifier: Field::Email }),
                "{text}"
            );
        }
        for text in ["fahrer@bücher.example", "ÉCOLE.NATIONALE@example.com", "école.nationale1"] {
            let email = Email::parse(if text.contains('@') { text } else { "ÉCOLE.NATIONALE@example.com" })
                .expect("an address");
            let verdict = checked(text, &POLICY, Owner::Email(&email));
            assert_eq!(verdict, Err(FieldError::PasswordLikeIdentifier { identifier: Field::Email }), "{text}");
        }
        for (address, text) in
            [("longer.acme.org@acme.org", "longer.acme.org99"), ("example.com.admin@example.com", "example.com.admin1")]
        {
            let email = Email::parse(address).expect("an address");
            let verdict = checked(text, &POLICY, Owner::Email(&email));
            assert_eq!(verdict, Err(FieldError::PasswordLikeIdentifier { identifier: Field::Email }), "{text}");
        }
        let username = Username::parse("Lorenzo.the.2nd").expect("a name");
        assert_eq!(
            checked("lorenzo.the.2nd", &POLICY, Owner::Username(&username)),
            Err(FieldError::PasswordLikeIdentifier { identifier: Field::Username })
        );
        assert!(checked("driver of a yellow taxi", &POLICY, Owner::Email(&email)).is_ok());
        // With both identifiers, either or both.
        for (text, identifier) in [
            ("driver@example.com", Field::Email),
            ("Lorenzo.the.2nd", Field::Username),
            ("lorenzo_the_2nd 1999", Field::Username),
            ("lorenzo.the.2nd-driver", Field::Email),
        ] {
            let verdict = checked(text, &POLICY, Owner::Both(&email, &username));
            assert_eq!(verdict, Err(FieldError::PasswordLikeIdentifier { identifier }), "{text}");
        }
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
    fn debug_output_reveals_no_secret() {
        let password =
            Password::parse(Secret::new("correct-horse-battery".into()), &POLICY, Owner::Unknown).expect("passes");
        assert_eq!(format!("{password:?}"), "Password(Secret(…))");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn accepted_passwords_are_unchanged_and_within_the_limits(text in ".{0,140}", min in 1usize..=128) {
            let policy = PasswordPolicy { min_characters: min, blocklist: false };
            match checked(&text, &policy, Owner::Unknown) {
                Ok(passed) => {
                    prop_assert!((min..=PASSWORD_MAX_CHARACTERS).contains(&text.chars().count()));
                    prop_assert!(!text.contains('\0'));
                    prop_assert_eq!(passed, text);
                }
                Err(_) => prop_assert!(text.contains('\0') || !(min..=PASSWORD_MAX_CHARACTERS).contains(&text.chars().count())),
            }
        }
    }
}
