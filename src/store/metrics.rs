//! Metrics of database connections: wait, use, and the pool, which is read at each scrape.

use std::{sync::LazyLock, time::Instant};

use prometheus::{Histogram, proto::MetricFamily};

use crate::observability::{
    families::{gauge, gauges},
    metrics, trace,
};

/// Upper bounds in seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

static WAIT: LazyLock<Histogram> = LazyLock::new(|| {
    metrics::histogram("vestibule_database_wait_seconds", "Time waited for a database connection.", &BUCKETS)
});
static WORK: LazyLock<Histogram> = LazyLock::new(|| {
    metrics::histogram("vestibule_database_work_seconds", "Time a database connection was held.", &BUCKETS)
});

/// Registers the metrics.
pub fn register_metrics() {
    LazyLock::force(&WAIT);
    LazyLock::force(&WORK);
}

/// Pool state, in connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolReport {
    pub open: u32,
    /// Of these, not in use.
    pub idle: u32,
    pub most: u32,
}

impl PoolReport {
    #[must_use]
    pub fn families(self) -> Vec<MetricFamily> {
        let states = [("idle", f64::from(self.idle)), ("in_use", f64::from(self.open.saturating_sub(self.idle)))];
        vec![
            gauges("vestibule_database_connections", "Database connections by state.", "state", &states),
            gauge("vestibule_database_connections_max", "Maximum database connections.", f64::from(self.most)),
        ]
    }
}

/// A wait for a connection, recorded when dropped.
pub(super) struct ConnectionWait {
    began: Instant,
    _span: trace::Span,
}

impl ConnectionWait {
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), _span: trace::Span::begin("connection wait") }
    }
}

impl Drop for ConnectionWait {
    fn drop(&mut self) {
        WAIT.observe(self.began.elapsed().as_secs_f64());
    }
}

/// Runs `work` and records how long it held its connection.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    WORK.observe(started.elapsed().as_secs_f64());
    done
}
