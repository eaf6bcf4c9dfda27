//! Sample data: errors of `domain` and `web`, fictional users.

mod account;
mod login;
mod mails;
mod notices;
mod proofs;
mod sign_up;

use crate::{
    domain::field_error::{Field, FieldError},
    views::texts::Message,
    web::error::AppError,
};

const LINK: &str = "https://accounts.example.com/verify-email?token=Zm9ydHktdGhyZWUgY2hhcmFjdGVycyBvZiBiYXNlNjQ";
const TOKEN: &str = "Zm9ydHktdGhyZWU";
const ADDRESS: &str = "ada@example.com";
const MARKUP: &str = "\"><script>alert(1)</script>@example.com";
const TIME: &str = "2026-11-20 13:45 UTC";

/// An address of realistic maximum length.
fn long_address() -> String {
    format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60))
}

/// Every error of a field.
fn errors_of(field: Field) -> impl Iterator<Item = FieldError> {
    FieldError::ALL.into_iter().filter(move |error| error.field() == field)
}

/// Errors of a new password.
fn errors_of_new_password() -> impl Iterator<Item = FieldError> {
    errors_of(Field::Password).filter(|error| *error != FieldError::PasswordWrong)
}

/// Temporary errors above a form with a password, by code.
fn temporary_errors() -> Vec<(&'static str, Message)> {
    temporary_errors_as("notice")
}

/// The same for a form without a password.
fn temporary_errors_without_password() -> Vec<(&'static str, Message)> {
    temporary_errors_as("detail")
}

fn temporary_errors_as(attribute: &str) -> Vec<(&'static str, Message)> {
    let errors = AppError::each().into_iter().filter(AppError::is_transient);
    errors.map(|error| error.info()).map(|info| (info.code, info.attribute(attribute))).collect()
}
