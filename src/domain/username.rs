//! Usernames: returned as typed, compared case-insensitively.

use super::field_error::FieldError;

/// Longest username, in ASCII characters.
pub const MAX_CHARACTERS: usize = 64;

/// Names that users could mistake for the service: mailboxes of RFC 2142, common paths and roles.
const RESERVED: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "anonymous",
    "api",
    "billing",
    "daemon",
    "everyone",
    "guest",
    "help",
    "hostmaster",
    "info",
    "login",
    "logout",
    "mail",
    "mailer-daemon",
    "me",
    "moderator",
    "news",
    "no-reply",
    "nobody",
    "noc",
    "noreply",
    "null",
    "official",
    "operator",
    "owner",
    "postmaster",
    "privacy",
    "register",
    "root",
    "security",
    "service",
    "settings",
    "signin",
    "signup",
    "staff",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "team",
    "undefined",
    "usenet",
    "user",
    "users",
    "uucp",
    "webmaster",
    "www",
];

/// 1 to 64 ASCII letters, digits, `.`, `_` and `-`, the first a letter or digit. ASCII only, so that
/// names that look the same are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Parses user input; nothing is trimmed.
    ///
    /// # Errors
    /// `UsernameMissing`, `UsernameTooLong`, `UsernameFormat` or `UsernameReserved`.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        let username = Self::parse_any(typed)?;
        if RESERVED.contains(&username.key().as_str()) {
            return Err(FieldError::UsernameReserved);
        }
        Ok(username)
    }

    /// As [`Self::parse`], but accepts reserved names, which imported accounts may have.
    ///
    /// # Errors
    /// `UsernameMissing`, `UsernameTooLong` or `UsernameFormat`.
    pub fn parse_any(typed: &str) -> Result<Self, FieldError> {
        if typed.is_empty() {
            return Err(FieldError::UsernameMissing);
        }
        if typed.chars().count() > MAX_CHARACTERS {
            return Err(FieldError::UsernameTooLong);
        }
        let starts_well = typed.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts_well || !typed.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
            return Err(FieldError::UsernameFormat);
        }
        Ok(Self(typed.to_owned()))
    }

    /// As typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in lower case, which is unique.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_stored_as_typed_and_compared_in_lower_case() {
        let name = Username::parse("Lorenzo").expect("a plain name");
        assert_eq!((name.as_str(), name.key().as_str()), ("Lorenzo", "lorenzo"));
    }

    #[test]
    fn invalid_names_are_refused() {
        use FieldError::{UsernameFormat, UsernameMissing, UsernameReserved, UsernameTooLong};
        let long = "a".repeat(65);
        for (typed, error) in [
            ("", UsernameMissing),
            (long.as_str(), UsernameTooLong),
            (" bob", UsernameFormat),
            ("bob ", UsernameFormat),
            (".bob", UsernameFormat),
            ("-bob", UsernameFormat),
            ("_bob", UsernameFormat),
            ("b\u{0}b", UsernameFormat),
            ("b@b", UsernameFormat),
            ("zoë", UsernameFormat),
            ("b\u{430}b", UsernameFormat),
            ("Root", UsernameReserved),
            ("ADMIN", UsernameReserved),
            ("postmaster", UsernameReserved),
        ] {
            assert_eq!(Username::parse(typed), Err(error), "{typed:?}");
        }
        assert!(Username::parse(&"a".repeat(64)).is_ok());
        assert!(RESERVED.is_sorted(), "kept in order, to be read");
    }

    proptest! {
        #[test]
        fn every_name_of_the_documented_format_is_accepted(typed in "[A-Za-z0-9][A-Za-z0-9._-]{0,63}") {
            match Username::parse(&typed) {
                Ok(name) => prop_assert_eq!(name.as_str(), typed),
                Err(error) => prop_assert_eq!(error, FieldError::UsernameReserved),
            }
        }

        #[test]
        fn anything_else_is_refused(typed in "\\PC{0,70}") {
            if let Ok(name) = Username::parse(&typed) {
                prop_assert!(name.key().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b)));
            }
        }
    }
}
