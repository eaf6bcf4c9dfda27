//! The sample data: real errors of the domain and of the web, and made-up people.

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

/// As long as addresses get in practice.
fn long_address() -> String {
    format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60))
}

/// Every fault of a field.
fn errors_of(field: Field) -> impl Iterator<Item = FieldError> {
    FieldError::ALL.into_iter().filter(move |error| error.field() == field)
}

/// Faults of a password that is being chosen.
fn errors_of_new_password() -> impl Iterator<Item = FieldError> {
    errors_of(Field::Password).filter(|error| *error != FieldError::PasswordWrong)
}

/// States of the service that stand above a form with a password, by their codes.
fn passing() -> Vec<(&'static str, Message)> {
    passing_as("notice")
}

/// The same above a form without one.
fn passing_without_password() -> Vec<(&'static str, Message)> {
    passing_as("detail")
}

fn passing_as(attribute: &str) -> Vec<(&'static str, Message)> {
    let passing = AppError::each().into_iter().filter(AppError::may_pass);
    passing.map(|error| error.info()).map(|info| (info.code, info.attribute(attribute))).collect()
}
