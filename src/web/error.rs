//! Every answer that is no success and no fault of a field: one error type, and one place that gives it a response format.

use std::time::Duration;

use poem::{
    IntoResponse as _, Response,
    error::{NotFoundError, ParsePathError, ResponseError},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    web::Redirect,
};
use strum::EnumCount;

use super::{
    bodies::{Detail, FastApiErrors, FastApiFault},
    next, proof_of_work,
    reply::{self, ProblemInfo},
    request_context::RequestContext,
    response_format::ResponseFormat,
};
use crate::{
    accounts::{bots::Challenged, rejection::Rejection},
    app::Site,
    appearance::RenderError,
    mail::ComposeError,
    store::StoreError,
    threads::WorkError,
    views::{frame::Frame, pages::ErrorPage, texts::Message},
};

/// When a database that did not answer is worth another try.
const DATABASE_RETRY: Duration = Duration::from_secs(5);
/// In samples and documents.
const SAMPLE_WAIT: Duration = Duration::from_mins(12);

/// What a handler answers when it cannot do what was asked.
#[derive(Debug, thiserror::Error, EnumCount)]
pub enum AppError {
    /// The body is no form or JSON of the kind that is read here; the text says where it stopped.
    #[error("malformed body: {}", .0.key)]
    MalformedBody(Message),
    #[error("no single Host header")]
    MalformedHost,
    #[error("cross-site form post")]
    CrossSite,
    #[error("not found")]
    NotFound,
    #[error("address over the limit")]
    UriTooLong,
    /// The methods that are allowed, as in the header.
    #[error("method not allowed")]
    MethodNotAllowed(String),
    #[error("the body took too long")]
    Timeout,
    #[error("body over the limit")]
    TooLarge,
    /// Nobody is signed in. People are sent to the login, and from there to this path of ours.
    #[error("not authenticated")]
    Unauthenticated { next: String },
    /// A login that was refused, for a reason that is not told. The status is the door's.
    #[error("incorrect credentials")]
    Credentials(StatusCode),
    /// It needs a mail, and the operator has set no mail server.
    #[error("no mail can be sent")]
    MailOff,
    #[error("unsupported media type")]
    UnsupportedMediaType,
    #[error("request for another host")]
    Misdirected,
    /// It was tried too often. With a challenge, a proof of work is accepted instead of the wait.
    #[error("too many requests")]
    TooManyRequests { retry_after: Duration, challenged: Option<Box<Challenged>> },
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
            Rejection::TooMany(exceeded) => {
                Self::TooManyRequests { retry_after: exceeded.retry_after, challenged: None }
            }
            Rejection::Challenged(challenged) => {
                let retry_after = challenged.retry_after.unwrap_or(Duration::from_mins(1));
                Self::TooManyRequests { retry_after, challenged: Some(challenged) }
            }
            Rejection::Store(error) => error.into(),
            Rejection::Credentials => Self::Credentials(StatusCode::UNAUTHORIZED),
            Rejection::SignedOut => Self::Unauthenticated { next: next::HOME.to_owned() },
            Rejection::NoMail => Self::MailOff,
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

impl From<RenderError> for AppError {
    fn from(error: RenderError) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<ComposeError> for AppError {
    fn from(error: ComposeError) -> Self {
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

/// Status and code of an error; its words stand in `locales/` under `error-CODE`.
pub struct ErrorInfo {
    pub status: StatusCode,
    pub code: &'static str,
    /// What happened.
    pub title: Message,
    /// What to do about it, for programs.
    pub detail: Message,
}

impl ErrorInfo {
    /// What to do about it, for people: `advice`, or `notice` above a form that comes back.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Message {
        Message { key: format!("error-{}.{name}", self.code).into(), arguments: self.detail.arguments.clone() }
    }
}

impl AppError {
    /// One of each, for documents and samples.
    #[must_use]
    pub fn each() -> [Self; 18] {
        [
            Self::MalformedBody("error-malformed_body.detail".into()),
            Self::MalformedHost,
            Self::CrossSite,
            Self::NotFound,
            Self::UriTooLong,
            Self::MethodNotAllowed("GET, HEAD".into()),
            Self::Timeout,
            Self::TooLarge,
            Self::Unauthenticated { next: String::new() },
            Self::Credentials(StatusCode::UNAUTHORIZED),
            Self::MailOff,
            Self::UnsupportedMediaType,
            Self::Misdirected,
            Self::TooManyRequests { retry_after: SAMPLE_WAIT, challenged: None },
            Self::Busy { cause: String::new(), retry_after: DATABASE_RETRY },
            Self::Uncertain(String::new()),
            Self::Starting,
            Self::Fault(String::new()),
        ]
    }

    #[must_use]
    pub fn info(&self) -> ErrorInfo {
        let (status, code) = match self {
            Self::MalformedBody(_) => (StatusCode::BAD_REQUEST, "malformed_body"),
            Self::MalformedHost => (StatusCode::BAD_REQUEST, "malformed_host"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross_site"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::UriTooLong => (StatusCode::URI_TOO_LONG, "uri_too_long"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::Unauthenticated { .. } => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::Credentials(status) => (*status, "incorrect_credentials"),
            Self::MailOff => (StatusCode::NOT_IMPLEMENTED, "mail_off"),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::Misdirected => (StatusCode::MISDIRECTED_REQUEST, "misdirected_request"),
            Self::TooManyRequests { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Uncertain(_) => (StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown"),
            Self::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
            Self::Fault(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
        };
        let detail = match self {
            Self::MalformedBody(reason) => reason.clone(),
            Self::TooManyRequests { retry_after, .. } => {
                Message::new(format!("error-{code}.detail")).with("minutes", minutes(*retry_after))
            }
            _ => Message::new(format!("error-{code}.detail")),
        };
        ErrorInfo { status, code, title: Message::new(format!("error-{code}")), detail }
    }

    /// The page; `request_id` stands on it where the fault is ours.
    #[must_use]
    pub fn page(&self, frame: Frame, request_id: &str) -> ErrorPage {
        let info = self.info();
        let reference = self.reference(request_id).unwrap_or_default().to_owned();
        ErrorPage { frame, detail: info.attribute("advice"), title: info.title, reference }
    }

    /// Whether the same may be taken in a moment, so that a form comes back filled in.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Uncertain(_) | Self::TooManyRequests { .. })
    }

    /// The challenge that may be answered instead of waiting.
    #[must_use]
    pub fn challenged(&self) -> Option<&Challenged> {
        match self {
            Self::TooManyRequests { challenged, .. } => challenged.as_deref(),
            _ => None,
        }
    }

    fn reference<'a>(&self, request_id: &'a str) -> Option<&'a str> {
        matches!(self, Self::Fault(_)).then_some(request_id)
    }

    /// Writes the cause to the log, where there is one; it goes nowhere else.
    pub fn log(&self) {
        match self {
            Self::Fault(cause) => tracing::error!(cause, "request failed"),
            Self::Busy { cause, .. } => tracing::warn!(code = "busy", cause, "request refused for now"),
            Self::Uncertain(cause) => tracing::warn!(code = "outcome_unknown", cause, "request without an outcome"),
            _ => {}
        }
    }

    /// The headers that belong to the answer, whatever its response format.
    pub fn add_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        match self {
            Self::MethodNotAllowed(allow) => {
                if let Ok(allow) = HeaderValue::from_str(allow) {
                    headers.insert(header::ALLOW, allow);
                }
            }
            // RFC 6750, section 3.
            Self::Unauthenticated { .. } | Self::Credentials(StatusCode::UNAUTHORIZED) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Busy { retry_after, .. } => set_retry_after(headers, *retry_after),
            Self::TooManyRequests { retry_after, challenged } => {
                set_retry_after(headers, *retry_after);
                if let Some(challenged) = challenged {
                    proof_of_work::challenge(headers, challenged);
                }
            }
            Self::Uncertain(_) => set_retry_after(headers, DATABASE_RETRY),
            Self::Starting => set_retry_after(headers, Duration::from_secs(1)),
            _ => {}
        }
    }

    /// The answer in the response format and the language asked for.
    #[must_use]
    pub fn into_response(self, context: &RequestContext, request_id: &str, site: &Site) -> Response {
        self.log();
        if let (Self::Unauthenticated { next }, ResponseFormat::Page) = (&self, context.response_format) {
            return Redirect::see_other(next::login(next)).into_response();
        }
        let mut info = self.info();
        let is_malformed = matches!(self, Self::MalformedBody(_));
        if is_malformed && context.response_format.is_fastapi() {
            info.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        let reference = self.reference(request_id);
        let detail = context.say(&info.detail);
        let mut response = match context.response_format {
            ResponseFormat::Page => {
                let page = reply::page(info.status, &self.page(context.frame(), request_id), &context.theme);
                page.map_or_else(
                    |error| {
                        tracing::error!(%error, "the error page could not be rendered");
                        let words = format!("{}. {detail}\n", context.say(&info.title));
                        Response::builder().status(info.status).content_type("text/plain; charset=utf-8").body(words)
                    },
                    reply::kept,
                )
            }
            ResponseFormat::FastApi if is_malformed => {
                let fault = FastApiFault { kind: info.code.into(), loc: vec!["body".into()], msg: detail };
                reply::refusal(info.status, &FastApiErrors { detail: vec![fault] }, context)
            }
            ResponseFormat::Json | ResponseFormat::FastApi => {
                let body = Detail { detail, request_id: reference.map(str::to_owned) };
                reply::refusal(info.status, &body, context)
            }
            ResponseFormat::Problem { .. } => {
                let title = context.say(&info.title);
                reply::problem(
                    site,
                    context,
                    ProblemInfo { status: info.status, code: info.code, title, detail },
                    reference,
                    &[],
                )
            }
        };
        self.add_headers(&mut response);
        response
    }
}

/// Rounded up.
fn minutes(wait: Duration) -> usize {
    usize::try_from(wait.as_millis().div_ceil(60_000)).unwrap_or(usize::MAX).max(1)
}

/// In whole seconds, rounded up: after that it is worth another try.
fn set_retry_after(headers: &mut HeaderMap, wait: Duration) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}
