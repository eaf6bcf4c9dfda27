//! The OpenAPI document, one file per endpoint family. `openapi.json` is its committed copy; a test compares the two.

mod accounts;
mod registration;

use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Object, OpenApi as Document, Ref, RefOr, Response, Type,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    bodies::{Detail, Health, Problem},
    error::AppError,
    messages,
};

/// Error responses that all endpoints with a body share.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "only read by the derive macro")]
enum CommonErrors {
    /// The body did not arrive in time.
    #[response(status = 408)]
    Timeout(Detail),
    /// The body exceeds 16 KiB.
    #[response(status = 413)]
    TooLarge(Detail),
    /// The content type is not supported.
    #[response(status = 415)]
    UnsupportedMediaType(Detail),
    /// The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).
    #[response(status = 421)]
    Misdirected(Detail),
    /// Over a rate limit; `Retry-After` has the wait. With `Vestibule-Challenge` a proof of work is accepted instead.
    #[response(
        status = 429,
        headers(
            ("Retry-After" = i64, description = "Seconds"),
            (
                "Vestibule-Challenge" = Option<String>,
                description = "Challenge, salt, target and largest number of a proof of work, for shared limits"
            )
        )
    )]
    TooManyRequests(Detail),
    /// Internal error, with a request id.
    #[response(status = 500)]
    Internal(Detail),
    /// No hash or no database connection in time; `Retry-After` has the wait.
    #[response(status = 503)]
    Busy(Detail),
}

/// The operations document the handlers of the same paths in `routes.rs`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Sign-up, login and accounts. `Accept: application/problem+json` selects RFC 9457 errors.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        registration::register, registration::register_by_username, registration::register_by_email,
        registration::create_test_account, accounts::verify_email, accounts::resend_verification, accounts::login,
        accounts::login_access_token, accounts::logout, accounts::request_password_reset, accounts::reset_password,
        accounts::get_account, accounts::update_account, accounts::delete_account, accounts::list_sessions,
        accounts::revoke_other_sessions, accounts::revoke_session, accounts::export_account, accounts::check_session,
        check_liveness, check_readiness
    ),
    components(schemas(Problem)),
    modifiers(&Problems, &Schemes),
    tags(
        (name = "registration", description = "Sign-up"),
        (name = "accounts", description = "Verification, login, password reset and account"),
        (name = "health", description = "Health checks")
    )
)]
struct Api;

/// Adds RFC 9457 to every error response, and its actual text as the example. On routes with pages, clients that do not
/// accept JSON get a page.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        for (path, item) in &mut document.paths.paths {
            // Health checks only need the status.
            if matches!(path.as_str(), "/healthz" | "/readyz") {
                continue;
            }
            let has_pages = !(path.starts_with("/api/") || path == "/users");
            let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten();
            for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
                if let RefOr::T(response) = response
                    && status.as_str() >= "400"
                {
                    add_problem(status, response);
                    if has_pages && !response.content.is_empty() {
                        response.content.insert(
                            "text/html".to_owned(),
                            RefOr::T(Content::new(Some(Object::with_type(Type::String)))),
                        );
                    }
                }
            }
        }
    }
}

/// The security schemes.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "vestibule_session",
            "The session of a browser; `__Host-vestibule_session` if `PUBLIC_URL` is https.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

fn add_problem(status: &str, response: &mut Response) {
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
    let detail = messages::in_english(&error.info().detail);
    Some(match error {
        AppError::Internal(_) => json!({ "detail": detail, "request_id": "5f1e0c3a9b7d4e2680c1d3f5a7b9e8d6" }),
        _ => json!({ "detail": detail }),
    })
}

/// Check liveness
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "check_liveness",
    tag = "health",
    responses((status = 200, description = "Alive.", body = Health))
)]
#[expect(dead_code, reason = "only read by the macro")]
fn check_liveness() {}

/// Check readiness
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "check_readiness",
    tag = "health",
    responses(
        (status = 200, description = "The database answers and is migrated.", body = Health,
            example = json!({"status": "ready"})),
        (status = 503, description = "Starting, stopping, or database unavailable.", body = Detail,
            example = json!({"detail": "The database does not answer, or is not migrated."}))
    )
)]
#[expect(dead_code, reason = "only read by the macro")]
fn check_readiness() {}

/// The OpenAPI 3.1 document.
#[must_use]
pub fn document() -> Document {
    Api::openapi()
}
