//! Everything that speaks to the database.
//!
//! [`Database`] hands out connections off the async threads and in bounded time; each table has a file of its own.

pub mod audit;
pub mod claims;
mod conflict;
mod connection;
mod error;
pub mod mail_tokens;
pub mod migrations;
mod observed;
pub mod outbox;
pub mod rate_limits;
pub mod schema;
pub mod secrets;
pub mod sessions;
pub mod users;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task, time,
};

pub use connection::{AnyConnection, DatabaseUrl, connect, prepare_file};
pub use error::{InsertError, StoreError};
use observed::ConnectionWait;
pub use observed::PoolReport;

use crate::observability::trace::Span;

/// Longest wait for a connection to PostgreSQL.
const POOL_WAIT: Duration = Duration::from_secs(2);
/// The same for SQLite, where waiting for another writer is the ordinary case: as long as SQLite itself waits.
const SQLITE_POOL_WAIT: Duration = Duration::from_secs(5);
/// Even after a long wait for its turn, a caller may open a new connection.
const LEAST_POOL_WAIT: Duration = Duration::from_millis(200);
/// Longest time from having a connection to an answer. Above every limit inside (locks, statements), so it ends
/// only the waiting for a server that has stopped answering.
const WORK_WAIT: Duration = Duration::from_secs(7);

/// The database behind a pool of connections. Clones share the pool.
#[derive(Clone)]
pub struct Database {
    pool: r2d2::Pool<connection::Manager>,
    /// So that waiting for a connection is async and blocks no thread. Where the pool has more than one, one is kept
    /// for [`Database::check`]: being busy is not being broken.
    permits: Arc<Semaphore>,
    max_wait: Duration,
    /// As OpenTelemetry's conventions name it.
    system: &'static str,
    /// One check at a time: each takes a thread, and anybody may ask.
    checking: Arc<Semaphore>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("state", &self.pool.state()).finish_non_exhaustive()
    }
}

impl Database {
    /// Builds the pool: one connection now, the others when they are needed.
    ///
    /// # Errors
    /// The first connection could not be had within two seconds.
    pub fn open(url: DatabaseUrl, max_connections: u32) -> Result<Self, StoreError> {
        let (max_wait, system) = match url {
            DatabaseUrl::Postgres(_) => (POOL_WAIT, "postgresql"),
            DatabaseUrl::Sqlite(_) => (SQLITE_POOL_WAIT, "sqlite"),
        };
        let pool = r2d2::Pool::builder()
            .max_size(max_connections)
            .min_idle(Some(1))
            .connection_timeout(POOL_WAIT)
            .error_handler(Box::new(LogErrors))
            .build(connection::Manager(url))
            .map_err(|error| StoreError::unavailable(&error))?;
        let permits = (max_connections as usize - 1).max(1);
        let (permits, checking) = (Arc::new(Semaphore::new(permits)), Arc::new(Semaphore::new(1)));
        Ok(Self { pool, permits, max_wait, system, checking })
    }

    /// Runs `work` with a connection, on a thread that may block.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Unavailable`] when no connection could be had in time.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = Span::database(self.system);
        span.around(async {
            let waiting = ConnectionWait::begin();
            let deadline = Instant::now() + self.max_wait;
            let permit = Self::acquire(&self.permits, deadline).await?;
            self.run_now(work, deadline, waiting, permit).await
        })
        .await
    }

    async fn acquire(semaphore: &Arc<Semaphore>, deadline: Instant) -> Result<OwnedSemaphorePermit, StoreError> {
        time::timeout_at(deadline.into(), Arc::clone(semaphore).acquire_owned())
            .await
            .map_err(|_| StoreError::Unavailable("every connection is in use".into()))?
            .map_err(|error| StoreError::fault(&error))
    }

    /// `kept` is dropped when the work has ended, which may be after the caller has given up.
    async fn run_now<T, E, F, K>(&self, work: F, deadline: Instant, waiting: ConnectionWait, kept: K) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        K: Send + 'static,
    {
        let pool = self.pool.clone();
        let span = tracing::Span::current();
        let working = task::spawn_blocking(move || {
            let _kept = kept;
            let _entered = span.enter();
            let wait = deadline.saturating_duration_since(Instant::now()).max(LEAST_POOL_WAIT);
            let connection = pool.get_timeout(wait);
            drop(waiting);
            let mut connection = connection.map_err(|error| StoreError::unavailable(&error))?;
            observed::timed(|| work(&mut connection))
        });
        let silent = || StoreError::Uncertain("the database has stopped answering".into());
        let latest = deadline.max(Instant::now() + LEAST_POOL_WAIT) + WORK_WAIT;
        time::timeout_at(latest.into(), working)
            .await
            .map_err(|_| silent())?
            .map_err(|error| StoreError::fault(&error))?
    }

    /// Runs `work` in a transaction that may write; see [`AnyConnection::write_transaction`].
    ///
    /// # Errors
    /// As [`Database::run`].
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(|connection| connection.write_transaction(work)).await
    }

    /// Whether the database answers and stands at the version this program was built for.
    ///
    /// # Errors
    /// [`StoreError`] with the reason.
    pub async fn check(&self) -> Result<(), StoreError> {
        let deadline = Instant::now() + POOL_WAIT;
        let waiting = ConnectionWait::begin();
        let turn = Self::acquire(&self.checking, deadline).await?;
        self.run_now(migrations::check, deadline, waiting, turn).await
    }

    /// The pool as it stands.
    #[must_use]
    pub fn report(&self) -> PoolReport {
        let state = self.pool.state();
        PoolReport { open: state.connections, idle: state.idle_connections, most: self.pool.max_size() }
    }
}

/// r2d2 writes to the `log` crate by default, at `error`, for each of its attempts.
#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<StoreError> for LogErrors {
    fn handle_error(&self, error: StoreError) {
        tracing::warn!(%error, "a database connection could not be opened");
    }
}
