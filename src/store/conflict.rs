//! From a unique violation to the field it is about.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::domain::field_error::FieldError;

/// The field that is taken, if the error is a unique violation on one of the identifiers.
///
/// PostgreSQL names the index, SQLite the column, and only in its text
/// (`UNIQUE constraint failed: users.email`); `tests/store` holds both.
pub(super) fn taken(error: &DieselError) -> Option<FieldError> {
    let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) = error else { return None };
    let place = information.constraint_name().unwrap_or_else(|| information.message());
    match place.rsplit(' ').next()? {
        "users_email_key" | "users.email" => Some(FieldError::EmailTaken),
        "users_username_key_key" | "users.username_key" => Some(FieldError::UsernameTaken),
        _ => None,
    }
}
