//! Metrics of connections.

use std::sync::LazyLock;

use prometheus::{IntCounter, IntGauge};

use crate::observability::metrics::{counter, gauge};

static ACCEPTED: LazyLock<IntCounter> =
    LazyLock::new(|| counter("vestibule_connections_total", "Accepted connections."));
static OPEN: LazyLock<IntGauge> = LazyLock::new(|| gauge("vestibule_connections_open", "Open connections."));

pub fn register() {
    LazyLock::force(&ACCEPTED);
    LazyLock::force(&OPEN);
}

/// Counts a connection as open until dropped.
#[derive(Debug)]
pub(super) struct OpenConnection(());

impl OpenConnection {
    pub(super) fn begin() -> Self {
        ACCEPTED.inc();
        OPEN.inc();
        Self(())
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        OPEN.dec();
    }
}
