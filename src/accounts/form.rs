//! What can be wrong with a sign-up form, as values: a field and a stable code. Every face (page, JSON, FastAPI list,
//! problem+json) shows the same ones; what to do about each stands in `locales/`, under its code.

use strum::EnumCount;

/// The fields of a sign-up, in the order of the form. Errors are reported in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    FullName,
    Email,
    Username,
    Password,
    /// The consent to the terms of service.
    Terms,
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
            Self::Terms => "terms",
        }
    }
}

/// One fault in one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumCount)]
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
    TermsMissing,
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
            Self::TermsMissing => Field::Terms,
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
            Self::TermsMissing => "terms_missing",
        }
    }

    /// Whether somebody else holds the identifier; the answer for this one is fixed per door.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::EmailTaken | Self::UsernameTaken)
    }

    /// Every fault there is, for documents and samples.
    pub const ALL: [Self; 20] = [
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
        Self::TermsMissing,
    ];
}
