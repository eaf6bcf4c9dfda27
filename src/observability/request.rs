//! Observation of a request, from arrival to response: log line, metrics, span.

use std::{
    sync::{Arc, LazyLock, OnceLock},
    time::Instant,
};

use hyper::{Method, StatusCode};
use opentelemetry::KeyValue;
use prometheus::{HistogramVec, IntCounterVec, IntGauge};
use tracing::field;

use super::{metrics, trace};

/// Upper bounds in seconds: pages take milliseconds, hashes up to `HASH_QUEUE_SECONDS` more.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Requests by route and status; 499: the client disconnected before the response.";
    metrics::counters("vestibule_http_requests_total", help, &["method", "route", "status"])
});
static DURATION: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Time from request head to response head.";
    metrics::histograms("vestibule_http_request_duration_seconds", help, &BUCKETS, &["method", "route"])
});
static IN_FLIGHT: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge("vestibule_http_requests_in_flight", "Requests in flight."));

pub(super) fn register_metrics() {
    LazyLock::force(&REQUESTS);
    LazyLock::force(&DURATION);
    LazyLock::force(&IN_FLIGHT);
}

/// Label of unmatched routes.
const NO_ROUTE: &str = "none";
/// Status if the client disconnects before the response, as in nginx.
const CLIENT_DISCONNECTED: &str = "499";

/// Route template of a request, once matched. Paths may contain secrets, which must not be logged.
#[derive(Debug, Clone, Default)]
pub struct Route(Arc<OnceLock<Arc<str>>>);

impl Route {
    pub fn set(&self, template: &Arc<str>) {
        let _ = self.0.set(Arc::clone(template));
        tracing::Span::current().record("route", &**template);
    }
}

/// A request in flight. Dropped unanswered: its client disconnected, or the service stopped.
#[derive(Debug)]
pub struct Observed {
    started: Instant,
    method: &'static str,
    route: Route,
    /// Sent every few seconds by probes: logged at `debug`.
    is_health_check: bool,
    is_answered: bool,
    log: tracing::Span,
    span: trace::Span,
}

impl Observed {
    #[must_use]
    pub fn begin(method: &Method, id: &str, scheme: &str, is_health_check: bool) -> Self {
        IN_FLIGHT.inc();
        let method = method_label(method);
        let span = trace::Span::request(method, scheme, id);
        // At the highest level, so that every line has the request id at any `LOG_LEVEL`.
        let log = tracing::error_span!(
            "request",
            request_id = id,
            method,
            route = field::Empty,
            trace_id = span.trace_id().map(field::display)
        );
        let started = Instant::now();
        Self { started, method, route: Route::default(), is_health_check, is_answered: false, log, span }
    }

    /// For the router to set.
    #[must_use]
    pub fn route(&self) -> Route {
        self.route.clone()
    }

    /// The `tracing` span.
    #[must_use]
    pub fn log(&self) -> tracing::Span {
        self.log.clone()
    }

    /// The OpenTelemetry span.
    #[must_use]
    pub fn span(&self) -> &trace::Span {
        &self.span
    }

    pub fn answered(mut self, status: StatusCode) {
        self.is_answered = true;
        let ms = self.started.elapsed().as_millis();
        let code = status.as_u16();
        self.log.in_scope(|| {
            if self.is_health_check {
                tracing::debug!(status = code, ms, "answered");
            } else {
                tracing::info!(status = code, ms, "answered");
            }
        });
        self.span.add(KeyValue::new("http.response.status_code", i64::from(code)));
        if status.is_server_error() {
            self.span.add(KeyValue::new("error.type", status.as_str().to_owned()));
            self.span.fail();
        }
        self.end(status.as_str());
    }

    fn end(&self, status: &str) {
        let route = self.route.0.get();
        if let Some(route) = route {
            self.span.set_route(self.method, route);
        }
        let route = route.map_or(NO_ROUTE, |route| route);
        IN_FLIGHT.dec();
        REQUESTS.with_label_values(&[self.method, route, status]).inc();
        DURATION.with_label_values(&[self.method, route]).observe(self.started.elapsed().as_secs_f64());
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let ms = self.started.elapsed().as_millis();
        self.log.in_scope(|| tracing::info!(ms, "ended without an answer"));
        self.span.add(KeyValue::new("error.type", "client_left"));
        self.end(CLIENT_DISCONNECTED);
    }
}

/// Bounded label values: clients may send any method.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        // By OpenTelemetry's semantic conventions.
        _ => "_OTHER",
    }
}
