//! The domain's faults as texts: the key is the code, which `locales/` has in every language.

use std::sync::LazyLock;

use crate::{
    accounts::{email, form::FieldError, full_name, username},
    views::{
        elements::Fault,
        language::Language,
        texts::{Message, Texts},
    },
};

/// What to do about a fault. Never holds what was typed.
#[must_use]
pub fn message(error: FieldError) -> Message {
    let message = Message::new(error.code());
    match error {
        FieldError::FullNameTooShort => message.with("min", full_name::MIN_CHARACTERS),
        FieldError::FullNameTooLong => message.with("max", full_name::MAX_CHARACTERS),
        FieldError::EmailTooLong => message.with("max", email::MAX_BYTES),
        FieldError::UsernameTooLong => message.with("max", username::MAX_CHARACTERS),
        FieldError::PasswordTooShort { min } => message.with("min", min),
        FieldError::PasswordTooLong { max } => message.with("max", max),
        FieldError::PasswordLikeIdentifier { identifier } => message.with("identifier", identifier.name()),
        _ => message,
    }
}

/// A text in English, for documents that are in English alone.
#[must_use]
pub fn in_english(message: &Message) -> String {
    static TEXTS: LazyLock<Option<Texts>> = LazyLock::new(|| Texts::built_in().ok());
    TEXTS.as_ref().map(|texts| texts.say(Language::English, message)).unwrap_or_default()
}

/// Faults as pages show them.
#[must_use]
pub fn faults(errors: &[FieldError]) -> Vec<Fault> {
    errors.iter().map(|error| Fault { field: error.field().name().into(), message: message(*error) }).collect()
}
