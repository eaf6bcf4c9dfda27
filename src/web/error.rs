//! Every answer that is no success and no fault of a field: one error type, and one place that gives it a face.

use poem::{
    IntoResponse as _, Response,
    error::ResponseError,
    http::{HeaderValue, StatusCode, header},
};
use serde_json::{Value, json};

use super::{face::Face, reply};
use crate::{accounts::registration::Rejection, app::App, hashing::HashError, store::StoreError, views};

/// After this many seconds a busy or faulty service is worth another try.
const RETRY_AFTER_SECONDS: u64 = 5;

/// What a handler answers when it cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The body is no form or JSON of the kind that is read here; the sentence says where it stopped.
    #[error("malformed body: {0}")]
    MalformedBody(String),
    #[error("no single Host header")]
    MalformedHost,
    #[error("cross-site form post")]
    CrossSite,
    #[error("not found")]
    NotFound,
    /// The methods that are allowed, as in the header.
    #[error("method not allowed")]
    MethodNotAllowed(String),
    #[error("the body took too long")]
    Timeout,
    #[error("body over the limit")]
    TooLarge,
    #[error("unsupported media type")]
    UnsupportedMediaType,
    #[error("request for another host")]
    Misdirected,
    /// A hash or a connection could not be had in time; the cause is for the log.
    #[error("busy: {0}")]
    Busy(String),
    /// A fault of ours; the cause is for the log.
    #[error("fault: {0}")]
    Fault(String),
}

impl ResponseError for AppError {
    fn status(&self) -> StatusCode {
        self.info().status
    }
}

impl From<Rejection> for AppError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Hash(error @ HashError::Busy { .. }) => Self::Busy(error.to_string()),
            Rejection::Store(error) => error.into(),
            Rejection::Hash(_) | Rejection::Input(_) => Self::Fault(rejection.to_string()),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Busy(cause),
            StoreError::Fault(cause) => Self::Fault(cause),
        }
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<poem::Error> for AppError {
    fn from(error: poem::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) if error.is::<poem::error::NotFoundError>() => Self::NotFound,
            Err(error) => Self::Fault(error.to_string()),
        }
    }
}

/// Status and words of an error; the same in every face.
pub struct ErrorInfo {
    pub status: StatusCode,
    pub code: &'static str,
    pub title: &'static str,
    /// What to do about it.
    pub detail: String,
}

impl AppError {
    #[must_use]
    pub fn info(&self) -> ErrorInfo {
        let (status, code, title, detail) = match self {
            Self::MalformedBody(reason) => {
                (StatusCode::BAD_REQUEST, "malformed_body", "The request could not be read", reason.as_str())
            }
            Self::MalformedHost => (
                StatusCode::BAD_REQUEST,
                "malformed_host",
                "The request could not be read",
                "Send exactly one Host header.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "cross_site",
                "This form came from another site",
                "Nothing was saved. Open the sign-up page on this site and fill in the form there.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "Page not found",
                "Nothing is at this address. Check that it is typed or copied in full.",
            ),
            Self::MethodNotAllowed(_) => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address works differently",
                "It does not take this kind of request. The Allow header lists those it takes.",
            ),
            Self::Timeout => (
                StatusCode::REQUEST_TIMEOUT,
                "request_timeout",
                "The request took too long to arrive",
                "Nothing was saved. Check the connection and send it again.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "That was more than fits in the form",
                "Nothing was saved. Send 16 KiB or less.",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "This kind of content is not read here",
                "Send application/json, or where there is a form application/x-www-form-urlencoded, in UTF-8.",
            ),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "misdirected_request",
                "This is not the address of this service",
                "Use the address that its operator gave you.",
            ),
            Self::Busy(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "We are busy right now",
                "Nothing was saved. Wait a few seconds, then try again.",
            ),
            Self::Fault(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_error",
                "Something went wrong on our side",
                "Nothing you sent was the cause. Try again; if it happens again, tell the operator this reference.",
            ),
        };
        ErrorInfo { status, code, title, detail: detail.to_owned() }
    }

    /// The answer in the face asked for. Causes go to the log and nowhere else.
    #[must_use]
    pub fn into_response(self, face: Face, request_id: &str, app: &App) -> Response {
        match &self {
            Self::Fault(cause) => tracing::error!(cause, "request failed"),
            Self::Busy(cause) => tracing::warn!(cause, "request refused for now"),
            _ => {}
        }
        let mut info = self.info();
        let is_fastapi = matches!(face, Face::FastApi | Face::Problem { is_fastapi: true });
        let is_malformed = matches!(self, Self::MalformedBody(_));
        if is_fastapi && is_malformed {
            info.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        let reference = matches!(self, Self::Fault(_)).then_some(request_id);
        let mut response = match face {
            Face::Page => page(&info, reference).unwrap_or_else(|error| {
                tracing::error!(%error, "the error page could not be rendered");
                info.status.into_response()
            }),
            Face::FastApi if is_malformed => {
                let fault = json!({"type": info.code, "loc": ["body"], "msg": info.detail});
                reply::json(info.status, &json!({"detail": [fault]}))
            }
            Face::Json | Face::FastApi => {
                reply::json(info.status, &with_reference(json!({"detail": info.detail}), reference))
            }
            Face::Problem { .. } => reply::problem(app, &info, reference, &[]),
        };
        let headers = response.headers_mut();
        match &self {
            Self::MethodNotAllowed(allow) => {
                if let Ok(allow) = HeaderValue::from_str(allow) {
                    headers.insert(header::ALLOW, allow);
                }
            }
            Self::Busy(_) => {
                headers.insert(header::RETRY_AFTER, retry_after());
            }
            _ => {}
        }
        response
    }
}

/// The value of `Retry-After` that goes with [`AppError::Busy`].
#[must_use]
pub fn retry_after() -> HeaderValue {
    HeaderValue::from(RETRY_AFTER_SECONDS)
}

fn with_reference(mut body: Value, reference: Option<&str>) -> Value {
    if let (Some(reference), Some(members)) = (reference, body.as_object_mut()) {
        members.insert("request_id".to_owned(), json!(reference));
    }
    body
}

fn page(info: &ErrorInfo, reference: Option<&str>) -> askama::Result<Response> {
    let view = views::error::ErrorPage {
        title: info.title.to_owned(),
        detail: info.detail.clone(),
        reference: reference.unwrap_or_default().to_owned(),
    };
    reply::page(info.status, &view)
}
