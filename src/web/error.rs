//! Every answer that is no success and no fault of a field: one error type, and one place that gives it a face.

use std::time::Duration;

use poem::{
    Response,
    error::{NotFoundError, ParsePathError, ResponseError},
    http::{HeaderMap, HeaderValue, StatusCode, header},
};

use super::{
    bodies::{Detail, FastApiErrors, FastApiFault},
    face::Face,
    reply,
};
use crate::{
    accounts::registration::Rejection, app::Site, store::StoreError, threads::WorkError, views::error::ErrorPage,
};

/// When a database that did not answer is worth another try.
const DATABASE_RETRY: Duration = Duration::from_secs(5);

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
    #[error("busy: {cause}")]
    Busy { cause: String, retry_after: Duration },
    /// The database has not said whether it was saved; the cause is for the log.
    #[error("outcome unknown: {0}")]
    Uncertain(String),
    /// The database is waited for or migrated.
    #[error("starting")]
    Starting,
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
            Rejection::Work(WorkError::Busy { retry_after, .. }) => {
                Self::Busy { cause: rejection.to_string(), retry_after }
            }
            Rejection::Store(error) => error.into(),
            Rejection::Work(WorkError::Failed { .. }) | Rejection::Input(_) => Self::Fault(rejection.to_string()),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Busy { cause, retry_after: DATABASE_RETRY },
            StoreError::Uncertain(cause) => Self::Uncertain(cause),
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
            Err(error) if error.is::<NotFoundError>() || error.is::<ParsePathError>() => Self::NotFound,
            Err(error) => Self::Fault(error.to_string()),
        }
    }
}

/// Status and words of an error; the same in every face, but that a page speaks to people.
pub struct ErrorInfo {
    pub status: StatusCode,
    pub code: &'static str,
    pub title: &'static str,
    /// What to do about it, for programs.
    pub detail: String,
    /// What to do about it, for people.
    pub advice: &'static str,
}

impl AppError {
    /// One of each, for documents and samples.
    #[must_use]
    pub fn each() -> [Self; 13] {
        [
            Self::MalformedBody(
                "The body is not JSON or no object, or a member is given twice or has the wrong type.".into(),
            ),
            Self::MalformedHost,
            Self::CrossSite,
            Self::NotFound,
            Self::MethodNotAllowed("GET, HEAD".into()),
            Self::Timeout,
            Self::TooLarge,
            Self::UnsupportedMediaType,
            Self::Misdirected,
            Self::Busy { cause: String::new(), retry_after: DATABASE_RETRY },
            Self::Uncertain(String::new()),
            Self::Starting,
            Self::Fault(String::new()),
        ]
    }

    #[must_use]
    pub fn info(&self) -> ErrorInfo {
        const FILL_IN_AGAIN: &str =
            "The form did not arrive as it should, and nothing was saved. Open the sign-up page and fill it in again.";
        let (status, code, title, detail, advice) = match self {
            Self::MalformedBody(reason) => (
                StatusCode::BAD_REQUEST,
                "malformed_body",
                "The request could not be read",
                reason.as_str(),
                FILL_IN_AGAIN,
            ),
            Self::MalformedHost => (
                StatusCode::BAD_REQUEST,
                "malformed_host",
                "The request could not be read",
                "Send exactly one Host header.",
                "Use the address that the operator of this service gave you.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "cross_site",
                "This form came from another site",
                "Nothing was saved. Send forms from this service's own page.",
                "Nothing was saved. Open the sign-up page on this site and fill in the form there.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "Page not found",
                "Nothing is at this address. Check that it is typed or copied in full.",
                "Nothing is at this address. Check that it is typed or copied in full.",
            ),
            Self::MethodNotAllowed(_) => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This page cannot be used like that",
                "This address does not take that method. The Allow header lists those it takes.",
                "Nothing was saved. Go to the sign-up page and start there.",
            ),
            Self::Timeout => (
                StatusCode::REQUEST_TIMEOUT,
                "request_timeout",
                "The request took too long to arrive",
                "Nothing was saved. Check the connection and send it again.",
                "Nothing was saved. Check your connection and send the form again.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "That was more than fits in the form",
                "Nothing was saved. Send 16 KiB or less.",
                "Nothing was saved. Use a shorter name, email address or password.",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The request could not be read",
                "Send application/json, or where there is a form application/x-www-form-urlencoded, in UTF-8.",
                FILL_IN_AGAIN,
            ),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "misdirected_request",
                "This is not the address of this service",
                "Send requests to the host of PUBLIC_URL.",
                "Use the address that the operator of this service gave you.",
            ),
            Self::Busy { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "We are busy right now",
                "Nothing was saved. Wait a few seconds, then try again.",
                "Nothing was saved. Wait a few seconds, then try again.",
            ),
            Self::Uncertain(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "outcome_unknown",
                "We could not tell whether it was saved",
                "The database stopped answering, so it may have been saved or not. Try again in a few seconds.",
                "It may have been saved or not. Try again in a few seconds.",
            ),
            Self::Starting => (
                StatusCode::SERVICE_UNAVAILABLE,
                "starting",
                "We will be there in a moment",
                "The service is starting. Try again in a few seconds.",
                "The service is starting. Try again in a few seconds.",
            ),
            Self::Fault(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_error",
                "Something went wrong on our side",
                "Nothing you sent was the cause. Try again; if it happens again, tell the operator the request id.",
                "Nothing you typed was the cause. Try again; if it happens again, tell the operator this reference.",
            ),
        };
        ErrorInfo { status, code, title, detail: detail.to_owned(), advice }
    }

    /// The page; `request_id` stands on it where the fault is ours.
    #[must_use]
    pub fn page(&self, request_id: &str) -> ErrorPage {
        let info = self.info();
        let reference = self.reference(request_id).unwrap_or_default().to_owned();
        ErrorPage { title: info.title.to_owned(), detail: info.advice.to_owned(), reference }
    }

    fn reference<'a>(&self, request_id: &'a str) -> Option<&'a str> {
        matches!(self, Self::Fault(_)).then_some(request_id)
    }

    /// Writes the cause to the log, where there is one; it goes nowhere else.
    pub fn log(&self) {
        match self {
            Self::Fault(cause) => tracing::error!(cause, "request failed"),
            Self::Busy { cause, .. } | Self::Uncertain(cause) => tracing::warn!(cause, "request refused for now"),
            _ => {}
        }
    }

    /// The headers that belong to the answer, whatever its face.
    pub fn add_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        match self {
            Self::MethodNotAllowed(allow) => {
                if let Ok(allow) = HeaderValue::from_str(allow) {
                    headers.insert(header::ALLOW, allow);
                }
            }
            Self::Busy { retry_after, .. } => set_retry_after(headers, *retry_after),
            Self::Uncertain(_) => set_retry_after(headers, DATABASE_RETRY),
            Self::Starting => set_retry_after(headers, Duration::from_secs(1)),
            _ => {}
        }
    }

    /// The answer in the face asked for.
    #[must_use]
    pub fn into_response(self, face: Face, request_id: &str, site: &Site) -> Response {
        self.log();
        let mut info = self.info();
        let is_malformed = matches!(self, Self::MalformedBody(_));
        if is_malformed && face.is_fastapi() {
            info.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        let reference = self.reference(request_id);
        let mut response = match face {
            Face::Page => reply::page(info.status, &self.page(request_id)).unwrap_or_else(|error| {
                tracing::error!(%error, "the error page could not be rendered");
                Response::builder().status(info.status).finish()
            }),
            Face::FastApi if is_malformed => {
                let fault = FastApiFault { kind: info.code.into(), loc: vec!["body".into()], msg: info.detail };
                reply::json(info.status, &FastApiErrors { detail: vec![fault] })
            }
            Face::Json | Face::FastApi => {
                let body = Detail { detail: info.detail, request_id: reference.map(str::to_owned) };
                reply::json(info.status, &body)
            }
            Face::Problem { .. } => reply::problem(site, &info, reference, &[]),
        };
        self.add_headers(&mut response);
        response
    }
}

/// In whole seconds, rounded up: after that it is worth another try.
fn set_retry_after(headers: &mut HeaderMap, wait: Duration) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}
