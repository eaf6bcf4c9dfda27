//! The outermost layer: every request gets an id and a log line, every answer the security headers, and every error and
//! panic a response format.

use std::{
    panic::{self, AssertUnwindSafe},
    time::Duration,
};

use futures_util::FutureExt as _;
use poem::{
    Endpoint, IntoResponse as _, Request, Response,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};
use tokio::time;
use tracing::Instrument as _;

use super::{
    compression, error::AppError, language, reply, request_context::RequestContext, response_format::ResponseFormat,
    unnamed_proxy,
};
use crate::{app::Site, appearance::Theme, observability::Observed};

/// When a request that took too long is worth another try.
const RETRY: Duration = Duration::from_secs(5);
/// Longest address of a request, in bytes, as it stands in the request.
const URI_BYTES: usize = 8 * 1024;
/// Why it is, for the log.
const LATE: &str = "the request took too long";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing loads but our own files, the one inline style sheet (by its hash), and our own form target.
fn content_security_policy(theme: &Theme) -> String {
    // Scripts ask for nothing, but for the one that shows a designer's edits.
    let connect = if theme.resources.live_script.is_empty() { "" } else { " connect-src 'self';" };
    format!(
        "default-src 'none'; style-src {}; script-src 'self'; img-src 'self' data:; font-src 'self' data:;{connect} \
         form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
        theme.style_source
    )
}

/// Headers of every answer. `same-origin` rather than `no-referrer`: with the latter browsers send `Origin: null`
/// with our own forms (Fetch, "append a request Origin header").
const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// Two years, as the preload list asks.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Wraps the whole application.
pub struct Edge<E> {
    inner: E,
    site: Site,
    /// Longest time for an answer to begin.
    request_wait: Duration,
}

impl<E> Edge<E> {
    pub fn new(inner: E, site: Site, request_wait: Duration) -> Self {
        Self { inner, site, request_wait }
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        unnamed_proxy::tell_once(&request, &self.site);
        let id = format!("{:032x}", rand::random::<u128>());
        let method = request.method().clone();
        let is_health_check = matches!(request.uri().path(), "/healthz" | "/readyz");
        let observed = Observed::begin(&method, &id, self.site.public_url.scheme(), is_health_check);
        request.extensions_mut().insert(observed.route());
        let context = RequestContext::of(&request, &self.site);
        let chosen = language::linked(&request, context.theme.languages())
            .filter(|_| context.response_format == ResponseFormat::Page);
        request.extensions_mut().insert(context.clone());
        let wants_gzip = compression::accepts(request.headers(), "gzip");

        let answering = async {
            let mut response = match AssertUnwindSafe(self.call_in_time(request)).catch_unwind().await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => self.refuse(error, &context, &id),
                // The panic's own words are in the log by now (observability/logs.rs).
                Err(_) => self.refuse(AppError::Fault("panic".into()), &context, &id),
            };
            if wants_gzip {
                response = compression::gzip(response).await;
            }
            if method == Method::POST && reply::is_kept(&response) {
                // No other request gets it. The browser's history does not find it again once a cookie is another one.
                response.headers_mut().remove(header::VARY);
            }
            language::remember(&method, chosen, self.site.is_https(), &mut response);
            self.add_headers(response.headers_mut(), &id, &context.theme);
            response
        }
        .instrument(observed.log());
        let response = observed.span().around(answering).await;
        observed.answered(response.status());
        Ok(response)
    }
}

impl<E: Endpoint> Edge<E> {
    async fn call_in_time(&self, request: Request) -> Result<Response, AppError> {
        if request.original_uri().to_string().len() > URI_BYTES {
            return Err(AppError::UriTooLong);
        }
        let is_safe = request.method().is_safe();
        match time::timeout(self.request_wait, self.inner.call(request)).await {
            Ok(Ok(response)) => Ok(response.into_response()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) if is_safe => Err(AppError::Busy { cause: LATE.into(), retry_after: RETRY }),
            // What it began may still be committed.
            Err(_) => Err(AppError::Uncertain(LATE.into())),
        }
    }
}

impl<E> Edge<E> {
    /// An error in its response format; should that fail too, words that need no template.
    fn refuse(&self, error: AppError, context: &RequestContext, id: &str) -> Response {
        let shown = panic::catch_unwind(AssertUnwindSafe(|| error.into_response(context, id, &self.site)));
        shown.unwrap_or_else(|_| {
            let words = format!("Something went wrong on our side. Tell the operator this reference: {id}\n");
            Response::builder()
                .status(StatusCode::INTERNAL_SERVER_ERROR)
                .content_type("text/plain; charset=utf-8")
                .body(words)
        })
    }

    fn add_headers(&self, headers: &mut HeaderMap, id: &str, theme: &Theme) {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        // The gallery shows pages in frames and says so itself.
        for (name, value) in HEADERS {
            headers.entry(*name).or_insert(HeaderValue::from_static(value));
        }
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy(theme)) {
            headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        }
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(REQUEST_ID, id);
        }
        if self.site.is_https() {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future;

    use poem::{endpoint::make_sync, http::Method};
    use serde_json::{Value, json};
    use url::Url;

    use super::*;
    use crate::{
        appearance::{BrandSettings, SharedTheme, Source},
        config::Environment,
        net::{allowed_hosts::AllowedHosts, trusted_proxies::TrustedProxies},
    };

    fn site() -> Site {
        let public_url: Url = "http://127.0.0.1:1/".parse().expect("a URL");
        let theme = Theme::load(BrandSettings::default(), &Source::Embedded).expect("a theme");
        Site {
            public_url,
            configured_url: None,
            environment: Environment::Local,
            allowed_hosts: AllowedHosts::default(),
            trusted_proxies: TrustedProxies::default(),
            client_address_header: None,
            theme: SharedTheme::new(theme),
            live_reload: None,
        }
    }

    #[tokio::test]
    async fn a_change_that_takes_too_long_is_not_called_undone() {
        let forever = poem::endpoint::make(|_| future::pending::<poem::Result<Response>>());
        let edge = Edge::new(forever, site(), Duration::from_millis(1));
        for (method, code, words) in [
            (Method::POST, "outcome_unknown", "No answer came in time, so it may have been saved or not."),
            (Method::PATCH, "outcome_unknown", "No answer came in time, so it may have been saved or not."),
            (Method::DELETE, "outcome_unknown", "No answer came in time, so it may have been saved or not."),
            (Method::GET, "busy", "Nothing was saved."),
        ] {
            let request = Request::builder().method(method.clone()).header("accept", "application/problem+json");
            let response = edge.call(request.uri_str("/register").finish()).await.expect("an answer");
            assert_eq!(
                (response.status(), response.header("retry-after")),
                (StatusCode::SERVICE_UNAVAILABLE, Some("5"))
            );
            let body: Value = response.into_body().into_json().await.expect("JSON");
            assert_eq!(body["code"], code, "{method}");
            assert!(body["detail"].as_str().is_some_and(|detail| detail.starts_with(words)), "{method}: {body}");
        }
    }

    #[tokio::test]
    #[expect(clippy::panic, reason = "it is what this is about")]
    async fn a_panic_is_an_answer_that_says_nothing_of_itself() {
        let edge = Edge::new(make_sync(|_| -> Response { panic!("secret words") }), site(), Duration::from_mins(1));

        let request = Request::builder().uri_str("/register").header("accept", "application/json").finish();
        let response = edge.call(request).await.expect("an answer");
        let id = response.header("x-request-id").expect("an id").to_owned();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body: Value = response.into_body().into_json().await.expect("JSON");
        assert_eq!(body["request_id"], json!(id));
        assert!(!body.to_string().contains("secret"));

        let request = Request::builder().uri_str("/register").header("accept", "text/html").finish();
        let response = edge.call(request).await.expect("an answer");
        let id = response.header("x-request-id").expect("an id").to_owned();
        let policy = response.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let page = response.into_body().into_string().await.expect("a page");
        assert!(page.contains(&id));
        assert!(page.contains("Something went wrong on our side"));
        assert!(!page.contains("secret"));
    }
}
