//! Error responses other than field errors: one error type, rendered in each response format.

use std::time::Duration;

use poem::{
    IntoResponse as _, Response,
    error::{NotFoundError, ParsePathError, ResponseError},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    web::Redirect,
};
use strum::EnumCount;

use super::{
    bodies::{Detail, FastApiError, FastApiErrors},
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

/// `Retry-After` while the database is unavailable.
const DATABASE_RETRY: Duration = Duration::from_secs(5);
/// For samples and documents.
const SAMPLE_WAIT: Duration = Duration::from_mins(12);

/// Why a handler failed.
#[derive(Debug, thiserror::Error, EnumCount)]
pub enum AppError {
    /// The body is not a form or JSON as expected; the message has the position.
    #[error("malformed body: {}", .0.key)]
    MalformedBody(Message),
    #[error("no single Host header")]
    MalformedHost,
    #[error("cross-site form post")]
    CrossSite,
    #[error("not found")]
    NotFound,
    #[error("URI over the limit")]
    UriTooLong,
    /// The value of `Allow`.
    #[error("method not allowed")]
    MethodNotAllowed(String),
    #[error("body timed out")]
    Timeout,
    #[error("body over the limit")]
    TooLarge,
    /// No session. Browsers are redirected to the login, and then to the local path `next`.
    #[error("not authenticated")]
    Unauthenticated { next: String },
    /// A refused login; the reason is not disclosed. The status is the endpoint's.
    #[error("incorrect credentials")]
    Credentials(StatusCode),
    /// It needs a mail, but no mail server is configured.
    #[error("mail not configured")]
    MailOff,
    #[error("unsupported media type")]
    UnsupportedMediaType,
    #[error("request for another host")]
    Misdirected,
    /// Over a rate limit. With a challenge, a proof of work is accepted instead of the wait.
    #[error("too many requests")]
    TooManyRequests { retry_after: Duration, challenged: Option<Box<Challenged>> },
    /// No hash or no connection in time; the cause is for the log.
    #[error("busy: {cause}")]
    Busy { cause: String, retry_after: Duration },
    /// The database did not confirm the commit; the cause is for the log.
    #[error("outcome unknown: {0}")]
    Uncertain(String),
    /// Waiting for the database, or migrating it.
    #[error("starting")]
    Starting,
    /// An internal error; the cause is for the log.
    #[error("internal error: {0}")]
    Internal(String),
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
            Rejection::Work(WorkError::Failed { .. }) | Rejection::Input(_) => Self::Internal(rejection.to_string()),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Busy { cause, retry_after: DATABASE_RETRY },
            StoreError::Uncertain(cause) => Self::Uncertain(cause),
            StoreError::Fault(cause) => Self::Internal(cause),
        }
    }
}

impl From<RenderError> for AppError {
    fn from(error: RenderError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<ComposeError> for AppError {
    fn from(error: ComposeError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<poem::Error> for AppError {
    fn from(error: poem::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) if error.is::<NotFoundError>() || error.is::<ParsePathError>() => Self::NotFound,
            Err(error) => Self::Internal(error.to_string()),
        }
    }
}

/// Status and code of an error; `locales/` has its texts under `error-CODE`.
pub struct ErrorInfo {
    pub status: StatusCode,
    pub code: &'static str,
    /// What happened.
    pub title: Message,
    /// What to do about it, for API clients.
    pub detail: Message,
}

impl ErrorInfo {
    /// What to do about it, for users: `advice`, or `notice` above a form shown again.
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
            Self::Internal(String::new()),
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
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
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

    /// The error page; an internal error shows `request_id`.
    #[must_use]
    pub fn page(&self, frame: Frame, request_id: &str) -> ErrorPage {
        let info = self.info();
        let reference = self.reference(request_id).unwrap_or_default().to_owned();
        ErrorPage { frame, detail: info.attribute("advice"), title: info.title, reference }
    }

    /// Whether a retry may succeed, so that a form is shown again filled in.
    #[must_use]
    pub fn is_transient(&self) -> bool {
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
        matches!(self, Self::Internal(_)).then_some(request_id)
    }

    /// Logs the cause, if any; it appears nowhere else.
    pub fn log(&self) {
        match self {
            Self::Internal(cause) => tracing::error!(cause, "request failed"),
            Self::Busy { cause, .. } => tracing::warn!(code = "busy", cause, "request refused: busy"),
            Self::Uncertain(cause) => tracing::warn!(code = "outcome_unknown", cause, "request outcome unknown"),
            _ => {}
        }
    }

    /// Adds the headers of the error, in every response format.
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

    /// The response in the format and language of the request.
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
        let detail = context.translate(&info.detail);
        let mut response = match context.response_format {
            ResponseFormat::Page => {
                let page = reply::page(info.status, &self.page(context.frame(), request_id), &context.theme);
                page.map_or_else(
                    |error| {
                        tracing::error!(%error, "failed to render error page");
                        let text = format!("{}. {detail}\n", context.translate(&info.title));
                        Response::builder().status(info.status).content_type("text/plain; charset=utf-8").body(text)
                    },
                    reply::cacheable,
                )
            }
            ResponseFormat::FastApi if is_malformed => {
                let error = FastApiError { kind: info.code.into(), loc: vec!["body".into()], msg: detail };
                reply::translated_json(info.status, &FastApiErrors { detail: vec![error] }, context)
            }
            ResponseFormat::Json | ResponseFormat::FastApi => {
                let body = Detail { detail, request_id: reference.map(str::to_owned) };
                reply::translated_json(info.status, &body, context)
            }
            ResponseFormat::Problem { .. } => {
                let title = context.translate(&info.title);
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

/// In whole seconds, rounded up.
fn set_retry_after(headers: &mut HeaderMap, wait: Duration) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}
