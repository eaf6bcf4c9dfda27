//! The OpenAPI document. Each handler has its operation beside it (`#[utoipa::path]`). `openapi.json` is the committed copy; a test
//! compares the two.

use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Object, OpenApi as Document, Ref, RefOr, Response, Type,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    account_api, account_export, bodies::Problem, error::AppError, health, login, messages, password_reset,
    registration, registration_api, verification,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Sign-up, login and accounts. `Accept: application/problem+json` selects RFC 9457 errors.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        registration::submit,
        registration_api::by_username,
        registration_api::by_email,
        registration_api::private,
        verification::submit,
        verification::resend,
        login::submit,
        login::access_token,
        login::logout,
        password_reset::forgot,
        password_reset::submit,
        account_api::me,
        account_api::update,
        account_api::delete,
        account_api::sessions,
        account_api::revoke_other_sessions,
        account_api::revoke_session,
        account_export::download,
        account_api::forward_auth,
        health::healthz,
        health::readyz,
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

/// The OpenAPI 3.1 document.
#[must_use]
pub fn document() -> Document {
    Api::openapi()
}
