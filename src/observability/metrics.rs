//! What is counted as it happens. Names and labels follow Prometheus' conventions; the values of labels are words of this
//! program, so that there are only so many.

use std::{sync::OnceLock, time::Duration};

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, core::Collector,
    proto::MetricFamily,
};
use strum::{IntoStaticStr, VariantArray};

/// What came of a sign-up or a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    Succeeded,
    /// It is not told whether the address had an account.
    Concealed,
    /// The address or the username belongs to somebody.
    Taken,
    /// A rule for what is sent was broken.
    Invalid,
    /// The credentials were wrong, or their account may not be used.
    Refused,
    /// There were too many attempts before.
    Limited,
    /// It looked like a program's, and has to show that it is not; see docs/bots.md.
    Challenged,
    /// No thread or no connection could be had in time.
    Unavailable,
    /// A fault of ours.
    Failed,
}

impl Outcome {
    const OF_SIGN_UPS: [Self; 8] = [
        Self::Succeeded,
        Self::Concealed,
        Self::Taken,
        Self::Invalid,
        Self::Limited,
        Self::Challenged,
        Self::Unavailable,
        Self::Failed,
    ];
    const OF_LOGINS: [Self; 6] =
        [Self::Succeeded, Self::Invalid, Self::Refused, Self::Limited, Self::Unavailable, Self::Failed];

    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What became of a mail that was taken out of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum MailOutcome {
    Sent,
    /// It failed and is tried again.
    Postponed,
    /// It failed for good.
    GivenUp,
    /// Nobody is to have it any more, or there were enough.
    Dropped,
}

/// Upper limits of how long requests take, in seconds: pages take milliseconds, hashes up to `HASH_QUEUE_SECONDS` more.
const REQUEST_BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The same for the database.
const DATABASE_BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// What became of a batch of spans.
const EXPORTED: &str = "sent";
const NOT_EXPORTED: &str = "failed";

static METRICS: OnceLock<Metrics> = OnceLock::new();

struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_duration: HistogramVec,
    requests_in_flight: IntGauge,
    connections: IntCounter,
    connections_open: IntGauge,
    sign_ups: IntCounterVec,
    logins: IntCounterVec,
    mails: IntCounterVec,
    rate_limit_refusals: IntCounterVec,
    database_wait: Histogram,
    database_work: Histogram,
    trace_exports: IntCounterVec,
    panics: IntCounter,
}

impl Metrics {
    fn new() -> prometheus::Result<Self> {
        let counters = |name, help, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels);
        let histogram = |name, help, buckets: &[f64]| HistogramOpts::new(name, help).buckets(buckets.to_vec());
        let build = Opts::new("vestibule_build_info", "Always 1; the version is a label.")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        let build = IntGauge::with_opts(build)?;
        build.set(1);
        let metrics = Self {
            registry: Registry::new(),
            requests: counters(
                "vestibule_http_requests_total",
                "Requests by route and status; 499: the client left before its answer.",
                &["method", "route", "status"],
            )?,
            request_duration: HistogramVec::new(
                histogram(
                    "vestibule_http_request_duration_seconds",
                    "Time from a request's head to its answer's head.",
                    &REQUEST_BUCKETS,
                ),
                &["method", "route"],
            )?,
            requests_in_flight: IntGauge::new(
                "vestibule_http_requests_in_flight",
                "Requests that are being answered now.",
            )?,
            connections: IntCounter::new("vestibule_connections_total", "Connections of clients that were accepted.")?,
            connections_open: IntGauge::new("vestibule_connections_open", "Connections of clients that are open now.")?,
            sign_ups: counters("vestibule_sign_ups_total", "Sign-ups by what came of them.", &["outcome"])?,
            logins: counters("vestibule_logins_total", "Logins by what came of them.", &["outcome"])?,
            mails: counters(
                "vestibule_mails_total",
                "Mails that were taken out of the outbox, by what became of them.",
                &["outcome"],
            )?,
            rate_limit_refusals: counters(
                "vestibule_rate_limit_refusals_total",
                "What was refused as one too many, by the rule that was broken.",
                &["rule"],
            )?,
            database_wait: Histogram::with_opts(histogram(
                "vestibule_database_wait_seconds",
                "Time for which a connection to the database was waited for.",
                &DATABASE_BUCKETS,
            ))?,
            database_work: Histogram::with_opts(histogram(
                "vestibule_database_work_seconds",
                "Time for which a connection to the database was held.",
                &DATABASE_BUCKETS,
            ))?,
            trace_exports: counters(
                "vestibule_trace_exports_total",
                "Batches of spans by whether the collector took them.",
                &["outcome"],
            )?,
            panics: IntCounter::new("vestibule_panics_total", "Panics; each is a fault in the program.")?,
        };
        let all: [Box<dyn Collector>; 14] = [
            Box::new(build),
            Box::new(metrics.requests.clone()),
            Box::new(metrics.request_duration.clone()),
            Box::new(metrics.requests_in_flight.clone()),
            Box::new(metrics.connections.clone()),
            Box::new(metrics.connections_open.clone()),
            Box::new(metrics.sign_ups.clone()),
            Box::new(metrics.logins.clone()),
            Box::new(metrics.mails.clone()),
            Box::new(metrics.rate_limit_refusals.clone()),
            Box::new(metrics.database_wait.clone()),
            Box::new(metrics.database_work.clone()),
            Box::new(metrics.trace_exports.clone()),
            Box::new(metrics.panics.clone()),
        ];
        for collector in all {
            metrics.registry.register(collector)?;
        }
        metrics.begin_at_zero();
        Ok(metrics)
    }

    /// What was not there before its first time has no rate.
    fn begin_at_zero(&self) {
        for outcome in Outcome::OF_SIGN_UPS {
            self.sign_ups.with_label_values(&[outcome.name()]);
        }
        for outcome in Outcome::OF_LOGINS {
            self.logins.with_label_values(&[outcome.name()]);
        }
        for outcome in MailOutcome::VARIANTS {
            self.mails.with_label_values(&[<&str>::from(*outcome)]);
        }
        for outcome in [EXPORTED, NOT_EXPORTED] {
            self.trace_exports.with_label_values(&[outcome]);
        }
    }
}

/// From now on everything is counted; before, nothing is.
pub(super) fn start() -> prometheus::Result<()> {
    let metrics = Metrics::new()?;
    // Started twice, the first ones go on.
    let _ = METRICS.set(metrics);
    Ok(())
}

/// Whether somebody may look.
#[must_use]
pub fn are_on() -> bool {
    METRICS.get().is_some()
}

pub(super) fn gather() -> Vec<MetricFamily> {
    METRICS.get().map(|metrics| metrics.registry.gather()).unwrap_or_default()
}

pub(super) fn request_began() {
    if let Some(metrics) = METRICS.get() {
        metrics.requests_in_flight.inc();
    }
}

pub(super) fn request_ended(method: &str, route: &str, status: &str, took: Duration) {
    if let Some(metrics) = METRICS.get() {
        metrics.requests_in_flight.dec();
        metrics.requests.with_label_values(&[method, route, status]).inc();
        metrics.request_duration.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }
}

/// A client's connection: open for as long as this is kept.
#[derive(Debug)]
pub struct OpenConnection(());

#[must_use]
pub fn connection_opened() -> OpenConnection {
    if let Some(metrics) = METRICS.get() {
        metrics.connections.inc();
        metrics.connections_open.inc();
    }
    OpenConnection(())
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        if let Some(metrics) = METRICS.get() {
            metrics.connections_open.dec();
        }
    }
}

pub fn signed_up(outcome: Outcome) {
    if let Some(metrics) = METRICS.get() {
        metrics.sign_ups.with_label_values(&[outcome.name()]).inc();
    }
}

pub fn logged_in(outcome: Outcome) {
    if let Some(metrics) = METRICS.get() {
        metrics.logins.with_label_values(&[outcome.name()]).inc();
    }
}

pub fn mail(outcome: MailOutcome) {
    if let Some(metrics) = METRICS.get() {
        metrics.mails.with_label_values(&[<&str>::from(outcome)]).inc();
    }
}

/// Something was refused as one too many; the rule's name is a word of the program.
pub fn rate_limited(rule: &'static str) {
    if let Some(metrics) = METRICS.get() {
        metrics.rate_limit_refusals.with_label_values(&[rule]).inc();
    }
}

/// A connection to the database was had after this wait, or waited for in vain.
pub fn database_waited(wait: Duration) {
    if let Some(metrics) = METRICS.get() {
        metrics.database_wait.observe(wait.as_secs_f64());
    }
}

/// And held for so long.
pub fn database_worked(time: Duration) {
    if let Some(metrics) = METRICS.get() {
        metrics.database_work.observe(time.as_secs_f64());
    }
}

pub(super) fn trace_export(is_taken: bool) {
    if let Some(metrics) = METRICS.get() {
        metrics.trace_exports.with_label_values(&[if is_taken { EXPORTED } else { NOT_EXPORTED }]).inc();
    }
}

pub(super) fn panicked() {
    if let Some(metrics) = METRICS.get() {
        metrics.panics.inc();
    }
}
