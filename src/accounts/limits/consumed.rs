//! Units of rate limits that a request consumed, until they are counted as an attempt or refunded.

use std::{
    future::Future,
    panic,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, sync::Semaphore, time};
use tracing::Instrument as _;

use super::refusals::Refusals;
use crate::{
    domain::{
        clock::Clock,
        rate::{Counter, micros},
    },
    observability::trace,
    store::{self, AnyConnection, Database, StoreError},
};

/// Waits in seconds before retries of a failed refund: a minute in total.
const REFUND_WAITS: [u64; 6] = [1, 2, 4, 8, 16, 32];
/// Maximum refunds that wait for a retry.
const MAX_REFUNDS: usize = 1000;

/// One unit of each of several counters. Refunded if dropped undecided, after a disconnect or an error.
#[derive(Debug, Default)]
#[must_use = "it is refunded when dropped"]
pub struct Consumed {
    attempt: Attempt,
    /// `None`: nothing was consumed.
    refunds: Option<Refunds>,
}

/// A handle for the transaction that decides about it.
#[derive(Debug, Clone, Default)]
pub struct Attempt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    counters: Vec<Counter>,
    /// [`UNDECIDED`], [`COUNTED`] or [`REFUNDED`]. Decided once: a disconnect and the transaction that continues
    /// without the client may race.
    decision: AtomicU8,
}

const UNDECIDED: u8 = 0;
const COUNTED: u8 = 1;
const REFUNDED: u8 = 2;

/// The dependencies of a refund, which may outlive its request.
#[derive(Debug, Clone)]
pub(super) struct Refunds {
    database: Database,
    clock: Clock,
    refusals: Arc<Refusals>,
    retry_slots: Arc<Semaphore>,
}

impl Consumed {
    pub(super) fn new(counters: Vec<Counter>, refunds: Refunds) -> Self {
        let state = State { counters, decision: AtomicU8::new(UNDECIDED) };
        Self { attempt: Attempt(Arc::new(state)), refunds: Some(refunds) }
    }

    #[must_use]
    pub fn attempt(&self) -> Attempt {
        self.attempt.clone()
    }

    /// Counts it.
    pub fn count(self) {
        self.attempt.decide(COUNTED);
    }

    /// Refunds it. If the database is busy, the refund is retried after the response, for a minute; then it counts.
    pub async fn refund(mut self) {
        if self.attempt.decide(REFUNDED) {
            self.refund_now().await;
        }
    }

    /// Refunds it after the transaction that decided about it failed, unless that may have been committed.
    pub async fn refund_after(self, may_be_committed: bool) {
        if may_be_committed {
            self.count();
        } else {
            self.refund_counted().await;
        }
    }

    /// Refunds it, even if it was counted.
    pub async fn refund_counted(mut self) {
        self.attempt.0.decision.store(REFUNDED, Ordering::Relaxed);
        self.refund_now().await;
    }

    async fn refund_now(&mut self) {
        if let Some(refunds) = self.refunds.take().filter(|_| !self.attempt.counters().is_empty()) {
            let attempt = self.attempt.clone();
            detached(async move { refunds.refund(attempt).await }).await;
        }
    }
}

impl Drop for Consumed {
    fn drop(&mut self) {
        if self.attempt.counters().is_empty() || !self.attempt.decide(REFUNDED) {
            return;
        }
        // No runtime: the service is stopping.
        if let (Some(refunds), Ok(runtime)) = (self.refunds.take(), Handle::try_current()) {
            let attempt = self.attempt.clone();
            runtime.spawn(async move { refunds.refund(attempt).await }.in_current_span());
        }
    }
}

impl Attempt {
    #[must_use]
    pub fn counters(&self) -> &[Counter] {
        &self.0.counters
    }

    /// Whether this is the first decision.
    fn decide(&self, decision: u8) -> bool {
        self.0.decision.compare_exchange(UNDECIDED, decision, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Counts it, even if the client disconnects during the transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if a disconnect refunded it: the transaction must be rolled back.
    pub fn count(&self) -> Result<(), StoreError> {
        self.decide(COUNTED);
        self.check_not_refunded()
    }

    /// As [`Consumed::refund`], in the transaction of the request. `now` is in microseconds since 1970.
    ///
    /// # Errors
    /// As [`Self::count`]: a second refund would reduce the usage of other clients. Database errors.
    pub fn refund_in(&self, connection: &mut AnyConnection, now: i64) -> Result<(), StoreError> {
        if !self.decide(REFUNDED) {
            self.check_not_refunded()?;
        }
        refund_all(connection, self, now)
    }

    fn check_not_refunded(&self) -> Result<(), StoreError> {
        let is_refunded = self.0.decision.load(Ordering::Relaxed) == REFUNDED;
        if is_refunded { Err(StoreError::Unavailable("client disconnected".to_owned())) } else { Ok(()) }
    }
}

impl Refunds {
    pub(super) fn new(database: Database, clock: Clock, refusals: Arc<Refusals>) -> Self {
        Self { database, clock, refusals, retry_slots: Arc::new(Semaphore::new(MAX_REFUNDS)) }
    }

    async fn refund(self, attempt: Attempt) {
        self.refusals.forget_all(attempt.counters());
        if self.try_to_refund(&attempt).await {
            return;
        }
        let Ok(permit) = Semaphore::try_acquire_owned(Arc::clone(&self.retry_slots)) else {
            tracing::warn!("failed to refund rate limits: too many refunds wait for the database");
            return;
        };
        tokio::spawn(async move {
            for wait in REFUND_WAITS {
                time::sleep(Duration::from_secs(wait)).await;
                if self.try_to_refund(&attempt).await {
                    break;
                }
            }
            drop(permit);
        });
    }

    /// Whether the refund is, or may be, committed.
    async fn try_to_refund(&self, attempt: &Attempt) -> bool {
        let (attempt, now) = (attempt.clone(), micros(self.clock.now()));
        let refunded = self.database.write(move |connection| refund_all(connection, &attempt, now)).await;
        let refunded = refunded.inspect_err(|error| tracing::warn!(%error, "failed to refund rate limits"));
        matches!(refunded, Ok(()) | Err(StoreError::Uncertain(_)))
    }
}

fn refund_all(connection: &mut AnyConnection, attempt: &Attempt, now: i64) -> Result<(), StoreError> {
    attempt.counters().iter().try_for_each(|counter| store::rate_limits::refund(connection, counter, now))
}

/// Runs to completion even if the caller is dropped; the result is dropped then.
pub(super) async fn detached<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(trace::continued(work).in_current_span()).await {
        Ok(done) => done,
        Err(error) => panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_counted_or_refunded_once() {
        let left = Attempt::default();
        assert!(left.decide(REFUNDED), "the client has left");
        assert!(!left.decide(REFUNDED), "once");
        assert!(matches!(left.count(), Err(StoreError::Unavailable(_))), "its transaction is rolled back");
        let written = Attempt::default();
        assert!(written.count().is_ok() && written.count().is_ok());
        assert!(!written.decide(REFUNDED), "a client that leaves now has used it");
    }
}
