//! The connection pool: bounded in time and in threads; reconnects by itself after an outage.

mod epochs;

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore, oneshot},
    task, time,
};

use super::{
    AnyConnection, DatabaseUrl, StoreError,
    batch::in_batches,
    connection::connect_from,
    deadline::{Decision, WaitLimits},
    metrics::{self, ConnectionWait, PoolReport},
    migrations,
    pool::{Failure, PoolEpoch},
};
use crate::observability::trace::Span;

/// Minimum time to open a connection after a long wait for a permit.
const LEAST_WAIT: Duration = Duration::from_millis(200);
/// SQLite's `busy_timeout` ends this long before the caller's timeout, so that the result is known.
const MARGIN: Duration = Duration::from_millis(200);
/// Thread limit as a multiple of the pool size: abandoned connections block their threads until TCP ends them.
const MOST_EPOCHS: usize = 4;
/// After this time an abandoned connection is *written off*: it no longer counts against that limit, up to a maximum.
/// An outage that never ends a connection must not block the service for good.
const WRITTEN_OFF_AFTER: Duration = Duration::from_secs(30);
const MOST_WRITTEN_OFF: usize = 256;

/// The database behind a pool of connections. Clones share it.
///
/// libpq waits for a response as long as TCP lives. A caller returns at its timeout and leaves the thread blocked. If
/// the thread stays blocked, its connection has timed out and is abandoned, and the whole *pool epoch* is retired. The
/// database is unavailable until a probe, made by the next request, opens a writable connection, which begins the next
/// epoch.
#[derive(Clone)]
pub struct Database(Arc<Shared>);

struct Shared {
    url: DatabaseUrl,
    /// Index of the server that connected last.
    server: Arc<AtomicUsize>,
    max_connections: u32,
    limits: WaitLimits,
    /// `None` while the database is unavailable.
    epoch: RwLock<Option<Arc<PoolEpoch>>>,
    /// Of the last probe, while the database is unavailable.
    failure: Mutex<Option<Failure>>,
    /// One probe at a time.
    probing: Arc<AsyncMutex<()>>,
    /// One per thread, over all epochs.
    thread_permits: Arc<Semaphore>,
    written_off: AtomicUsize,
    /// Time of the last successful check.
    checked: Mutex<Option<Instant>>,
    /// Whether the last transaction failed to write: the disk may be full or read-only.
    could_not_write: AtomicBool,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.current().map(|epoch| epoch.state());
        f.debug_struct("Database").field("state", &state).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens one connection; further ones are opened on demand. Blocks, for up to two seconds per server.
    ///
    /// # Errors
    /// The connection failed.
    pub fn open(url: DatabaseUrl, max_connections: u32) -> Result<Self, StoreError> {
        let database = Self(Arc::new(Shared {
            limits: WaitLimits::of(&url),
            server: Arc::default(),
            max_connections,
            epoch: RwLock::default(),
            failure: Mutex::default(),
            probing: Arc::default(),
            thread_permits: Arc::new(Semaphore::new(max_threads(max_connections))),
            written_off: AtomicUsize::default(),
            checked: Mutex::default(),
            could_not_write: AtomicBool::default(),
            url,
        }));
        let first = connect_from(&database.0.url, &database.0.server)?;
        database.begin_epoch(first);
        Ok(database)
    }

    /// Maximum number of threads.
    #[must_use]
    pub fn threads(max_connections: u32) -> usize {
        max_threads(max_connections) + MOST_WRITTEN_OFF
    }

    /// Runs `work` with a connection, on a blocking thread.
    ///
    /// # Errors
    /// Errors of `work`; [`StoreError::Unavailable`] on a timeout or without a connection.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run_within(self.0.limits, |connection, _| work(connection)).await
    }

    /// Runs `work` in a write transaction; see [`AnyConnection::write_transaction`].
    ///
    /// # Errors
    /// As [`Database::run`]. [`StoreError::Unavailable`]: nothing was written; [`StoreError::Uncertain`]: the response
    /// to COMMIT was lost.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run_within(self.0.limits, |connection, decision| connection.write_transaction_for(decision, work)).await
    }

    /// Runs `work`, which deletes a batch of rows and returns their number, in one transaction per batch until a batch
    /// is not full; returns the total.
    ///
    /// # Errors
    /// Database errors.
    pub async fn write_in_batches(
        &self,
        work: impl Fn(&mut AnyConnection) -> Result<usize, StoreError> + Copy + Send + 'static,
    ) -> Result<usize, StoreError> {
        in_batches(|| self.write(work)).await
    }

    /// Checks that the database responds, is writable and has this program's schema version.
    ///
    /// # Errors
    /// [`StoreError`] with the cause.
    pub async fn check(&self) -> Result<(), StoreError> {
        let started = Instant::now();
        let waiting = ConnectionWait::begin();
        let (epoch, permit) = self.enter(started + self.0.limits.acquire, |epoch| &epoch.checks).await?;
        // Concurrent callers share one check.
        if self.last_checked().is_some_and(|checked| checked > started) {
            return Ok(());
        }
        let deadline = started + self.0.limits.answer;
        let shared = Arc::clone(&self.0);
        self.run_on(epoch, (permit, waiting), self.0.limits, deadline, move |connection, _| {
            // Checks only read, except after a failed write.
            if shared.could_not_write.load(Ordering::Relaxed) {
                connection.try_to_write()?;
                shared.could_not_write.store(false, Ordering::Relaxed);
            }
            migrations::check(connection)?;
            *shared.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            Ok(())
        })
        .await
    }

    fn last_checked(&self) -> Option<Instant> {
        *self.0.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that there is a pool epoch, before expensive work whose result is stored. Probes only if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: there is none.
    pub async fn reach(&self) -> Result<(), StoreError> {
        self.epoch(Instant::now() + self.0.limits.acquire).await.map(drop)
    }

    async fn run_within<T, E, F>(&self, limits: WaitLimits, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection, &Decision) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = Span::database(self.system());
        span.around(async {
            let started = Instant::now();
            let waiting = ConnectionWait::begin();
            let (epoch, permit) = self.enter(started + limits.acquire, |epoch| &epoch.permits).await?;
            self.run_on(epoch, (permit, waiting), limits, started + limits.answer, work).await
        })
        .await
    }

    /// `db.system.name` of OpenTelemetry.
    fn system(&self) -> &'static str {
        match self.0.url {
            DatabaseUrl::Postgres(_) => "postgresql",
            DatabaseUrl::Sqlite(_) => "sqlite",
        }
    }

    /// The current connections; none while the database is unavailable.
    #[must_use]
    pub fn report(&self) -> PoolReport {
        let state = self.current().map(|epoch| epoch.state());
        let (open, idle) = state.map_or((0, 0), |state| (state.connections, state.idle_connections));
        PoolReport { open, idle, most: self.0.max_connections }
    }

    /// A permit of the current epoch.
    async fn enter(
        &self,
        deadline: Instant,
        permits: impl Fn(&PoolEpoch) -> &Arc<Semaphore>,
    ) -> Result<(Arc<PoolEpoch>, OwnedSemaphorePermit), StoreError> {
        loop {
            let epoch = self.epoch(deadline).await?;
            // `None`: the epoch was retired meanwhile.
            if let Some(permit) = acquire(permits(&epoch), deadline).await? {
                return Ok((epoch, permit));
            }
        }
    }

    /// `permit` is dropped when the work ends, which may be after the caller's timeout.
    async fn run_on<T, E, F>(
        &self,
        epoch: Arc<PoolEpoch>,
        (permit, waiting): (OwnedSemaphorePermit, ConnectionWait),
        limits: WaitLimits,
        deadline: Instant,
        work: F,
    ) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection, &Decision) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let thread_permit = self.thread_permit()?;
        let decision = Arc::new(Decision::default());
        let (answer, answered) = oneshot::channel();
        let working = {
            let (database, epoch, decision) = (self.clone(), Arc::clone(&epoch), Arc::clone(&decision));
            let span = tracing::Span::current();
            task::spawn_blocking(move || {
                let _permit = permit;
                let _entered = span.enter();
                let _ = answer.send(database.work_on(&epoch, waiting, &decision, deadline, work));
            })
        };
        // Detects timed-out connections also after the caller has left.
        tokio::spawn(self.clone().watch(working, thread_permit, epoch, limits.work));
        match time::timeout_at(deadline.into(), answered).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(StoreError::Fault("a database thread panicked".into()).into()),
            Err(_) => Err(decision.time_out().into()),
        }
    }

    fn work_on<T, E: From<StoreError>>(
        &self,
        epoch: &Arc<PoolEpoch>,
        waiting: ConnectionWait,
        decision: &Decision,
        deadline: Instant,
        work: impl FnOnce(&mut AnyConnection, &Decision) -> Result<T, E>,
    ) -> Result<T, E> {
        if decision.is_timed_out() {
            return Err(StoreError::timed_out().into());
        }
        let left = || deadline.saturating_duration_since(Instant::now());
        let mut connection =
            epoch.connection(left().min(self.0.limits.acquire).max(LEAST_WAIT)).inspect_err(|error| {
                // With others in use, the server may just allow no more connections.
                if epoch.is_empty() {
                    self.retire(epoch, error);
                }
            })?;
        drop(waiting);
        connection.wait_for_locks(left().saturating_sub(MARGIN).max(LEAST_WAIT))?;
        let done = metrics::timed(|| work(&mut connection, decision));
        if let Some(could_write) = decision.could_write() {
            self.0.could_not_write.store(!could_write, Ordering::Relaxed);
        }
        done
    }

    /// Waits for a thread; retires its epoch at the timeout.
    async fn watch(
        self,
        mut working: task::JoinHandle<()>,
        thread_permit: OwnedSemaphorePermit,
        epoch: Arc<PoolEpoch>,
        timeout: Duration,
    ) {
        if time::timeout(timeout, &mut working).await.is_ok() {
            return;
        }
        self.retire(&epoch, &"a connection timed out");
        if time::timeout(WRITTEN_OFF_AFTER, &mut working).await.is_ok() {
            return;
        }
        self.0.written_off.fetch_add(1, Ordering::Relaxed);
        drop(thread_permit);
        let _ = working.await;
        self.0.written_off.fetch_sub(1, Ordering::Relaxed);
    }

    fn thread_permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let too_many = || StoreError::Unavailable("too many abandoned connections".into());
        if self.0.written_off.load(Ordering::Relaxed) >= MOST_WRITTEN_OFF {
            return Err(too_many());
        }
        Arc::clone(&self.0.thread_permits).try_acquire_owned().map_err(|_| too_many())
    }
}

fn max_threads(max_connections: u32) -> usize {
    // Plus one for the check and one for a probe.
    (max_connections as usize + 2) * MOST_EPOCHS
}

/// `None` if the semaphore was closed.
async fn acquire(semaphore: &Arc<Semaphore>, deadline: Instant) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
    time::timeout_at(deadline.into(), Arc::clone(semaphore).acquire_owned())
        .await
        .map(Result::ok)
        .map_err(|_| StoreError::Unavailable("all database connections are in use".into()))
}
