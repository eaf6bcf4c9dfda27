//! How a sign-up is answered: the same verdict in each face and each door's own words.

use askama::Template;
use poem::{
    Body, IntoResponse as _, Response,
    http::{StatusCode, header},
};
use serde::Serialize;

use super::{
    bodies::{Detail, FastApiErrors, Faults, Problem},
    error::ErrorInfo,
    face::Face,
};
use crate::{accounts::form::FieldError, app::Site};

/// The code of a problem that is about more than one field.
pub const SEVERAL: &str = "input_not_accepted";

pub const HTML: &str = "text/html; charset=utf-8";
pub const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// What a door says when the identifier has an account, word for word as its document has it.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    pub taken: &'static str,
}

/// A page. Like every answer that does not say otherwise it is stored by no cache (`edge.rs`): it may show what
/// somebody typed.
///
/// # Errors
/// The template could not be rendered.
pub fn page(status: StatusCode, view: &impl Template) -> askama::Result<Response> {
    Ok(Response::builder().status(status).content_type(HTML).body(view.render()?))
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    typed(status, JSON, body)
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

/// An RFC 9457 answer. `type` leads to the code's line in the documentation that this service serves itself.
pub fn problem(site: &Site, info: &ErrorInfo, reference: Option<&str>, errors: &[FieldError]) -> Response {
    let kind = site.public_url.join(&format!("docs#{}", info.code)).map_or_else(|_| "about:blank".into(), String::from);
    let body = Problem {
        kind,
        title: info.title.to_owned(),
        status: info.status.as_u16(),
        detail: info.detail.clone(),
        code: info.code.to_owned(),
        errors: (!errors.is_empty()).then(|| convert(errors)),
        request_id: reference.map(str::to_owned),
    };
    typed(info.status, PROBLEM, &body)
}

/// A refusal in any face but the page's, which the sign-up page itself gives.
#[must_use]
pub fn refused(errors: &[FieldError], door: Door, face: Face, site: &Site) -> Response {
    let taken = errors.iter().find(|error| error.is_taken());
    let detail = match taken {
        Some(_) => door.taken.to_owned(),
        None => errors.iter().map(|error| error.message()).collect::<Vec<_>>().join(" "),
    };
    let status = match taken {
        None if face.is_fastapi() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::BAD_REQUEST,
    };
    match (face, taken) {
        (Face::Problem { .. }, _) => {
            let (code, title) = match (taken, errors) {
                (Some(taken), _) => (taken.code(), "There is already an account"),
                (None, [only]) => (only.code(), "The input was not accepted"),
                (None, _) => (SEVERAL, "The input was not accepted"),
            };
            problem(site, &ErrorInfo { status, code, title, detail, advice: "" }, None, errors)
        }
        (_, Some(_)) => json(status, &Faults { detail, errors: None }),
        (Face::FastApi, None) => json(status, &FastApiErrors { detail: convert(errors) }),
        (Face::Json | Face::Page, None) => json(status, &Faults { detail, errors: Some(convert(errors)) }),
    }
}

/// Whatever is wrong may pass, so a load balancer should ask again soon.
#[must_use]
pub fn not_ready(detail: &str) -> Response {
    let body = Detail { detail: detail.to_owned(), request_id: None };
    json(StatusCode::SERVICE_UNAVAILABLE, &body).with_header(header::RETRY_AFTER, "1").into_response()
}

fn convert<T: From<FieldError>>(errors: &[FieldError]) -> Vec<T> {
    errors.iter().copied().map(T::from).collect()
}
