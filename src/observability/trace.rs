//! OpenTelemetry spans: a tree of the work for a request, with durations.
//!
//! `tracing` spans are separate: they only add the request to log lines. A trace begins with a request; background
//! tasks are not traced. Attributes follow OpenTelemetry's semantic conventions and hold constants, route templates and
//! numbers, never client input.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::SdkTracer;

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

pub(super) fn start(tracer: SdkTracer) {
    // The first tracer stays.
    let _ = TRACER.set(tracer);
}

/// A span that ends when dropped; empty if nothing is traced.
#[derive(Debug)]
pub struct Span(Option<Context>);

impl Span {
    const NONE: Self = Self(None);

    /// The root span of a request. Trace ids of clients are ignored.
    pub(super) fn request(method: &'static str, scheme: &str, id: &str) -> Self {
        let Some(tracer) = TRACER.get() else { return Self::NONE };
        let attributes = [
            KeyValue::new("http.request.method", method),
            KeyValue::new("url.scheme", scheme.to_owned()),
            KeyValue::new("vestibule.request_id", id.to_owned()),
        ];
        let span = tracer
            .span_builder(method)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes)
            .start_with_context(tracer, &Context::new());
        Self(Some(Context::new().with_span(span)))
    }

    /// A child of the current span.
    #[must_use]
    pub fn begin(name: &'static str) -> Self {
        Self::begin_as(name, SpanKind::Internal, [])
    }

    /// A database call; `system`: `db.system.name` of the conventions.
    #[must_use]
    pub fn database(system: &'static str) -> Self {
        Self::begin_as(system, SpanKind::Client, [KeyValue::new("db.system.name", system)])
    }

    fn begin_as<const N: usize>(name: &'static str, kind: SpanKind, attributes: [KeyValue; N]) -> Self {
        let Some(tracer) = TRACER.get() else { return Self::NONE };
        let parent = Context::current();
        if !parent.span().span_context().is_valid() {
            return Self::NONE;
        }
        let span =
            tracer.span_builder(name).with_kind(kind).with_attributes(attributes).start_with_context(tracer, &parent);
        Self(Some(parent.with_span(span)))
    }

    /// Runs a future in this span.
    pub async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.0 {
            Some(context) => work.with_context(context.clone()).await,
            None => work.await,
        }
    }

    /// Sets the outcome, a constant, and whether it is a failure of the service.
    pub fn set_outcome(&self, outcome: &'static str, is_fault: bool) {
        self.add(KeyValue::new("vestibule.outcome", outcome));
        if is_fault {
            self.fail();
        }
    }

    pub(super) fn add(&self, attribute: KeyValue) {
        if let Some(context) = &self.0 {
            context.span().set_attribute(attribute);
        }
    }

    /// The route of a request, once it is known.
    pub(super) fn set_route(&self, method: &str, route: &str) {
        if let Some(context) = &self.0 {
            context.span().update_name(format!("{method} {route}"));
            context.span().set_attribute(KeyValue::new("http.route", route.to_owned()));
        }
    }

    /// Marks a failure of the service.
    pub(super) fn fail(&self) {
        if let Some(context) = &self.0 {
            context.span().set_status(Status::error(""));
        }
    }

    /// The trace id in hexadecimal, if sampled.
    pub(super) fn trace_id(&self) -> Option<String> {
        let context = self.0.as_ref()?.span().span_context().clone();
        context.is_sampled().then(|| context.trace_id().to_string())
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(context) = &self.0 {
            context.span().end();
        }
    }
}

/// Records a finished child of the current span; `ended`: time since its end.
pub(crate) fn record(name: &'static str, ended: Duration, took: Duration) {
    let Some(tracer) = TRACER.get() else { return };
    let parent = Context::current();
    if !parent.span().span_context().is_valid() {
        return;
    }
    let end = SystemTime::now().checked_sub(ended).unwrap_or(SystemTime::UNIX_EPOCH);
    let start = end.checked_sub(took).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut span = tracer.span_builder(name).with_start_time(start).start_with_context(tracer, &parent);
    opentelemetry::trace::Span::end_with_timestamp(&mut span, end);
}

/// Continues the current span in a future that may run in another task.
pub(crate) fn continued<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    work.with_context(Context::current())
}

/// Runs a future in a new child of the current span.
pub(crate) async fn part<T>(name: &'static str, work: impl Future<Output = T>) -> T {
    let span = Span::begin(name);
    span.around(work).await
}
