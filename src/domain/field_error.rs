//! Validation errors: a field and a stable code. Every response format (page, JSON, FastAPI list, problem+json) reports
//! the same errors. Their texts are in `locales/`, by code.

use strum::EnumCount;

/// Longest password, in characters (code points), regardless of the settings.
pub const PASSWORD_MAX_CHARACTERS: usize = 128;

/// Form fields, in the order in which errors are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    FullName,
    Email,
    Username,
    /// An address or a username.
    Identifier,
    /// The token of a mailed link.
    Token,
    /// The six-digit code of a mail.
    Code,
    /// For re-authentication.
    CurrentPassword,
    Password,
    /// Consent to the terms of service.
    Terms,
    /// Consent to an irreversible action.
    Confirm,
}

impl Field {
    /// JSON member, and `name` of the input.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullName => "full_name",
            Self::Email => "email",
            Self::Username => "username",
            Self::Identifier => "identifier",
            Self::Token => "token",
            Self::Code => "code",
            Self::CurrentPassword => "current_password",
            Self::Password => "password",
            Self::Terms => "terms",
            Self::Confirm => "confirm",
        }
    }
}

/// One error in one field.
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
    /// Derived from the address or the username.
    PasswordLikeIdentifier {
        identifier: Field,
    },
    TermsMissing,
    IdentifierMissing,
    TokenMissing,
    /// Also for an unknown token.
    TokenExpired,
    TokenUsed,
    /// A newer token was issued, or its purpose no longer exists.
    TokenReplaced,
    CodeMissing,
    CodeFormat,
    /// Also for an expired code, and after too many attempts.
    CodeWrong,
    /// Not the password of the sign-up to verify.
    PasswordWrong,
    CurrentPasswordMissing,
    CurrentPasswordWrong,
    ConfirmMissing,
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
            | Self::PasswordLikeIdentifier { .. }
            | Self::PasswordWrong => Field::Password,
            Self::TermsMissing => Field::Terms,
            Self::IdentifierMissing => Field::Identifier,
            Self::TokenMissing | Self::TokenExpired | Self::TokenUsed | Self::TokenReplaced => Field::Token,
            Self::CodeMissing | Self::CodeFormat | Self::CodeWrong => Field::Code,
            Self::CurrentPasswordMissing | Self::CurrentPasswordWrong => Field::CurrentPassword,
            Self::ConfirmMissing => Field::Confirm,
        }
    }

    /// Stable and the same in every response format; clients may branch on it.
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
            Self::IdentifierMissing => "identifier_missing",
            Self::TokenMissing => "token_missing",
            Self::TokenExpired => "token_expired",
            Self::TokenUsed => "token_used",
            Self::TokenReplaced => "token_replaced",
            Self::CodeMissing => "code_missing",
            Self::CodeFormat => "code_format",
            Self::CodeWrong => "code_wrong",
            Self::PasswordWrong => "password_wrong",
            Self::CurrentPasswordMissing => "current_password_missing",
            Self::CurrentPasswordWrong => "current_password_wrong",
            Self::ConfirmMissing => "confirm_missing",
        }
    }

    /// Whether another account has the identifier; each endpoint has a fixed response to it.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::EmailTaken | Self::UsernameTaken)
    }

    /// Every error, for documents and samples.
    pub const ALL: [Self; 32] = [
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
        Self::PasswordTooLong { max: PASSWORD_MAX_CHARACTERS },
        Self::PasswordCommon,
        Self::PasswordLikeIdentifier { identifier: Field::Email },
        Self::TermsMissing,
        Self::IdentifierMissing,
        Self::TokenMissing,
        Self::TokenExpired,
        Self::TokenUsed,
        Self::TokenReplaced,
        Self::CodeMissing,
        Self::CodeFormat,
        Self::CodeWrong,
        Self::PasswordWrong,
        Self::CurrentPasswordMissing,
        Self::CurrentPasswordWrong,
        Self::ConfirmMissing,
    ];
}
