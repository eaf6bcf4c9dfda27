//! Pool epochs: the connections of one epoch are abandoned together when one times out or the server is unreachable;
//! see [`Database`](super::Database).

use std::{
    fmt::Display,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::r2d2::R2D2Connection as _;
use tokio::sync::Semaphore;

use super::{AnyConnection, DatabaseUrl, StoreError, connection::connect_from};

/// Connections opened since the last successful probe.
pub(super) struct PoolEpoch {
    pool: r2d2::Pool<Manager>,
    /// Makes the wait for a connection async. Of several connections one is reserved for
    /// [`Database::check`](super::Database::check): a busy database is ready. Closed when the epoch is retired.
    pub permits: Arc<Semaphore>,
    /// One check at a time: each needs a thread, and any client may request one.
    pub checks: Arc<Semaphore>,
    is_retired: Arc<AtomicBool>,
}

impl PoolEpoch {
    /// `first`: the connection opened by the probe.
    pub(super) fn new(
        url: DatabaseUrl,
        server: Arc<AtomicUsize>,
        max_connections: u32,
        wait: Duration,
        first: AnyConnection,
    ) -> Self {
        let is_retired = Arc::new(AtomicBool::new(false));
        let manager = Manager { url, server, first: Mutex::new(Some(first)), is_retired: Arc::clone(&is_retired) };
        let pool = r2d2::Pool::builder()
            .max_size(max_connections)
            // Opened on demand: a retired epoch must not open more.
            .min_idle(Some(0))
            .connection_timeout(wait)
            .error_handler(Box::new(LogErrors))
            .build_unchecked(manager);
        let permits = Arc::new(Semaphore::new((max_connections as usize - 1).max(1)));
        Self { pool, permits, checks: Arc::new(Semaphore::new(1)), is_retired }
    }

    /// # Errors
    /// Timeout, or the connection failed.
    pub(super) fn connection(&self, wait: Duration) -> Result<r2d2::PooledConnection<Manager>, StoreError> {
        self.pool.get_timeout(wait).map_err(|error| StoreError::unavailable(&error))
    }

    /// Whether it has no connection, neither idle nor in use.
    pub(super) fn is_empty(&self) -> bool {
        self.pool.state().connections == 0
    }

    /// Refuses further requests. Connections in use are closed on return.
    pub(super) fn retire(&self) {
        self.permits.close();
        self.checks.close();
        self.is_retired.store(true, Ordering::SeqCst);
    }

    /// Closes idle connections, which may block.
    pub(super) fn close_idle(&self) {
        // No connection of a retired epoch is valid, so r2d2 drops all.
        drop(self.pool.try_get());
    }

    pub(super) fn state(&self) -> r2d2::State {
        self.pool.state()
    }
}

/// Opens connections for the pool and drops broken ones.
pub(super) struct Manager {
    url: DatabaseUrl,
    /// Index of the server that connected last.
    server: Arc<AtomicUsize>,
    first: Mutex<Option<AnyConnection>>,
    is_retired: Arc<AtomicBool>,
}

impl Manager {
    fn refuse_if_retired(&self) -> Result<(), StoreError> {
        if self.is_retired.load(Ordering::SeqCst) {
            Err(StoreError::not_connected(&"pool epoch retired"))
        } else {
            Ok(())
        }
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        self.refuse_if_retired()?;
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        first.map_or_else(|| connect_from(&self.url, &self.server), Ok)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        self.refuse_if_retired()?;
        connection.check()
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || self.is_retired.load(Ordering::SeqCst) || connection.is_broken()
    }
}

/// By default r2d2 logs each of its many attempts at `error`. [`Database`](super::Database) logs only that the database
/// is unavailable, and available again.
#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<StoreError> for LogErrors {
    fn handle_error(&self, error: StoreError) {
        tracing::debug!(%error, "database connection failed");
    }
}

/// A failed probe.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub at: Instant,
    pub cause: String,
}

impl Failure {
    pub(super) fn new(cause: &dyn Display) -> Self {
        Self { at: Instant::now(), cause: cause.to_string() }
    }
}
