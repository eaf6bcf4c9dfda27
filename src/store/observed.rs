//! What the operator sees of the connections.

use std::time::Instant;

use crate::observability::{metrics, trace};

/// The pool at one moment, in connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolReport {
    pub open: u32,
    /// Of these, those that nobody uses.
    pub idle: u32,
    pub most: u32,
}

/// Somebody waits for a connection until this is dropped.
pub struct ConnectionWait {
    began: Instant,
    _span: trace::Span,
}

impl ConnectionWait {
    pub fn begin() -> Self {
        Self { began: Instant::now(), _span: trace::Span::begin("connection wait") }
    }
}

impl Drop for ConnectionWait {
    fn drop(&mut self) {
        metrics::database_waited(self.began.elapsed());
    }
}

/// Does this, and counts how long it held its connection.
pub fn timed<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    metrics::database_worked(started.elapsed());
    done
}
