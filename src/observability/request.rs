//! What is observed of a request, from its arrival to its answer: a line in the log, a count, a span.

use std::{
    sync::{Arc, LazyLock, OnceLock},
    time::Instant,
};

use hyper::{Method, StatusCode};
use opentelemetry::KeyValue;
use prometheus::{HistogramVec, IntCounterVec, IntGauge};
use tracing::field;

use super::{metrics, trace};

/// Upper limits in seconds: pages take milliseconds, hashes up to `HASH_QUEUE_SECONDS` more.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Requests by route and status; 499: the client left before its answer.";
    metrics::counters("vestibule_http_requests_total", help, &["method", "route", "status"])
});
static DURATION: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Time from the head of a request to the head of its answer.";
    metrics::histograms("vestibule_http_request_duration_seconds", help, &BUCKETS, &["method", "route"])
});
static IN_FLIGHT: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge("vestibule_http_requests_in_flight", "Requests in flight."));

pub(super) fn register_metrics() {
    LazyLock::force(&REQUESTS);
    LazyLock::force(&DURATION);
    LazyLock::force(&IN_FLIGHT);
}

/// What stands for the route where none was found.
const NO_ROUTE: &str = "none";
/// What stands for the status where the client left before there was one; nginx has it so.
const CLIENT_LEFT: &str = "499";

/// The template of the address that a request is for, once it is found. Paths themselves may hold what must not stand in a
/// log.
#[derive(Debug, Clone, Default)]
pub struct Route(Arc<OnceLock<Arc<str>>>);

impl Route {
    pub fn set(&self, template: &Arc<str>) {
        let _ = self.0.set(Arc::clone(template));
        tracing::Span::current().record("route", &**template);
    }
}

/// A request that is being answered. Dropped without an answer, its client has left; or the service, when it must stop.
#[derive(Debug)]
pub struct Observed {
    started: Instant,
    method: &'static str,
    route: Route,
    /// Asked for every few seconds by machines, and not worth a line each time.
    is_health_check: bool,
    is_answered: bool,
    log: tracing::Span,
    span: trace::Span,
}

impl Observed {
    #[must_use]
    pub fn begin(method: &Method, id: &str, scheme: &str, is_health_check: bool) -> Self {
        IN_FLIGHT.inc();
        let method = known(method);
        let span = trace::Span::request(method, scheme, id);
        // At the highest level, so that its id stands on every line whatever `LOG_LEVEL` lets pass.
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

    /// For whoever finds the route.
    #[must_use]
    pub fn route(&self) -> Route {
        self.route.clone()
    }

    /// The span of the log lines.
    #[must_use]
    pub fn log(&self) -> tracing::Span {
        self.log.clone()
    }

    /// The span of the trace.
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
        self.end(CLIENT_LEFT);
    }
}

/// Clients may make methods up, of any length.
fn known(method: &Method) -> &'static str {
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
        // As OpenTelemetry's conventions have it.
        _ => "_OTHER",
    }
}
