//! Everything that speaks to the database.
//!
//! [`Database`] hands out connections off the async threads and in bounded time; each table has a file of its own.

mod conflict;
mod connection;
mod error;
pub mod migrations;
pub mod schema;
pub mod secrets;
pub mod users;

use std::{fmt, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task, time};

pub use connection::{AnyConnection, DatabaseUrl, connect, prepare_file};
pub use error::{InsertError, StoreError};

/// Longest wait for a connection: first for a place in the pool's queue, then for the pool itself.
const POOL_WAIT: Duration = Duration::from_secs(2);

/// The database behind a pool of connections. Clones share the pool.
#[derive(Clone)]
pub struct Database {
    pool: r2d2::Pool<connection::Manager>,
    /// As many as the pool has connections, so that waiting for one is async and blocks no thread.
    permits: Arc<Semaphore>,
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
        let pool = r2d2::Pool::builder()
            .max_size(max_connections)
            .min_idle(Some(1))
            .connection_timeout(POOL_WAIT)
            .error_handler(Box::new(LogErrors))
            .build(connection::Manager(url))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { pool, permits: Arc::new(Semaphore::new(max_connections as usize)) })
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
        let permit = time::timeout(POOL_WAIT, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| StoreError::Unavailable("every connection is in use".into()))?
            .map_err(|error| StoreError::Fault(error.to_string()))?;
        let pool = self.pool.clone();
        let span = tracing::Span::current();
        task::spawn_blocking(move || {
            // Moved in: a caller who gives up frees the place only when the work has ended.
            let _permit = permit;
            let _entered = span.enter();
            let mut connection =
                pool.get_timeout(POOL_WAIT).map_err(|error| StoreError::Unavailable(error.to_string()))?;
            work(&mut connection)
        })
        .await
        .map_err(|error| StoreError::Fault(error.to_string()))?
    }

    /// Runs `work` in a transaction that may write; see [`AnyConnection::write_transaction`].
    ///
    /// # Errors
    /// As [`Database::run`].
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + From<diesel::result::Error> + Send + 'static,
    {
        self.run(|connection| connection.write_transaction(work)).await
    }

    /// Whether the database answers and stands at the version this program was built for.
    ///
    /// # Errors
    /// [`StoreError`] with the reason.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.run(migrations::check).await
    }
}

/// r2d2 writes to the `log` crate by default, at `error`, for each of its attempts.
#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<diesel::r2d2::Error> for LogErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "a database connection could not be opened");
    }
}
