//! Responses: pages, JSON and problem documents, in each response format.

use poem::{
    Body, IntoResponse as _, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;

use super::{
    bodies::{Detail, FastApiError, FastApiErrors, Problem, ValidationError, ValidationErrors},
    language,
    request_context::RequestContext,
    response_format::ResponseFormat,
};
use crate::{
    app::Site,
    appearance::{RenderError, Samples, Theme},
    domain::field_error::FieldError,
    views::{Rendered, View},
};

/// The code of a problem with several field errors.
pub(crate) const SEVERAL: &str = "input_not_accepted";

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const JSON: &str = "application/json";
const CACHEABLE: HeaderValue = HeaderValue::from_static("private, no-cache");
const PROBLEM: &str = "application/problem+json";

/// The message key of an endpoint for a taken identifier; its English text is part of the API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndpointTexts {
    pub taken: &'static str,
}

/// For endpoints that take an address.
pub(crate) const EMAIL_TEXTS: EndpointTexts = EndpointTexts { taken: "taken-email" };

/// A page. By default no response is cached or compressed (`edge.rs`): it may have a token or account data. Pages
/// without either are [`cacheable`].
///
/// Every page has samples for the gallery; a view without them does not compile:
///
/// ```compile_fail,E0277
/// use vestibule::{appearance::Theme, views::{Rendered, View, frame::Frame, texts::Texts}, web::reply};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Bare { frame: Frame }
///
/// impl View for Bare {
///     const NAME: &'static str = "bare";
///     fn frame(&self) -> &Frame { &self.frame }
///     fn render(&self, _: &std::sync::Arc<Texts>) -> askama::Result<Rendered> { Ok(Rendered::Page(String::new())) }
/// }
///
/// fn show(theme: &Theme) {
///     let _ = reply::page(poem::http::StatusCode::OK, &Bare { frame: Frame::default() }, theme);
/// }
/// ```
///
/// # Errors
/// Rendering failed.
pub(crate) fn page<V: View + Samples>(status: StatusCode, view: &V, theme: &Theme) -> Result<Response, RenderError> {
    let html = match theme.render(view)? {
        Rendered::Page(html) => html,
        Rendered::Mail(mail) => mail.html,
    };
    let mut response = Response::builder().status(status).content_type(HTML).body(html);
    language::declare(view.frame().language, ResponseFormat::Page, &mut response);
    Ok(response)
}

/// Marks a page without token, secret or account data, except submitted input. The browser's history stores it, so that
/// Back shows a form with errors without sending it again; and it may be compressed.
#[must_use]
pub(crate) fn cacheable(page: Response) -> Response {
    page.with_header(header::CACHE_CONTROL, CACHEABLE).into_response()
}

/// Whether it is [`cacheable`].
#[must_use]
pub(crate) fn is_cacheable(response: &Response) -> bool {
    response.headers().get(header::CACHE_CONTROL).is_some_and(|value| value == CACHEABLE)
}

/// A JSON response.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    serialized(status, JSON, body)
}

/// A JSON response with translated text.
pub(crate) fn translated_json(status: StatusCode, body: &impl Serialize, context: &RequestContext) -> Response {
    let mut response = json(status, body);
    language::declare(context.language, context.response_format, &mut response);
    response
}

fn serialized(status: StatusCode, content_type: &str, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(text) => Response::builder().status(status).content_type(content_type).body(text),
        Err(error) => {
            tracing::error!(%error, "failed to serialize response");
            Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::empty())
        }
    }
}

/// The members of a problem, in the client's language.
pub(crate) struct ProblemInfo {
    pub status: StatusCode,
    pub code: &'static str,
    pub title: String,
    pub detail: String,
}

/// An RFC 9457 response. `type` links to the code in the documentation of this service.
pub(crate) fn problem(
    site: &Site,
    context: &RequestContext,
    info: ProblemInfo,
    reference: Option<&str>,
    errors: &[FieldError],
) -> Response {
    let kind = site.public_url.join(&format!("docs#{}", info.code)).map_or_else(|_| "about:blank".into(), String::from);
    let body = Problem {
        kind,
        title: info.title,
        status: info.status.as_u16(),
        detail: info.detail,
        code: info.code.to_owned(),
        errors: (!errors.is_empty()).then(|| validation_errors(errors, context)),
        request_id: reference.map(str::to_owned),
    };
    let mut response = serialized(info.status, PROBLEM, &body);
    language::declare(context.language, context.response_format, &mut response);
    response
}

/// Field errors in any response format but a page, which shows its form again.
#[must_use]
pub(crate) fn refused(errors: &[FieldError], texts: EndpointTexts, context: &RequestContext, site: &Site) -> Response {
    let taken = errors.iter().find(|error| error.is_taken());
    let detail = match taken {
        Some(_) => context.translate(&texts.taken.into()),
        None => errors.iter().map(|error| context.explain(*error)).collect::<Vec<_>>().join(" "),
    };
    let status = match taken {
        None if context.response_format.is_fastapi() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::BAD_REQUEST,
    };
    match (context.response_format, taken) {
        (ResponseFormat::Problem { .. }, _) => {
            let (code, title) = match (taken, errors) {
                (Some(taken), _) => (taken.code(), "problem-taken"),
                (None, [only]) => (only.code(), "problem-input"),
                (None, _) => (SEVERAL, "problem-input"),
            };
            let title = context.translate(&title.into());
            problem(site, context, ProblemInfo { status, code, title, detail }, None, errors)
        }
        (_, Some(_)) => translated_json(status, &ValidationErrors { detail, errors: None }, context),
        (ResponseFormat::FastApi, None) => {
            let detail = errors.iter().map(|error| FastApiError::new(*error, context.explain(*error))).collect();
            translated_json(status, &FastApiErrors { detail }, context)
        }
        (ResponseFormat::Json | ResponseFormat::Page, None) => translated_json(
            status,
            &ValidationErrors { detail, errors: Some(validation_errors(errors, context)) },
            context,
        ),
    }
}

fn validation_errors(errors: &[FieldError], context: &RequestContext) -> Vec<ValidationError> {
    errors.iter().map(|error| ValidationError::new(*error, context.explain(*error))).collect()
}

/// 204, without a body.
#[must_use]
pub(crate) fn no_content() -> Response {
    Response::builder().status(StatusCode::NO_CONTENT).finish()
}

/// 202, with a message.
#[must_use]
pub(crate) fn accepted(key: &'static str, context: &RequestContext) -> Response {
    let body = Detail { detail: context.translate(&key.into()), request_id: None };
    translated_json(StatusCode::ACCEPTED, &body, context)
}

/// 503, with a short `Retry-After` for load balancers.
#[must_use]
pub(crate) fn not_ready(detail: &str) -> Response {
    let body = Detail { detail: detail.to_owned(), request_id: None };
    json(StatusCode::SERVICE_UNAVAILABLE, &body).with_header(header::RETRY_AFTER, "1").into_response()
}
