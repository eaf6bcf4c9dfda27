//! One epoch of connections after the other, and the probes between them.

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

/// The pause between two probes whether a database that is away is back.
const PROBE_PAUSE: Duration = Duration::from_millis(200);
/// What a probe may take besides connecting.
const PROBE_WAIT: Duration = Duration::from_secs(2);

impl Database {
    pub(super) fn current(&self) -> Option<Arc<PoolEpoch>> {
        self.0.epoch.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The epoch of the moment. While the database is away, whoever asks first makes a probe; the others wait for
    /// what it finds, unless one has failed already.
    pub(super) async fn epoch(&self, latest: Instant) -> Result<Arc<PoolEpoch>, StoreError> {
        if let Some(epoch) = self.current() {
            return Ok(epoch);
        }
        let turn = match (Arc::clone(&self.0.probing).try_lock_owned(), self.failure()) {
            (Ok(turn), _) => turn,
            (Err(_), Some(failure)) => return Err(StoreError::away(&failure.cause)),
            (Err(_), None) => {
                let waiting = time::timeout_at(latest.into(), Arc::clone(&self.0.probing).lock_owned());
                waiting.await.map_err(|_| StoreError::away(&"it is tried again"))?
            }
        };
        if let Some(epoch) = self.current() {
            return Ok(epoch);
        }
        if let Some(failure) = self.failure().filter(|failure| failure.at.elapsed() < PROBE_PAUSE) {
            return Err(StoreError::away(&failure.cause));
        }
        // Goes on when the caller leaves.
        let probe = tokio::spawn(self.clone().probe(turn));
        match time::timeout_at(latest.into(), probe).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => Err(StoreError::fault(&error)),
            Err(_) => Err(StoreError::away(&"it is tried again")),
        }
    }

    fn servers(&self) -> usize {
        if let DatabaseUrl::Postgres(servers) = &self.0.url { servers.count() } else { 1 }
    }

    fn failure(&self) -> Option<Failure> {
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn probe(self, _turn: OwnedMutexGuard<()>) -> Result<Arc<PoolEpoch>, StoreError> {
        let place = self.place()?;
        let shared = Arc::clone(&self.0);
        let connecting = task::spawn_blocking(move || {
            let _place = place;
            connect_from(&shared.url, &shared.server)
        });
        let servers = u32::try_from(self.servers()).unwrap_or(u32::MAX);
        let wait = CONNECT_WAIT.saturating_mul(servers) + PROBE_WAIT;
        let connected = match time::timeout(wait, connecting).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => Err(StoreError::fault(&error)),
            Err(_) => Err(StoreError::late()),
        };
        match connected {
            Ok(first) => {
                tracing::info!("the database is there again");
                Ok(self.begin_epoch(first))
            }
            Err(error) => {
                let mut failure = self.0.failure.lock().unwrap_or_else(PoisonError::into_inner);
                if failure.is_none() {
                    tracing::warn!(%error, "the database is away");
                }
                *failure = Some(Failure::new(&error));
                Err(error)
            }
        }
    }

    pub(super) fn begin_epoch(&self, first: AnyConnection) -> Arc<PoolEpoch> {
        let shared = &self.0;
        let (url, server) = (shared.url.clone(), Arc::clone(&shared.server));
        let epoch = Arc::new(PoolEpoch::new(url, server, shared.max_connections, shared.limits.turn, first));
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
            // The next of several may answer sooner than the one that fell silent.
            self.0.server.store((self.0.server.load(Ordering::Relaxed) + 1) % self.servers(), Ordering::Relaxed);
            *current = None;
            epoch.retire();
        }
        tracing::warn!(%cause, "the connections to the database are given up");
        let epoch = Arc::clone(epoch);
        task::spawn_blocking(move || epoch.close_idle());
    }
}
