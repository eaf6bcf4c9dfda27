//! `/openapi.json`, and `/docs`, which shows it without scripts or other hosts.
#![expect(clippy::indexing_slicing, reason = "indexing a JSON value returns null for an absent member")]

use std::sync::LazyLock;

use poem::{
    Response, handler,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    web::Data,
};
use serde_json::Value;

use super::{
    compression::{self, Encoded},
    error::AppError,
    messages, openapi, reply,
    request_context::RequestContext,
};
use crate::{
    domain::field_error::FieldError,
    views::{
        frame::Frame,
        pages::{Answer, Code, DocsPage, Operation, Prose},
    },
};

/// Constant at run time, so built once.
static DOCUMENT: LazyLock<Encoded> = LazyLock::new(|| Encoded::new(document().to_string().into_bytes()));
static PAGE: LazyLock<DocsPage> = LazyLock::new(|| page(Frame::default()));

const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Responses that all endpoints with a body share; shown once.
const SHARED: [&str; 6] = ["408", "413", "415", "421", "500", "503"];

#[handler]
pub(crate) fn openapi_json(headers: &HeaderMap) -> Response {
    let mut response = compression::respond(&DOCUMENT, headers).set_content_type(reply::JSON);
    response.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
    response
}

/// For developers, in English only.
#[handler]
pub(crate) fn show(Data(context): Data<&RequestContext>) -> poem::Result<Response> {
    let page = DocsPage { frame: context.theme.frame_in_english(), ..PAGE.clone() };
    let mut response = reply::page(StatusCode::OK, &page, &context.theme).map_err(AppError::from)?;
    response.headers_mut().remove(header::VARY);
    // Live reload must not get a cached page.
    if context.theme.resources.live_script.is_empty() {
        response.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
    }
    Ok(response)
}

fn document() -> Value {
    serde_json::to_value(openapi::document()).unwrap_or_else(|error| Value::String(error.to_string()))
}

/// The page of `/docs`.
#[must_use]
pub(crate) fn page(frame: Frame) -> DocsPage {
    let document = document();
    let register = &document["paths"]["/register"]["post"]["responses"];
    DocsPage {
        frame,
        operations: operations(&document),
        refusals: answers(&document, register, |status| SHARED.contains(&status)),
        codes: codes(),
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let has_body = operation["requestBody"].is_object();
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                anchor: operation["operationId"].as_str().unwrap_or_default().replace('_', "-"),
                summary: text(&operation["summary"]),
                description: Prose::parse(&text(&operation["description"])),
                request: example(document, &operation["requestBody"]["content"]["application/json"]),
                answers: answers(document, &operation["responses"], |status| !(has_body && SHARED.contains(&status))),
            });
        }
    }
    operations
}

fn answers(document: &Value, responses: &Value, is_wanted: impl Fn(&str) -> bool) -> Vec<Answer> {
    let responses = responses.as_object().into_iter().flatten();
    let wanted = responses.filter(|(status, _)| is_wanted(status));
    wanted
        .map(|(status, answer)| Answer {
            status: status.clone(),
            description: Prose::parse(&text(&answer["description"])),
            example: example(document, &answer["content"]["application/json"]),
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The example of a media type, or else of its schema; empty if absent.
fn example(document: &Value, media: &Value) -> String {
    let schema = media["schema"]["$ref"].as_str().and_then(|pointer| document.pointer(pointer.trim_start_matches('#')));
    let example = [Some(&media["example"]), schema.map(|schema| &schema["example"])];
    let example = example.into_iter().flatten().find(|example| !example.is_null());
    example.and_then(|example| serde_json::to_string_pretty(example).ok()).unwrap_or_default()
}

fn codes() -> Vec<Code> {
    let line = |code: &str, meaning: String| Code { code: code.to_owned(), meaning };
    let field_errors = FieldError::ALL
        .into_iter()
        .map(|error| line(error.code(), messages::in_english(&messages::field_error(error))));
    let several = line(reply::SEVERAL, "More than one error; “errors” lists them.".to_owned());
    let errors = AppError::each().map(|error| error.info());
    let errors = errors.into_iter().map(|info| {
        line(info.code, format!("{}. {}", messages::in_english(&info.title), messages::in_english(&info.detail)))
    });
    field_errors.chain([several]).chain(errors).collect()
}
