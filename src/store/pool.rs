//! The connections of the moment. When the database falls silent or goes away they are given up together, and others
//! take their place; see [`Database`](super::Database).

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

/// Connections that were opened since the database was last found in order.
pub(super) struct PoolEpoch {
    pool: r2d2::Pool<Manager>,
    /// So that waiting for a connection is async and blocks no thread. Where the pool has more than one, one is kept
    /// for [`Database::check`](super::Database::check): being busy is not being broken. Closed once this is given up.
    pub permits: Arc<Semaphore>,
    /// One check at a time: each takes a thread, and anybody may ask.
    pub checks: Arc<Semaphore>,
    is_retired: Arc<AtomicBool>,
}

impl PoolEpoch {
    /// `first` is a connection that was just found in order.
    pub fn new(
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
            // Opened when they are needed: an epoch that is given up must not open more.
            .min_idle(Some(0))
            .connection_timeout(wait)
            .error_handler(Box::new(LogErrors))
            .build_unchecked(manager);
        let permits = Arc::new(Semaphore::new((max_connections as usize - 1).max(1)));
        Self { pool, permits, checks: Arc::new(Semaphore::new(1)), is_retired }
    }

    /// # Errors
    /// None could be had in this time.
    pub fn connection(&self, wait: Duration) -> Result<r2d2::PooledConnection<Manager>, StoreError> {
        self.pool.get_timeout(wait).map_err(|error| StoreError::unavailable(&error))
    }

    /// Whether it has no connection, neither idle nor in use.
    pub fn is_empty(&self) -> bool {
        self.pool.state().connections == 0
    }

    /// Lets nobody in any more. What is in use is closed when it comes back.
    pub fn retire(&self) {
        self.permits.close();
        self.checks.close();
        self.is_retired.store(true, Ordering::SeqCst);
    }

    /// Closes what is idle, which may block.
    pub fn close_idle(&self) {
        // A retired connection is never found valid: this takes them all.
        drop(self.pool.try_get());
    }

    pub fn state(&self) -> r2d2::State {
        self.pool.state()
    }
}

/// Opens connections for the pool and throws broken ones away.
pub(super) struct Manager {
    url: DatabaseUrl,
    /// The place of the server that answered last.
    server: Arc<AtomicUsize>,
    first: Mutex<Option<AnyConnection>>,
    is_retired: Arc<AtomicBool>,
}

impl Manager {
    fn refuse_if_retired(&self) -> Result<(), StoreError> {
        if self.is_retired.load(Ordering::SeqCst) { Err(StoreError::away(&"given up")) } else { Ok(()) }
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

/// r2d2 writes to the `log` crate by default, at `error`, for each of its attempts, and it makes many. That the database
/// is away, and back, is said once by [`Database`](super::Database).
#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<StoreError> for LogErrors {
    fn handle_error(&self, error: StoreError) {
        tracing::debug!(%error, "a database connection is not in order");
    }
}

/// What is known of a database that is away.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub at: Instant,
    pub cause: String,
}

impl Failure {
    pub fn new(cause: &dyn Display) -> Self {
        Self { at: Instant::now(), cause: cause.to_string() }
    }
}
