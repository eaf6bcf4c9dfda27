//! Pool epochs, and the probes between them.

use std::{
    fmt,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::{sync::OwnedMutexGuard, task, time};

use super::Database;
use crate::store::{
    AnyConnection, DatabaseUrl, StoreError,
    connection::connect_from,
    pool::{Failure, PoolEpoch},
    url::CONNECT_WAIT,
};

/// The pause between two probes of an unavailable database.
const PROBE_PAUSE: Duration = Duration::from_millis(200);
/// Time limit of a probe besides connecting.
const PROBE_WAIT: Duration = Duration::from_secs(2);

impl Database {
    pub(super) fn current(&self) -> Option<Arc<PoolEpoch>> {
        self.0.epoch.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The current epoch. While the database is unavailable, the first request makes a probe; the others wait for its
    /// result, unless one has failed already.
    pub(super) async fn epoch(&self, deadline: Instant) -> Result<Arc<PoolEpoch>, StoreError> {
        if let Some(epoch) = self.current() {
            return Ok(epoch);
        }
        let guard = match (Arc::clone(&self.0.probing).try_lock_owned(), self.failure()) {
            (Ok(guard), _) => guard,
            (Err(_), Some(failure)) => return Err(StoreError::not_connected(&failure.cause)),
            (Err(_), None) => {
                let waiting = time::timeout_at(deadline.into(), Arc::clone(&self.0.probing).lock_owned());
                waiting.await.map_err(|_| StoreError::not_connected(&"probe in progress"))?
            }
        };
        if let Some(epoch) = self.current() {
            return Ok(epoch);
        }
        if let Some(failure) = self.failure().filter(|failure| failure.at.elapsed() < PROBE_PAUSE) {
            return Err(StoreError::not_connected(&failure.cause));
        }
        // Continues if the caller leaves.
        let probe = tokio::spawn(self.clone().probe(guard));
        match time::timeout_at(deadline.into(), probe).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => Err(StoreError::fault(&error)),
            Err(_) => Err(StoreError::not_connected(&"probe in progress")),
        }
    }

    fn servers(&self) -> usize {
        if let DatabaseUrl::Postgres(servers) = &self.0.url { servers.count() } else { 1 }
    }

    fn failure(&self) -> Option<Failure> {
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn probe(self, _guard: OwnedMutexGuard<()>) -> Result<Arc<PoolEpoch>, StoreError> {
        let permit = self.thread_permit()?;
        let shared = Arc::clone(&self.0);
        let connecting = task::spawn_blocking(move || {
            let _permit = permit;
            connect_from(&shared.url, &shared.server)
        });
        let servers = u32::try_from(self.servers()).unwrap_or(u32::MAX);
        let wait = CONNECT_WAIT.saturating_mul(servers) + PROBE_WAIT;
        let connected = match time::timeout(wait, connecting).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => Err(StoreError::fault(&error)),
            Err(_) => Err(StoreError::timed_out()),
        };
        match connected {
            Ok(first) => {
                tracing::info!("database available again");
                Ok(self.begin_epoch(first))
            }
            Err(error) => {
                let mut failure = self.0.failure.lock().unwrap_or_else(PoisonError::into_inner);
                if failure.is_none() {
                    tracing::warn!(%error, "database unavailable");
                }
                *failure = Some(Failure::new(&error));
                Err(error)
            }
        }
    }

    pub(super) fn begin_epoch(&self, first: AnyConnection) -> Arc<PoolEpoch> {
        let shared = &self.0;
        let (url, server) = (shared.url.clone(), Arc::clone(&shared.server));
        let epoch = Arc::new(PoolEpoch::new(url, server, shared.max_connections, shared.limits.acquire, first));
        *shared.failure.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *shared.epoch.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&epoch));
        epoch
    }

    pub(super) fn retire(&self, epoch: &Arc<PoolEpoch>, cause: &dyn fmt::Display) {
        {
            let mut current = self.0.epoch.write().unwrap_or_else(PoisonError::into_inner);
            if !current.as_ref().is_some_and(|current| Arc::ptr_eq(current, epoch)) {
                return;
            }
            // The next server may respond sooner than the one that timed out.
            self.0.server.store((self.0.server.load(Ordering::Relaxed) + 1) % self.servers(), Ordering::Relaxed);
            *current = None;
            epoch.retire();
        }
        tracing::warn!(%cause, "database connections abandoned");
        let epoch = Arc::clone(epoch);
        task::spawn_blocking(move || epoch.close_idle());
    }
}
