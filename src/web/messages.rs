//! Messages of `locales/` for field errors, challenges and audit events.

use std::sync::LazyLock;

use strum::VariantArray as _;

use crate::{
    accounts::bots::{ChallengeReason, Challenged},
    domain::{audit::Event, email, field_error::FieldError, full_name, username},
    views::{
        elements::{Fault, ProofView},
        language::Language,
        texts::{Message, Texts},
    },
};

/// The message of a field error; its key is the code. Never contains input.
#[must_use]
pub(crate) fn field_error(error: FieldError) -> Message {
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

/// A message in English, for English-only documents.
#[must_use]
pub(crate) fn in_english(message: &Message) -> String {
    static TEXTS: LazyLock<Option<Texts>> = LazyLock::new(|| Texts::built_in().ok());
    TEXTS.as_ref().map(|texts| texts.translate(Language::English, message)).unwrap_or_default()
}

/// Field errors for pages.
#[must_use]
pub(crate) fn field_errors(errors: &[FieldError]) -> Vec<Fault> {
    errors.iter().map(|error| Fault { field: error.field().name().into(), message: field_error(*error) }).collect()
}

/// The challenge for the page of the form posted to the path `form`.
#[must_use]
pub(crate) fn challenge(challenged: &Challenged, form: &str) -> ProofView {
    let challenge = &challenged.challenge;
    ProofView {
        form: form.to_owned(),
        challenge: challenge.sealed.clone(),
        salt: challenge.salt.clone(),
        target: challenge.target.clone(),
        most: challenge.most,
        by_mail: challenged.by_mail,
    }
}

/// Why the form is challenged.
#[must_use]
pub(crate) fn challenge_notice(challenged: &Challenged) -> Message {
    match challenged.reason {
        ChallengeReason::First => "proof-asked",
        ChallengeReason::Expired => "proof-expired",
        ChallengeReason::Failed => "proof-failed",
        ChallengeReason::Unanswered => "proof-unanswered",
    }
    .into()
}

/// The message key of an audit event; `None` for an event of a later version.
#[must_use]
pub(crate) fn activity(event: &str, succeeded: bool) -> Option<&'static str> {
    let event = Event::VARIANTS.iter().find(|known| known.name() == event)?;
    Some(match event {
        Event::AccountRegistered => "activity-account_registered",
        Event::AccountClaimed => "activity-account_claimed",
        Event::EmailVerified => "activity-email_verified",
        Event::Login if succeeded => "activity-login",
        Event::Login => "activity-login_failed",
        Event::Logout => "activity-logout",
        Event::SessionRevoked => "activity-session_revoked",
        Event::PasswordResetRequested => "activity-password_reset_requested",
        Event::PasswordReset => "activity-password_reset",
        Event::PasswordChanged => "activity-password_changed",
        Event::CurrentPasswordRefused => "activity-password_change_failed",
        Event::EmailChangeRequested => "activity-email_change_requested",
        Event::EmailChanged => "activity-email_changed",
        Event::ProfileChanged => "activity-profile_changed",
        Event::DataExported => "activity-data_exported",
        // The account no longer exists.
        Event::AccountDeleted | Event::AccountExpired => return None,
    })
}
