//! Maps a unique violation to its field.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::domain::field_error::FieldError;

/// The taken field, if the error is a unique violation on an identifier.
///
/// PostgreSQL names the index, SQLite the column, only in its message
/// (`UNIQUE constraint failed: users.email`); `tests/store` tests both.
pub(super) fn taken(error: &DieselError) -> Option<FieldError> {
    let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) = error else { return None };
    let constraint = information.constraint_name().unwrap_or_else(|| information.message());
    match constraint.rsplit(' ').next()? {
        "users_email_key" | "users.email" => Some(FieldError::EmailTaken),
        "users_username_key_key" | "users.username_key" => Some(FieldError::UsernameTaken),
        _ => None,
    }
}
