//! The outermost layer: assigns request ids, logs requests, adds security headers, and formats errors and panics.

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
    untrusted_proxy,
};
use crate::{app::Site, appearance::Theme, observability::Observed};

/// `Retry-After` of a request that timed out.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// Longest request URI, in bytes, as sent.
const URI_BYTES: usize = 8 * 1024;
/// For the log.
const TIMEOUT_CAUSE: &str = "request timed out";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Allows only our own files, the inline style sheet (by hash) and our own form target.
fn content_security_policy(theme: &Theme) -> String {
    // Only the live-reload script connects.
    let connect = if theme.resources.live_script.is_empty() { "" } else { " connect-src 'self';" };
    format!(
        "default-src 'none'; style-src {}; script-src 'self'; img-src 'self' data:; font-src 'self' data:;{connect} \
         form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
        theme.style_source
    )
}

/// Headers of every response. `same-origin` rather than `no-referrer`: with the latter browsers send `Origin: null`
/// with our own forms (Fetch, "append a request Origin header").
const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// Two years, as the preload list requires.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Wraps the whole application.
pub(crate) struct Edge<E> {
    inner: E,
    site: Site,
    /// Longest time until a response.
    request_wait: Duration,
}

impl<E> Edge<E> {
    pub(crate) fn new(inner: E, site: Site, request_wait: Duration) -> Self {
        Self { inner, site, request_wait }
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        untrusted_proxy::warn_once(&request, &self.site);
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
            let mut response = match AssertUnwindSafe(self.call_with_timeout(request)).catch_unwind().await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => self.error_response(error, &context, &id),
                // The panic message is already logged (observability/logs.rs).
                Err(_) => self.error_response(AppError::Internal("panic".into()), &context, &id),
            };
            if wants_gzip {
                response = compression::gzip(response).await;
            }
            if method == Method::POST && reply::is_cacheable(&response) {
                // Not reused for other requests; with `Vary`, a changed cookie would hide it from the history.
                response.headers_mut().remove(header::VARY);
            }
            language::store(&method, chosen, self.site.is_https(), &mut response);
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
    async fn call_with_timeout(&self, request: Request) -> Result<Response, AppError> {
        if request.original_uri().to_string().len() > URI_BYTES {
            return Err(AppError::UriTooLong);
        }
        let is_safe = request.method().is_safe();
        match time::timeout(self.request_wait, self.inner.call(request)).await {
            Ok(Ok(response)) => Ok(response.into_response()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) if is_safe => Err(AppError::Busy { cause: TIMEOUT_CAUSE.into(), retry_after: RETRY_AFTER }),
            // Its transaction may still commit.
            Err(_) => Err(AppError::Uncertain(TIMEOUT_CAUSE.into())),
        }
    }
}

impl<E> Edge<E> {
    /// An error in its response format; plain text if rendering panics.
    fn error_response(&self, error: AppError, context: &RequestContext, id: &str) -> Response {
        let rendered = panic::catch_unwind(AssertUnwindSafe(|| error.into_response(context, id, &self.site)));
        rendered.unwrap_or_else(|_| {
            let text = format!("Something went wrong on our side. Tell the operator this reference: {id}\n");
            Response::builder()
                .status(StatusCode::INTERNAL_SERVER_ERROR)
                .content_type("text/plain; charset=utf-8")
                .body(text)
        })
    }

    fn add_headers(&self, headers: &mut HeaderMap, id: &str, theme: &Theme) {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        // The gallery sets its own, to frame pages.
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
    async fn a_timed_out_change_has_an_unknown_outcome() {
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
    #[expect(clippy::panic, reason = "the panic is under test")]
    async fn a_panic_is_a_500_without_details() {
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
