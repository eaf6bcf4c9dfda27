//! Spans for OpenTelemetry: a tree of what was done for a request, and how long each part took.
//!
//! The spans of the log (`tracing`) are others: there each line names its request and nothing more. A trace begins with a
//! request; what is done beside requests is not traced. Attributes follow OpenTelemetry's semantic conventions, and hold
//! words of this program, templates of routes and numbers, never what somebody sent.

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
    // Started twice, the first one goes on.
    let _ = TRACER.set(tracer);
}

/// A part of a trace that ends when it is dropped. Of nothing where nothing is traced.
#[derive(Debug)]
pub struct Span(Option<Context>);

impl Span {
    const NONE: Self = Self(None);

    /// The beginning of a trace. Which one, is never a client's to say.
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

    /// A part of what is traced just now.
    #[must_use]
    pub fn begin(name: &'static str) -> Self {
        Self::begin_as(name, SpanKind::Internal, [])
    }

    /// A call to a database of this kind, as the conventions name it.
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

    /// What is done in this future is a part of it.
    pub async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.0 {
            Some(context) => work.with_context(context.clone()).await,
            None => work.await,
        }
    }

    /// Sets the outcome, a word of the program, and whether it is a fault of the service.
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

    /// It failed by a fault of ours.
    pub(super) fn fail(&self) {
        if let Some(context) = &self.0 {
            context.span().set_status(Status::error(""));
        }
    }

    /// The trace's id in hexadecimal digits, where it is sent to somebody.
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

/// A part of what is traced just now that is over: it ended so long ago, and took so long.
pub fn record(name: &'static str, ended: Duration, took: Duration) {
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

/// What is traced just now goes on in this future, whichever task it runs in.
pub fn continued<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    work.with_context(Context::current())
}

/// Does this as a part of what is traced just now.
pub async fn part<T>(name: &'static str, work: impl Future<Output = T>) -> T {
    let span = Span::begin(name);
    span.around(work).await
}
