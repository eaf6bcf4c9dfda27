//! JSON bodies of sign-up and errors; `account_bodies.rs` has the rest. Request bodies are only documented here;
//! `submission.rs` reads them.

use chrono::{NaiveDateTime, SecondsFormat};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{account::Account, field_error::FieldError};

/// Sign-up by email address. Unlisted members are ignored; a duplicate member is an error.
#[derive(ToSchema)]
#[schema(example = json!({
    "email": "ada@example.com", "password": "correct-horse-battery", "full_name": "Ada Lovelace"
}))]
pub(crate) struct SignUpByEmail {
    /// At most 254 bytes; stored and returned in lower case, its domain as A-labels.
    #[schema(max_length = 254, example = "ada@example.com")]
    pub email: String,
    /// `PASSWORD_MIN_LENGTH` (12) to 128 characters, without U+0000; neither common nor derived from the address.
    #[schema(format = Password, max_length = 128, example = "correct-horse-battery")]
    pub password: String,
    /// 2 to 120 characters after trimming; absent, null and empty mean the same.
    #[schema(max_length = 120, example = "Ada Lovelace")]
    pub full_name: Option<String>,
}

/// Sign-up by username.
#[derive(ToSchema)]
#[schema(example = json!({"username": "Lorenzo", "password": "correct-horse-battery"}))]
pub(crate) struct SignUpByUsername {
    /// ASCII letters, digits, `.`, `_`, `-`, the first a letter or digit; unique regardless of case.
    #[schema(max_length = 64, example = "Lorenzo")]
    pub username: String,
    /// Same rules as for the other endpoints.
    #[schema(format = Password, max_length = 128, example = "correct-horse-battery")]
    pub password: String,
    /// 2 to 120 characters after trimming; absent, null and empty mean the same.
    #[schema(max_length = 120)]
    pub full_name: Option<String>,
}

/// A test account.
#[derive(ToSchema)]
#[schema(example = json!({
    "email": "dev@example.com", "password": "securepassword123", "full_name": "Development User", "is_verified": true
}))]
pub(crate) struct PrivateSignUp {
    #[schema(max_length = 254, example = "dev@example.com")]
    pub email: String,
    /// 1 to 128 characters without U+0000.
    #[schema(format = Password, max_length = 128, example = "securepassword123")]
    pub password: String,
    #[schema(max_length = 120, example = "Development User")]
    pub full_name: String,
    #[schema(default = false, required = false)]
    pub is_verified: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "email": "ada@example.com"}))]
pub(crate) struct Registered {
    pub id: i64,
    pub email: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"username": "Lorenzo"}))]
pub(crate) struct RegisteredUsername {
    /// As sent.
    pub username: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "email": "driver@example.com", "full_name": "Test Driver", "is_active": true,
    "created_at": "2026-05-02T12:00:00Z"
}))]
pub(crate) struct RegisteredUser {
    pub id: i64,
    pub email: String,
    #[schema(required = true)]
    pub full_name: Option<String>,
    pub is_active: bool,
    /// UTC.
    #[schema(format = DateTime)]
    pub created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "email": "dev@example.com", "full_name": "Development User", "is_active": true,
    "created_at": "2026-05-02T12:00:00Z", "is_verified": true
}))]
pub(crate) struct PrivateUser {
    #[serde(flatten)]
    pub user: RegisteredUser,
    pub is_verified: bool,
}

/// A message: the identifier is taken, or the request as a whole was refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct Detail {
    pub detail: String,
    /// Only with status 500: reference for the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
}

/// All field errors, in form order.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "detail": "Enter an email address.",
    "errors": [{"field": "email", "code": "email_missing", "message": "Enter an email address."}]
}))]
pub(crate) struct ValidationErrors {
    /// The messages, joined by a space.
    pub detail: String,
    /// Absent if the identifier is taken or the body could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<ValidationError>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ValidationError {
    pub field: String,
    /// Stable; see the list of codes.
    pub code: String,
    /// What to do, in a sentence.
    pub message: String,
}

/// Field errors in FastAPI's format, without the input.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"detail": [{
    "type": "email_format", "loc": ["body", "email"],
    "msg": "Enter an email address in the correct format, like name@example.com."
}]}))]
pub(crate) struct FastApiErrors {
    pub detail: Vec<FastApiError>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FastApiError {
    /// Stable code.
    #[serde(rename = "type")]
    pub kind: String,
    pub loc: Vec<String>,
    pub msg: String,
}

/// RFC 9457, for clients that send `Accept: application/problem+json`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Links to the code in the documentation.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<ValidationError>>,
    /// Only with status 500: reference for the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub(crate) struct Health {
    pub status: String,
}

/// UTC, to the second.
#[must_use]
pub(crate) fn time(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl From<Account> for Registered {
    fn from(account: Account) -> Self {
        Self { id: account.id, email: account.email.unwrap_or_default() }
    }
}

impl From<Account> for RegisteredUsername {
    fn from(account: Account) -> Self {
        Self { username: account.username.unwrap_or_default() }
    }
}

impl From<Account> for RegisteredUser {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email.unwrap_or_default(),
            full_name: account.full_name,
            is_active: account.is_active,
            created_at: time(account.created_at),
        }
    }
}

impl From<Account> for PrivateUser {
    fn from(account: Account) -> Self {
        Self { is_verified: account.is_verified, user: account.into() }
    }
}

impl ValidationError {
    #[must_use]
    pub(crate) fn new(error: FieldError, message: String) -> Self {
        Self { field: error.field().name().to_owned(), code: error.code().to_owned(), message }
    }
}

impl FastApiError {
    #[must_use]
    pub(crate) fn new(error: FieldError, msg: String) -> Self {
        Self { kind: error.code().to_owned(), loc: vec!["body".to_owned(), error.field().name().to_owned()], msg }
    }
}
