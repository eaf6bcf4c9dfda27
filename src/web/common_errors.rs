//! Error responses that all endpoints with a body share, for the OpenAPI document.

use super::bodies::Detail;

#[derive(utoipa::IntoResponses)]
pub(crate) enum CommonErrors {
    /// The body did not arrive in time.
    #[response(status = 408)]
    Timeout(Detail),
    /// The body exceeds 16 KiB.
    #[response(status = 413)]
    TooLarge(Detail),
    /// The content type is not supported.
    #[response(status = 415)]
    UnsupportedMediaType(Detail),
    /// The host is not served (`PUBLIC_URL`, `ALLOWED_HOSTS`).
    #[response(status = 421)]
    Misdirected(Detail),
    /// Over a rate limit; `Retry-After` has the wait. With `Vestibule-Challenge` a proof of work is accepted instead.
    #[response(
        status = 429,
        headers(
            ("Retry-After" = i64, description = "Seconds"),
            (
                "Vestibule-Challenge" = Option<String>,
                description = "Challenge, salt, target and largest number of a proof of work, for shared limits"
            )
        )
    )]
    TooManyRequests(Detail),
    /// Internal error, with a request id.
    #[response(status = 500)]
    Internal(Detail),
    /// No hash or no database connection in time; `Retry-After` has the wait.
    #[response(status = 503)]
    Busy(Detail),
}
