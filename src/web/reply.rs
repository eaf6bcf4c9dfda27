//! How a sign-up is answered: the same verdict in each response format and each door's own words.

use poem::{
    Body, IntoResponse as _, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;

use super::{
    bodies::{Detail, FastApiErrors, FastApiFault, Fault, Faults, Problem},
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

/// The code of a problem that is about more than one field.
pub const SEVERAL: &str = "input_not_accepted";

pub const HTML: &str = "text/html; charset=utf-8";
pub const JSON: &str = "application/json";
const KEPT: HeaderValue = HeaderValue::from_static("private, no-cache");
const PROBLEM: &str = "application/problem+json";

/// The text of a door when the identifier has an account; in English, word for word as its document has it.
#[derive(Debug, Clone, Copy)]
pub struct EndpointTexts {
    pub taken: &'static str,
}

/// Those of every endpoint that takes an address.
pub const EMAIL_TEXTS: EndpointTexts = EndpointTexts { taken: "taken-email" };

/// A page. Like every answer that does not say otherwise it is stored by no cache, nor compressed (`edge.rs`): it may hold
/// a token, or something of an account. Those that hold neither are [`kept`].
///
/// Only what the gallery shows in every state can be a page; a view without samples does not compile:
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
/// The template could not be rendered.
pub fn page<V: View + Samples>(status: StatusCode, view: &V, theme: &Theme) -> Result<Response, RenderError> {
    let html = match theme.render(view)? {
        Rendered::Page(html) => html,
        Rendered::Mail(mail) => mail.html,
    };
    let mut response = Response::builder().status(status).content_type(HTML).body(html);
    language::declare(view.frame().language, ResponseFormat::Page, &mut response);
    Ok(response)
}

/// A page that holds no token, no secret and nothing of an account that is signed in to, but what was typed, at the most. The
/// browser's history keeps it, so that Back shows a form with mistakes without sending it again; and it may be compressed.
#[must_use]
pub fn kept(page: Response) -> Response {
    page.with_header(header::CACHE_CONTROL, KEPT).into_response()
}

/// Whether it is [`kept`].
#[must_use]
pub fn is_kept(response: &Response) -> bool {
    response.headers().get(header::CACHE_CONTROL).is_some_and(|value| value == KEPT)
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    typed(status, JSON, body)
}

/// A JSON answer with words in it.
pub fn refusal(status: StatusCode, body: &impl Serialize, context: &RequestContext) -> Response {
    let mut response = json(status, body);
    language::declare(context.language, context.response_format, &mut response);
    response
}

fn typed(status: StatusCode, content_type: &str, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(text) => Response::builder().status(status).content_type(content_type).body(text),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::empty())
        }
    }
}

/// What a problem document says, in the reader's language.
pub struct ProblemInfo {
    pub status: StatusCode,
    pub code: &'static str,
    pub title: String,
    pub detail: String,
}

/// An RFC 9457 answer. `type` leads to the code's line in the documentation that this service serves itself.
pub fn problem(
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
        errors: (!errors.is_empty()).then(|| faults(errors, context)),
        request_id: reference.map(str::to_owned),
    };
    let mut response = typed(info.status, PROBLEM, &body);
    language::declare(context.language, context.response_format, &mut response);
    response
}

/// A refusal in any response format but the page's, which the sign-up page itself gives.
#[must_use]
pub fn refused(errors: &[FieldError], door: EndpointTexts, context: &RequestContext, site: &Site) -> Response {
    let taken = errors.iter().find(|error| error.is_taken());
    let detail = match taken {
        Some(_) => context.say(&door.taken.into()),
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
            let title = context.say(&title.into());
            problem(site, context, ProblemInfo { status, code, title, detail }, None, errors)
        }
        (_, Some(_)) => refusal(status, &Faults { detail, errors: None }, context),
        (ResponseFormat::FastApi, None) => {
            let detail = errors.iter().map(|error| FastApiFault::new(*error, context.explain(*error))).collect();
            refusal(status, &FastApiErrors { detail }, context)
        }
        (ResponseFormat::Json | ResponseFormat::Page, None) => {
            refusal(status, &Faults { detail, errors: Some(faults(errors, context)) }, context)
        }
    }
}

fn faults(errors: &[FieldError], context: &RequestContext) -> Vec<Fault> {
    errors.iter().map(|error| Fault::new(*error, context.explain(*error))).collect()
}

/// It is done, and there is nothing to say of it.
#[must_use]
pub fn nothing() -> Response {
    Response::builder().status(StatusCode::NO_CONTENT).finish()
}

/// It will be done, if there is anything to do.
#[must_use]
pub fn accepted(key: &'static str, context: &RequestContext) -> Response {
    let body = Detail { detail: context.say(&key.into()), request_id: None };
    refusal(StatusCode::ACCEPTED, &body, context)
}

/// Whatever is wrong may pass, so a load balancer should ask again soon.
#[must_use]
pub fn not_ready(detail: &str) -> Response {
    let body = Detail { detail: detail.to_owned(), request_id: None };
    json(StatusCode::SERVICE_UNAVAILABLE, &body).with_header(header::RETRY_AFTER, "1").into_response()
}
