//! The OpenAPI document. `openapi.json` at the top of the repository is its committed copy; a test compares the two.

use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{Content, OpenApi as Document, Ref, RefOr, Response},
};

use super::{
    bodies::{
        Detail, FastApiErrors, Faults, Health, PrivateSignUp, PrivateUser, Problem, Registered, RegisteredUser,
        RegisteredUsername, SignUpByEmail, SignUpByUsername,
    },
    error::AppError,
    words,
};

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
    modifiers(&Refusals),
    tags(
        (name = "registration", description = "Making accounts"),
        (name = "health", description = "For load balancers and orchestrators")
    )
)]
struct Api;

/// Every refusal can be had as RFC 9457, and has the words that are really sent as its example.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut Document) {
        // Those that take a body; the others have nothing to refuse.
        let operations = document.paths.paths.values_mut().filter_map(|item| item.post.as_mut());
        for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
            if let RefOr::T(response) = response
                && status.as_str() >= "400"
            {
                complete(status, response);
            }
        }
    }
}

fn complete(status: &str, response: &mut Response) {
    if let Some(RefOr::T(content)) = response.content.get_mut("application/json")
        && content.example.is_none()
        && is_detail(content)
    {
        content.example = example(status);
    }
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    response.content.insert("application/problem+json".to_owned(), RefOr::T(problem));
}

fn is_detail(content: &Content) -> bool {
    matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location.ends_with("/Detail"))
}

fn example(status: &str) -> Option<Value> {
    let error = AppError::each().into_iter().find(|error| error.info().status.as_str() == status)?;
    let detail = words::in_english(&error.info().detail);
    Some(match error {
        AppError::Fault(_) => json!({ "detail": detail, "request_id": "5f1e0c3a9b7d4e2680c1d3f5a7b9e8d6" }),
        _ => json!({ "detail": detail }),
    })
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
        (status = 400, description = "The username is taken, or the input is not accepted.", body = Faults,
            example = json!({"detail": "Enter a username.", "errors": [{"field": "username", "code": "username_missing", "message": "Enter a username."}]})),
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
        (status = 503, description = "Starting, stopping, or without its database.", body = Detail,
            example = json!({"detail": "The database does not answer, or is not migrated."}))
    )
)]
#[expect(dead_code, reason = "read by the macro alone")]
fn readyz() {}

/// The OpenAPI 3.1 document.
#[must_use]
pub fn document() -> Document {
    Api::openapi()
}
