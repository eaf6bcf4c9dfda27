//! Metrics registry. Modules define their own metrics, by Prometheus' conventions; label values are constants, which
//! bounds the number of series.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    core::{Collector, Desc},
    proto::MetricFamily,
};

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

#[must_use]
pub(crate) fn counter(name: &str, help: &str) -> IntCounter {
    registered(IntCounter::new(name, help))
}

/// A counter for each value of these labels.
#[must_use]
pub(crate) fn counters(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    registered(IntCounterVec::new(Opts::new(name, help), labels))
}

#[must_use]
pub(crate) fn gauge(name: &str, help: &str) -> IntGauge {
    registered(IntGauge::new(name, help))
}

/// `buckets`: upper bounds in seconds.
#[must_use]
pub(crate) fn histogram(name: &str, help: &str, buckets: &[f64]) -> Histogram {
    registered(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())))
}

/// A histogram for each value of these labels.
#[must_use]
pub(crate) fn histograms(name: &str, help: &str, buckets: &[f64], labels: &[&str]) -> HistogramVec {
    registered(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
}

/// Registers metrics that are read at each scrape. `name`: of the group, not exposed.
pub(crate) fn register_reading(name: &str, read: impl Fn() -> Vec<MetricFamily> + Send + Sync + 'static) {
    let desc = Desc::new(name.to_owned(), name.to_owned(), Vec::new(), HashMap::new());
    registered(desc.map(|desc| Reading { desc, read: Arc::new(read) }));
}

/// Panics for an invalid name, which is a bug.
#[expect(clippy::expect_used, reason = "names are constants, and a test scrapes them all")]
fn registered<C: Collector + Clone + 'static>(metric: prometheus::Result<C>) -> C {
    let metric = metric.expect("a name and labels by Prometheus' rules");
    // The first registration stays (tests run two services in one process).
    let registered = REGISTRY.register(Box::new(metric.clone()));
    debug_assert!(matches!(registered, Ok(()) | Err(prometheus::Error::AlreadyReg)), "{registered:?}");
    metric
}

pub(super) fn gather() -> Vec<MetricFamily> {
    REGISTRY.gather()
}

/// Always 1; the version is a label.
pub(super) fn register_build() {
    let options = Opts::new("vestibule_build_info", "Always 1; the version is a label.");
    registered(IntGauge::with_opts(options.const_label("version", env!("CARGO_PKG_VERSION")))).set(1);
}

#[derive(Clone)]
struct Reading {
    desc: Desc,
    read: Arc<dyn Fn() -> Vec<MetricFamily> + Send + Sync>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("desc", &self.desc).finish_non_exhaustive()
    }
}

impl Collector for Reading {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        (self.read)()
    }
}
