//! The outermost layer: every request gets an id and a log line, every answer the security headers, and every error and
//! panic a face.

use std::{panic::AssertUnwindSafe, sync::LazyLock, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::FutureExt as _;
use poem::{
    Endpoint, IntoResponse as _, Request, Response,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use sha2::{Digest as _, Sha256};
use tracing::{Instrument as _, field};

use super::{compression, error::AppError, face::Face};
use crate::{app::Site, views::assets};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing loads but our own files, the one inline style sheet (by its hash), and our own form target.
static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(assets::STYLESHEET.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
});

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
}

impl<E> Edge<E> {
    pub fn new(inner: E, site: Site) -> Self {
        Self { inner, site }
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let id = format!("{:032x}", rand::random::<u128>());
        let face = Face::of(&request);
        let wants_gzip = compression::accepts(request.headers(), "gzip");
        let is_health_check = matches!(request.uri().path(), "/healthz" | "/readyz");
        // At the highest level, so that its id stands on every line whatever `LOG_LEVEL` lets pass.
        let span = tracing::error_span!("request", request_id = id, method = %request.method(), route = field::Empty);

        async {
            let mut response = match AssertUnwindSafe(self.inner.call(request)).catch_unwind().await {
                Ok(Ok(response)) => response.into_response(),
                Ok(Err(error)) => AppError::from(error).into_response(face, &id, &self.site),
                // The panic's own words are in the log by now (telemetry.rs).
                Err(_) => AppError::Fault("panic".into()).into_response(face, &id, &self.site),
            };
            if wants_gzip {
                response = compression::gzip(response).await;
            }
            self.add_headers(response.headers_mut(), &id);

            let status = response.status().as_u16();
            let ms = started.elapsed().as_millis();
            if is_health_check {
                tracing::debug!(status, ms, "answered");
            } else {
                tracing::info!(status, ms, "answered");
            }
            Ok(response)
        }
        .instrument(span)
        .await
    }
}

impl<E> Edge<E> {
    fn add_headers(&self, headers: &mut HeaderMap, id: &str) {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        for (name, value) in HEADERS {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        if let Ok(policy) = HeaderValue::from_str(&CONTENT_SECURITY_POLICY) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
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
    use poem::{endpoint::make_sync, http::StatusCode};
    use serde_json::{Value, json};
    use url::Url;

    use super::*;
    use crate::config::Environment;

    #[tokio::test]
    #[expect(clippy::panic, reason = "it is what this is about")]
    async fn a_panic_is_an_answer_that_says_nothing_of_itself() {
        let public_url: Url = "http://127.0.0.1:1/".parse().expect("a URL");
        let site = Site { public_url, configured_url: None, environment: Environment::Local };
        let edge = Edge::new(make_sync(|_| -> Response { panic!("secret words") }), site);

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
        assert!(response.header("content-security-policy").is_some());
        let page = response.into_body().into_string().await.expect("a page");
        assert!(page.contains(&id) && page.contains("Something went wrong on our side") && !page.contains("secret"));
    }
}
