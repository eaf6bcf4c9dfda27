//! What can be wrong with a sign-up form, as values: a field, a stable code, and a sentence that says what to do.
//! Every face (page, JSON, FastAPI list, problem+json) shows the same ones.

use super::{email, full_name, username};

/// The fields of a sign-up, in the order of the form. Errors are reported in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    FullName,
    Email,
    Username,
    Password,
}

impl Field {
    /// The member of a JSON body, and the `name` of the input.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullName => "full_name",
            Self::Email => "email",
            Self::Username => "username",
            Self::Password => "password",
        }
    }
}

/// One fault in one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldError {
    FullNameMissing,
    FullNameTooShort,
    FullNameTooLong,
    FullNameFormat,
    EmailMissing,
    EmailFormat,
    EmailTooLong,
    EmailTaken,
    UsernameMissing,
    UsernameFormat,
    UsernameTooLong,
    UsernameReserved,
    UsernameTaken,
    PasswordMissing,
    PasswordNul,
    PasswordTooShort {
        min: usize,
    },
    PasswordTooLong {
        max: usize,
    },
    PasswordCommon,
    /// Made of the address or the username, whichever the field is.
    PasswordLikeIdentifier {
        identifier: Field,
    },
}

impl FieldError {
    #[must_use]
    pub const fn field(self) -> Field {
        match self {
            Self::FullNameMissing | Self::FullNameTooShort | Self::FullNameTooLong | Self::FullNameFormat => {
                Field::FullName
            }
            Self::EmailMissing | Self::EmailFormat | Self::EmailTooLong | Self::EmailTaken => Field::Email,
            Self::UsernameMissing
            | Self::UsernameFormat
            | Self::UsernameTooLong
            | Self::UsernameReserved
            | Self::UsernameTaken => Field::Username,
            Self::PasswordMissing
            | Self::PasswordNul
            | Self::PasswordTooShort { .. }
            | Self::PasswordTooLong { .. }
            | Self::PasswordCommon
            | Self::PasswordLikeIdentifier { .. } => Field::Password,
        }
    }

    /// Stable and the same in every face; clients may branch on it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FullNameMissing => "full_name_missing",
            Self::FullNameTooShort => "full_name_too_short",
            Self::FullNameTooLong => "full_name_too_long",
            Self::FullNameFormat => "full_name_format",
            Self::EmailMissing => "email_missing",
            Self::EmailFormat => "email_format",
            Self::EmailTooLong => "email_too_long",
            Self::EmailTaken => "email_taken",
            Self::UsernameMissing => "username_missing",
            Self::UsernameFormat => "username_format",
            Self::UsernameTooLong => "username_too_long",
            Self::UsernameReserved => "username_reserved",
            Self::UsernameTaken => "username_taken",
            Self::PasswordMissing => "password_missing",
            Self::PasswordNul => "password_nul",
            Self::PasswordTooShort { .. } => "password_too_short",
            Self::PasswordTooLong { .. } => "password_too_long",
            Self::PasswordCommon => "password_common",
            Self::PasswordLikeIdentifier { .. } => "password_like_identifier",
        }
    }

    /// What to do, in a sentence. Never holds what was typed.
    #[must_use]
    pub fn message(self) -> String {
        match self {
            Self::FullNameMissing => "Enter a full name.".into(),
            Self::FullNameTooShort => format!("Full name must be {} characters or more.", full_name::MIN_CHARACTERS),
            Self::FullNameTooLong => format!("Full name must be {} characters or fewer.", full_name::MAX_CHARACTERS),
            Self::FullNameFormat => "Full name must not contain control characters.".into(),
            Self::EmailMissing => "Enter an email address.".into(),
            Self::EmailFormat => "Enter an email address in the correct format, like name@example.com.".into(),
            Self::EmailTooLong => format!("Email address must be {} characters or fewer.", email::MAX_BYTES),
            Self::EmailTaken => "There is already an account with this email address. \
                                 If you have just made it, you are done; otherwise enter a different one."
                .into(),
            Self::UsernameMissing => "Enter a username.".into(),
            Self::UsernameFormat => "Username must start with a letter from a to z or a digit, \
                                     and use only those and “.”, “_” and “-”."
                .into(),
            Self::UsernameTooLong => format!("Username must be {} characters or fewer.", username::MAX_CHARACTERS),
            Self::UsernameReserved => "This username is kept for the service itself. Enter a different one.".into(),
            Self::UsernameTaken => "There is already an account with this username. Enter a different one.".into(),
            Self::PasswordMissing => "Enter a password.".into(),
            Self::PasswordNul => "Password must not contain the character U+0000.".into(),
            Self::PasswordTooShort { min: 1 } => "Password must be 1 character or more.".into(),
            Self::PasswordTooShort { min } => format!("Password must be {min} characters or more."),
            Self::PasswordTooLong { max } => format!("Password must be {max} characters or fewer."),
            Self::PasswordCommon => "This password is easy to guess. Use a longer one or a few unrelated words.".into(),
            Self::PasswordLikeIdentifier { identifier: Field::Username } => {
                "Password must not be made of your username. Use a few unrelated words.".into()
            }
            Self::PasswordLikeIdentifier { .. } => {
                "Password must not be made of your email address. Use a few unrelated words.".into()
            }
        }
    }

    /// Whether somebody else holds the identifier; the answer for this one is fixed per door.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::EmailTaken | Self::UsernameTaken)
    }

    /// Every fault there is, for documents and samples.
    pub const ALL: [Self; 19] = [
        Self::FullNameMissing,
        Self::FullNameTooShort,
        Self::FullNameTooLong,
        Self::FullNameFormat,
        Self::EmailMissing,
        Self::EmailFormat,
        Self::EmailTooLong,
        Self::EmailTaken,
        Self::UsernameMissing,
        Self::UsernameFormat,
        Self::UsernameTooLong,
        Self::UsernameReserved,
        Self::UsernameTaken,
        Self::PasswordMissing,
        Self::PasswordNul,
        Self::PasswordTooShort { min: 12 },
        Self::PasswordTooLong { max: super::password::MAX_CHARACTERS },
        Self::PasswordCommon,
        Self::PasswordLikeIdentifier { identifier: Field::Email },
    ];
}
