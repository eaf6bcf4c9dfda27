//! What can be wrong with a form, as values: a field and a stable code. Every response format (page, JSON, FastAPI list,
//! problem+json) shows the same ones; what to do about each stands in `locales/`, under its code.

use strum::EnumCount;

/// Longest password, in characters (code points), whatever the settings say.
pub const PASSWORD_MAX_CHARACTERS: usize = 128;

/// The fields of forms, in their order. Errors are reported in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    FullName,
    Email,
    Username,
    /// An address or a username.
    Identifier,
    /// What a mail has in its link.
    Token,
    /// The six digits of a mail.
    Code,
    /// The one that is to be replaced, or that shows who asks.
    CurrentPassword,
    Password,
    /// The consent to the terms of service.
    Terms,
    /// The consent to what cannot be undone.
    Confirm,
}

impl Field {
    /// The member of a JSON body, and the `name` of the input.
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
    IdentifierMissing,
    TokenMissing,
    /// Also for one that was never made.
    TokenExpired,
    TokenUsed,
    /// A newer one was made, or what it was for is over.
    TokenReplaced,
    CodeMissing,
    CodeFormat,
    /// Also for one that is too old, or was tried too often.
    CodeWrong,
    /// Not the one of the sign-up that is to be proven.
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

    /// Whether somebody else holds the identifier; the answer for this one is fixed per door.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::EmailTaken | Self::UsernameTaken)
    }

    /// Every fault there is, for documents and samples.
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
