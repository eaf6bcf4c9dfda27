//! `/openapi.json`, and `/docs`, which shows it without a script and from this host alone.

#![expect(clippy::indexing_slicing, reason = "indexing a JSON value gives null where there is nothing")]

use std::sync::LazyLock;

use poem::{
    Response, handler,
    http::{HeaderValue, StatusCode, header},
};
use serde_json::Value;

use super::{error::AppError, openapi, reply};
use crate::{
    accounts::form::FieldError,
    views::docs::{Answer, Code, DocsPage, Operation, Prose},
};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::to_value(openapi::document()).unwrap_or_else(|error| Value::String(error.to_string()))
});

/// The document changes with the program alone.
const A_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=300");

#[handler]
pub fn openapi_json() -> Response {
    let mut response = reply::json(StatusCode::OK, &*DOCUMENT);
    response.headers_mut().insert(header::CACHE_CONTROL, A_WHILE);
    response
}

#[handler]
pub fn show() -> poem::Result<Response> {
    let view = DocsPage { operations: operations(&DOCUMENT), codes: codes() };
    let mut response = reply::page(StatusCode::OK, &view).map_err(AppError::from)?;
    response.headers_mut().insert(header::CACHE_CONTROL, A_WHILE);
    Ok(response)
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                anchor: operation["operationId"].as_str().unwrap_or_default().replace('_', "-"),
                summary: text(&operation["summary"]),
                description: Prose::parse(&text(&operation["description"])),
                request: example(document, &operation["requestBody"]["content"]["application/json"]),
                answers: operation["responses"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(status, answer)| Answer {
                        status: status.clone(),
                        description: Prose::parse(&text(&answer["description"])),
                        example: example(document, &answer["content"]["application/json"]),
                    })
                    .collect(),
            });
        }
    }
    operations
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The example of a media type, or else of its schema; empty if there is none, or if it says no more than its status does.
fn example(document: &Value, media: &Value) -> String {
    let schema = media["schema"]["$ref"].as_str().and_then(|pointer| document.pointer(pointer.trim_start_matches('#')));
    let example = [Some(&media["example"]), schema.map(|schema| &schema["example"])];
    let example = example.into_iter().flatten().find(|example| !example.is_null());
    example.and_then(|example| serde_json::to_string_pretty(example).ok()).unwrap_or_default()
}

fn codes() -> Vec<Code> {
    let faults = FieldError::ALL.into_iter().map(|error| Code { code: error.code(), meaning: error.message() });
    let errors = [
        AppError::MalformedBody(
            "The body is not JSON or no object, a member is given twice, or has the wrong type.".into(),
        ),
        AppError::MalformedHost,
        AppError::CrossSite,
        AppError::NotFound,
        AppError::MethodNotAllowed(String::new()),
        AppError::Timeout,
        AppError::TooLarge,
        AppError::UnsupportedMediaType,
        AppError::Misdirected,
        AppError::Busy(String::new()),
        AppError::Fault(String::new()),
    ];
    let several = Code { code: reply::SEVERAL, meaning: "More than one fault; “errors” lists them.".to_owned() };
    let errors = errors.iter().map(AppError::info).map(|info| Code { code: info.code, meaning: info.detail });
    faults.chain([several]).chain(errors).collect()
}
