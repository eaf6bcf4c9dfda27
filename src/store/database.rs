//! The way to a connection: bounded in time and in threads, and open again by itself after the database was away.

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
    migrations,
    observed::{self, ConnectionWait, PoolReport},
    pool::{Failure, PoolEpoch},
};
use crate::observability::trace::Span;

/// Even after a long wait for its turn, a caller may open a new connection.
const LEAST_WAIT: Duration = Duration::from_millis(200);
/// SQLite's own wait for another writer ends so much before the caller's, so that the answer is known.
const MARGIN: Duration = Duration::from_millis(200);
/// How many times the pool's connections may be open while some have fallen silent, which keep their threads until
/// their line ends.
const MOST_EPOCHS: usize = 4;
/// After that a silent connection no longer counts among those, up to so many: an outage of a kind that never ends a line
/// must not keep the service away for ever.
const WRITTEN_OFF_AFTER: Duration = Duration::from_secs(30);
const MOST_WRITTEN_OFF: usize = 256;

/// The database behind a pool of connections. Clones share it.
///
/// libpq waits for an answer as long as the line lives. So who waited long enough leaves, and the thread stays behind; when
/// it stays too long its connection has fallen silent, and so may the others have: the whole *epoch* is retired. Then
/// the database is away until a probe, which the next request makes, has opened a connection that takes writes. It begins
/// the next epoch.
#[derive(Clone)]
pub struct Database(Arc<Shared>);

struct Shared {
    url: DatabaseUrl,
    /// The place of the server that answered last.
    server: Arc<AtomicUsize>,
    max_connections: u32,
    limits: WaitLimits,
    /// `None` while the database is away.
    epoch: RwLock<Option<Arc<PoolEpoch>>>,
    /// Of the last probe, while the database is away.
    failure: Mutex<Option<Failure>>,
    /// One probe at a time.
    probing: Arc<AsyncMutex<()>>,
    /// One for each thread that works, of every epoch.
    places: Arc<Semaphore>,
    written_off: AtomicUsize,
    /// When a check last succeeded.
    checked: Mutex<Option<Instant>>,
    /// Of the last transaction: the file or its disk may be full or read-only.
    could_not_write: AtomicBool,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.current().map(|epoch| epoch.state());
        f.debug_struct("Database").field("state", &state).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens one connection; the others are opened when they are needed. Blocks, for up to two seconds for each server.
    ///
    /// # Errors
    /// It could not be had.
    pub fn open(url: DatabaseUrl, max_connections: u32) -> Result<Self, StoreError> {
        let database = Self(Arc::new(Shared {
            limits: WaitLimits::of(&url),
            server: Arc::default(),
            max_connections,
            epoch: RwLock::default(),
            failure: Mutex::default(),
            probing: Arc::default(),
            places: Arc::new(Semaphore::new(places(max_connections))),
            written_off: AtomicUsize::default(),
            checked: Mutex::default(),
            could_not_write: AtomicBool::default(),
            url,
        }));
        let first = connect_from(&database.0.url, &database.0.server)?;
        database.begin_epoch(first);
        Ok(database)
    }

    /// The most threads that it may keep.
    #[must_use]
    pub fn threads(max_connections: u32) -> usize {
        places(max_connections) + MOST_WRITTEN_OFF
    }

    /// Runs `work` with a connection, on a thread that may block.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Unavailable`] when no connection or no answer could be had in time.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run_within(self.0.limits, |connection, _| work(connection)).await
    }

    /// Runs `work` in a transaction that may write; see [`AnyConnection::write_transaction`].
    ///
    /// # Errors
    /// As [`Database::run`]. What is [`StoreError::Unavailable`] was not written; [`StoreError::Uncertain`] when the COMMIT
    /// was not answered.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run_within(self.0.limits, |connection, decision| connection.write_transaction_for(decision, work)).await
    }

    /// Runs `work`, which deletes a batch of rows and returns their number, in one transaction after the other until a batch is not
    /// full; returns the number of all.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn write_in_batches(
        &self,
        work: impl Fn(&mut AnyConnection) -> Result<usize, StoreError> + Copy + Send + 'static,
    ) -> Result<usize, StoreError> {
        in_batches(|| self.write(work)).await
    }

    /// Whether the database answers, takes writes, and stands at the version this program was built for.
    ///
    /// # Errors
    /// [`StoreError`] with the reason.
    pub async fn check(&self) -> Result<(), StoreError> {
        let started = Instant::now();
        let waiting = ConnectionWait::begin();
        let (epoch, turn) = self.enter(started + self.0.limits.turn, |epoch| &epoch.checks).await?;
        // Whoever waited for another's check need not make one: many may ask at once.
        if self.last_checked().is_some_and(|checked| checked > started) {
            return Ok(());
        }
        let deadline = started + self.0.limits.answer;
        let shared = Arc::clone(&self.0);
        self.run_on(epoch, (turn, waiting), self.0.limits, deadline, move |connection, _| {
            // Checks only read, unless there is a reason.
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

    /// Whether it is worth beginning work that has to be written at its end. Costs nothing unless the database is away.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it is, and not yet back.
    pub async fn reach(&self) -> Result<(), StoreError> {
        self.epoch(Instant::now() + self.0.limits.turn).await.map(drop)
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
            let (epoch, permit) = self.enter(started + limits.turn, |epoch| &epoch.permits).await?;
            self.run_on(epoch, (permit, waiting), limits, started + limits.answer, work).await
        })
        .await
    }

    /// As OpenTelemetry's conventions name it.
    fn system(&self) -> &'static str {
        match self.0.url {
            DatabaseUrl::Postgres(_) => "postgresql",
            DatabaseUrl::Sqlite(_) => "sqlite",
        }
    }

    /// The connections as they stand; none while the database is away.
    #[must_use]
    pub fn report(&self) -> PoolReport {
        let state = self.current().map(|epoch| epoch.state());
        let (open, idle) = state.map_or((0, 0), |state| (state.connections, state.idle_connections));
        PoolReport { open, idle, most: self.0.max_connections }
    }

    /// A place in the epoch of the moment.
    async fn enter(
        &self,
        latest: Instant,
        places: impl Fn(&PoolEpoch) -> &Arc<Semaphore>,
    ) -> Result<(Arc<PoolEpoch>, OwnedSemaphorePermit), StoreError> {
        loop {
            let epoch = self.epoch(latest).await?;
            // None: it was retired meanwhile.
            if let Some(permit) = acquire(places(&epoch), latest).await? {
                return Ok((epoch, permit));
            }
        }
    }

    /// `kept` is dropped when the work has ended, which may be after the caller has given up.
    async fn run_on<T, E, F>(
        &self,
        epoch: Arc<PoolEpoch>,
        (kept, waiting): (OwnedSemaphorePermit, ConnectionWait),
        limits: WaitLimits,
        deadline: Instant,
        work: F,
    ) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection, &Decision) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let place = self.place()?;
        let decision = Arc::new(Decision::default());
        let (answer, answered) = oneshot::channel();
        let working = {
            let (database, epoch, decision) = (self.clone(), Arc::clone(&epoch), Arc::clone(&decision));
            let span = tracing::Span::current();
            task::spawn_blocking(move || {
                let _kept = kept;
                let _entered = span.enter();
                let _ = answer.send(database.work_on(&epoch, waiting, &decision, deadline, work));
            })
        };
        // Also where the caller has left: somebody has to notice.
        tokio::spawn(self.clone().watch(working, place, epoch, limits.silence));
        match time::timeout_at(deadline.into(), answered).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(StoreError::Fault("the work was not done; a thread panicked".into()).into()),
            Err(_) => Err(decision.give_up().into()),
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
        if decision.is_given_up() {
            return Err(StoreError::late().into());
        }
        let left = || deadline.saturating_duration_since(Instant::now());
        let mut connection = epoch.connection(left().min(self.0.limits.turn).max(LEAST_WAIT)).inspect_err(|error| {
            // Others may be in use and well, when the server just gives us no more.
            if epoch.is_empty() {
                self.retire(epoch, error);
            }
        })?;
        drop(waiting);
        connection.wait_for_locks(left().saturating_sub(MARGIN).max(LEAST_WAIT))?;
        let done = observed::timed(|| work(&mut connection, decision));
        if let Some(could_write) = decision.could_write() {
            self.0.could_not_write.store(!could_write, Ordering::Relaxed);
        }
        done
    }

    /// Stays with a thread until it is done: retires its epoch if that takes too long.
    async fn watch(
        self,
        mut working: task::JoinHandle<()>,
        place: OwnedSemaphorePermit,
        epoch: Arc<PoolEpoch>,
        silence: Duration,
    ) {
        if time::timeout(silence, &mut working).await.is_ok() {
            return;
        }
        self.retire(&epoch, &"a connection has fallen silent");
        if time::timeout(WRITTEN_OFF_AFTER, &mut working).await.is_ok() {
            return;
        }
        self.0.written_off.fetch_add(1, Ordering::Relaxed);
        drop(place);
        let _ = working.await;
        self.0.written_off.fetch_sub(1, Ordering::Relaxed);
    }

    fn place(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let too_many = || StoreError::Unavailable("too many connections have fallen silent".into());
        if self.0.written_off.load(Ordering::Relaxed) >= MOST_WRITTEN_OFF {
            return Err(too_many());
        }
        Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| too_many())
    }
}

fn places(max_connections: u32) -> usize {
    // One more each time for the check, and for a probe.
    (max_connections as usize + 2) * MOST_EPOCHS
}

/// `None` if the semaphore was closed.
async fn acquire(semaphore: &Arc<Semaphore>, latest: Instant) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
    time::timeout_at(latest.into(), Arc::clone(semaphore).acquire_owned())
        .await
        .map(Result::ok)
        .map_err(|_| StoreError::Unavailable("every connection is in use".into()))
}
