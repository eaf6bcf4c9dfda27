//! The OpenAPI document, its operations in a file for each family. `openapi.json` at the top of the repository is its committed copy; a test compares the two.

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
    /// The request was for a host that is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).
    #[response(status = 421)]
    Misdirected(Detail),
    /// It was tried too often; `Retry-After` says when to try again. With `Vestibule-Challenge` a proof of work is taken instead.
    #[response(
        status = 429,
        headers(
            ("Retry-After" = i64, description = "Seconds"),
            ("Vestibule-Challenge" = Option<String>, description = "Challenge, salt, target and largest number of a proof of work, where a limit that all clients share is used up")
        )
    )]
    TooManyRequests(Detail),
    /// A fault of the service, with a request id.
    #[response(status = 500)]
    Fault(Detail),
    /// No hash or no connection could be had in time; `Retry-After` says when to try again.
    #[response(status = 503)]
    Busy(Detail),
}

/// The operations document the handlers of the same addresses in `routes.rs`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Sign-up for accounts, and what comes after it. Every JSON operation that refuses its input also answers `Accept: application/problem+json` with RFC 9457.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        registration::register, registration::users, registration::users_register, registration::private_users,
        accounts::verify_email, accounts::resend, accounts::login, accounts::access_token, accounts::logout,
        accounts::forgot_password, accounts::reset_password, accounts::me, accounts::update_me, accounts::delete_me,
        accounts::sessions, accounts::revoke_sessions, accounts::revoke_session, accounts::export,
        accounts::forward_auth, healthz, readyz
    ),
    components(schemas(Problem)),
    modifiers(&Refusals, &Schemes),
    tags(
        (name = "registration", description = "Making accounts"),
        (name = "accounts", description = "After the sign-up"),
        (name = "health", description = "For load balancers and orchestrators")
    )
)]
struct Api;

/// Every refusal can be had as RFC 9457, and has the words that are really sent as its example. Where people come too, it
/// is a page for whoever does not ask for JSON.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut Document) {
        for (path, item) in &mut document.paths.paths {
            // Health checks are for machines that look at the status.
            if matches!(path.as_str(), "/healthz" | "/readyz") {
                continue;
            }
            let has_pages = !(path.starts_with("/api/") || path == "/users");
            let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten();
            for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
                if let RefOr::T(response) = response
                    && status.as_str() >= "400"
                {
                    complete(status, response);
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

/// How somebody shows that they are signed in.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "vestibule_session",
            "The session of a browser; `__Host-vestibule_session` where `PUBLIC_URL` is https.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
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
