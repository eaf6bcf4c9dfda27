//! The bodies of the JSON doors, and the OpenAPI document made from them. `openapi.json` at the top of the repository
//! is its committed copy; a test compares the two.

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{Content, OpenApi as Document, Ref, RefOr},
};

use crate::accounts::Account;

/// A sign-up by address. Members that are not listed are ignored; one given twice is an error.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"email": "ada@example.com", "password": "correct-horse-battery", "full_name": "Ada Lovelace"}))]
pub struct SignUpByEmail {
    /// At most 254 bytes; stored and returned in lower case, its domain as A-labels.
    #[schema(max_length = 254, example = "ada@example.com")]
    pub email: String,
    /// `PASSWORD_MIN_LENGTH` (12) to 128 characters, without U+0000; neither common nor made of the address.
    #[schema(format = Password, max_length = 128, example = "correct-horse-battery")]
    pub password: String,
    /// 2 to 120 characters after trimming; absent, null and empty mean the same.
    #[schema(max_length = 120, example = "Ada Lovelace")]
    pub full_name: Option<String>,
}

/// A sign-up by username.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"username": "Lorenzo", "password": "correct-horse-battery"}))]
pub struct SignUpByUsername {
    /// ASCII letters, digits, `.`, `_`, `-`, the first a letter or digit; unique without regard to case.
    #[schema(max_length = 64, example = "Lorenzo")]
    pub username: String,
    /// As at the other doors.
    #[schema(format = Password, max_length = 128, example = "correct-horse-battery")]
    pub password: String,
    /// 2 to 120 characters after trimming; absent, null and empty mean the same.
    #[schema(max_length = 120)]
    pub full_name: Option<String>,
}

/// An account that a developer makes for a test.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"email": "dev@example.com", "password": "securepassword123", "full_name": "Development User", "is_verified": true}))]
pub struct PrivateSignUp {
    #[schema(max_length = 254, example = "dev@example.com")]
    pub email: String,
    /// 1 to 128 characters without U+0000.
    #[schema(format = Password, max_length = 128, example = "securepassword123")]
    pub password: String,
    #[schema(max_length = 120, example = "Development User")]
    pub full_name: String,
    #[serde(default)]
    #[schema(default = false)]
    pub is_verified: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "email": "ada@example.com"}))]
pub struct Registered {
    pub id: i64,
    pub email: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"username": "Lorenzo"}))]
pub struct RegisteredUsername {
    /// As it was typed.
    pub username: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "email": "driver@example.com", "full_name": "Test Driver", "is_active": true, "created_at": "2026-05-02T12:00:00Z"}))]
pub struct RegisteredUser {
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
#[schema(example = json!({"id": 1, "email": "dev@example.com", "full_name": "Development User", "is_active": true, "created_at": "2026-05-02T12:00:00Z", "is_verified": true}))]
pub struct PrivateUser {
    #[serde(flatten)]
    pub user: RegisteredUser,
    pub is_verified: bool,
}

/// A short refusal: the identifier is taken, or the request as a whole was not accepted.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"detail": "Email already registered"}))]
pub struct Detail {
    pub detail: String,
    /// With status 500 alone: what to tell the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
}

/// Every fault of the input, in the order of the form.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"detail": "Enter an email address.", "errors": [{"field": "email", "code": "email_missing", "message": "Enter an email address."}]}))]
pub struct Faults {
    /// The messages, joined by a space.
    pub detail: String,
    /// Absent when the identifier is taken or the body could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<Fault>>,
}

#[derive(Serialize, ToSchema)]
pub struct Fault {
    pub field: String,
    /// Stable; see the list of codes.
    pub code: String,
    /// What to do, in a sentence.
    pub message: String,
}

/// FastAPI's form of the same. What was sent is never in it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"detail": [{"type": "email_format", "loc": ["body", "email"], "msg": "Enter an email address in the correct format, like name@example.com."}]}))]
pub struct FastApiErrors {
    pub detail: Vec<FastApiFault>,
}

#[derive(Serialize, ToSchema)]
pub struct FastApiFault {
    /// The code.
    #[serde(rename = "type")]
    pub kind: String,
    pub loc: Vec<String>,
    pub msg: String,
}

/// RFC 9457, for clients that send `Accept: application/problem+json`.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Leads to the code's line in the documentation.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<Fault>>,
    /// With status 500 alone: what to tell the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    pub status: String,
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
            created_at: account.created_at.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}

impl From<Account> for PrivateUser {
    fn from(account: Account) -> Self {
        Self { is_verified: account.is_verified, user: account.into() }
    }
}

/// The answers that every address which takes a body may give.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "read by the derive macro alone")]
enum CommonErrors {
    /// The body took too long to arrive.
    #[response(status = 408)]
    Timeout(Detail),
    /// The body is over 16 KiB.
    #[response(status = 413)]
    TooLarge(Detail),
    /// The body is neither of the kinds that are read here.
    #[response(status = 415)]
    UnsupportedMediaType(Detail),
    /// The request was for another host than `PUBLIC_URL`.
    #[response(status = 421)]
    Misdirected(Detail),
    /// A fault of the service, with a request id.
    #[response(status = 500)]
    Fault(Detail),
    /// No hash or no connection could be had in time; `Retry-After` says when to try again.
    #[response(status = 503)]
    Busy(Detail),
}

/// What is below documents the handlers in `registration.rs`, `registration_api.rs`, `health.rs` and `docs.rs`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Sign-up for accounts. Every JSON operation that refuses its input also answers `Accept: application/problem+json` with RFC 9457.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(register, users, users_register, private_users, healthz, readyz),
    components(schemas(Problem)),
    modifiers(&ProblemEverywhere),
    tags(
        (name = "registration", description = "Making accounts"),
        (name = "health", description = "For load balancers and orchestrators")
    )
)]
struct Api;

/// Every refusal can be had as RFC 9457.
struct ProblemEverywhere;

impl Modify for ProblemEverywhere {
    fn modify(&self, document: &mut Document) {
        let operations = document.paths.paths.values_mut().flat_map(|item| [&mut item.get, &mut item.post]).flatten();
        for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
            if let RefOr::T(response) = response
                && status.as_str() >= "400"
            {
                let problem = Content::new(Some(Ref::from_schema_name("Problem")));
                response.content.insert("application/problem+json".to_owned(), RefOr::T(problem));
            }
        }
    }
}

/// Sign up by email address
///
/// The sign-up page posts its form to the same address. A form is answered with a redirect to `/welcome`, or with the
/// page again; with `Accept: application/json` it is answered as JSON is.
#[utoipa::path(
    post,
    path = "/register",
    tag = "registration",
    request_body(content((SignUpByEmail = "application/json"), (SignUpByEmail = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, description = "The account was made.", body = Registered),
        (status = 303, description = "The account was made; the answer to a form."),
        (status = 400, description = "The address is taken, or the input is not accepted.", content(
            (Faults = "application/json"), (String = "text/html"))),
        (status = 403, description = "The form came from another site.", body = Detail),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
fn register() {}

/// Sign up by username
#[utoipa::path(
    post,
    path = "/users",
    tag = "registration",
    request_body = SignUpByUsername,
    responses(
        (status = 201, description = "The account was made.", body = RegisteredUsername),
        (status = 400, description = "The username is taken, or the input is not accepted.", body = Faults),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
fn users() {}

/// Sign up by email address, answered as FastAPI does
#[utoipa::path(
    post,
    path = "/api/v1/users/register",
    tag = "registration",
    request_body = SignUpByEmail,
    responses(
        (status = 201, description = "The account was made.", body = RegisteredUser),
        (status = 400, description = "The address is taken.", body = Detail, example = json!({"detail": "User email is already registered."})),
        (status = 422, description = "The input is not accepted, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
fn users_register() {}

/// Make an account for a test
///
/// There with `ENVIRONMENT=local` alone; 404 otherwise. Takes any password of 1 to 128 characters. Also without the last
/// slash.
#[utoipa::path(
    post,
    path = "/api/v1/private/users/",
    tag = "registration",
    request_body = PrivateSignUp,
    responses(
        (status = 200, description = "The account was made.", body = PrivateUser),
        (status = 400, description = "The address is taken.", body = Detail, example = json!({"detail": "User email is already registered."})),
        (status = 404, description = "Not opened: the service does not run with `ENVIRONMENT=local`.", body = Detail),
        (status = 422, description = "The input is not accepted, or the body cannot be read.", body = FastApiErrors),
        CommonErrors
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
fn private_users() {}

/// Is the process alive
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "Alive.", body = Health)))]
#[expect(dead_code, reason = "read by the macro alone")]
fn healthz() {}

/// Can it do its work
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses(
        (status = 200, description = "The database answers and is migrated.", body = Health, example = json!({"status": "ready"})),
        (status = 503, description = "Starting, stopping, or without its database.", body = Detail)
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
fn readyz() {}

/// The OpenAPI 3.1 document.
#[must_use]
pub fn document() -> Document {
    Api::openapi()
}
