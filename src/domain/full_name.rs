//! Full names, in any script.

use super::field_error::FieldError;

/// Limits in characters (code points), after trimming.
pub const MIN_CHARACTERS: usize = 2;
pub const MAX_CHARACTERS: usize = 120;

/// A trimmed name of 2 to 120 characters without control characters (Unicode Cc). PostgreSQL cannot store U+0000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullName(String);

impl FullName {
    /// Parses user input; only white space counts as absent.
    ///
    /// # Errors
    /// `FullNameFormat`, `FullNameTooShort` or `FullNameTooLong`.
    pub fn parse(typed: &str) -> Result<Option<Self>, FieldError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        if typed.chars().any(char::is_control) {
            return Err(FieldError::FullNameFormat);
        }
        match typed.chars().count() {
            ..MIN_CHARACTERS => Err(FieldError::FullNameTooShort),
            MIN_CHARACTERS..=MAX_CHARACTERS => Ok(Some(Self(typed.to_owned()))),
            _ => Err(FieldError::FullNameTooLong),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(typed: &str) -> Result<Option<String>, FieldError> {
        FullName::parse(typed).map(|name| name.map(FullName::into_string))
    }

    #[test]
    fn names_of_every_script_are_accepted() {
        for name in
            ["Test Driver", "Anne-Marie O’Neill", "José Ñúñez", "山田太郎", "محمد علي", "Ng", "می‌خواهم", "👩‍🚀 Ada"]
        {
            assert_eq!(parsed(&format!("  {name}\u{a0}")), Ok(Some(name.to_owned())));
        }
    }

    #[test]
    fn limits_are_counted_in_characters() {
        assert_eq!(parsed(" \t "), Ok(None));
        assert_eq!(parsed("X"), Err(FieldError::FullNameTooShort));
        assert!(parsed(&"界".repeat(120)).is_ok());
        assert_eq!(parsed(&"界".repeat(121)), Err(FieldError::FullNameTooLong));
        assert_eq!(parsed("Ada\u{0}Lovelace"), Err(FieldError::FullNameFormat));
        assert_eq!(parsed("Ada\nLovelace"), Err(FieldError::FullNameFormat));
    }

    proptest! {
        #[test]
        fn an_accepted_name_is_only_trimmed(typed in ".{0,140}") {
            if let Ok(Some(name)) = parsed(&typed) {
                prop_assert_eq!(&name, typed.trim());
                prop_assert!((MIN_CHARACTERS..=MAX_CHARACTERS).contains(&name.chars().count()));
                prop_assert!(!name.chars().any(char::is_control));
            }
        }
    }
}
