//! What was taken from limits, until it is known whether it was an attempt.

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

use super::{Counter, Limits, micros};
use crate::{
    accounts::{Change, Clock, rejection::Rejection},
    observability::trace,
    store::{self, AnyConnection, Database, StoreError},
};

/// The waits in seconds after which it is tried again to give back what was no attempt: for a minute.
const GIVE_BACK_WAITS: [u64; 6] = [1, 2, 4, 8, 16, 32];
/// How many may wait for that at once.
pub(super) const GIVING_BACK: usize = 1000;

/// One of each of several counters. Where nobody says that it counts before this is dropped, it is given back: a client has left,
/// or something else ended the work.
#[derive(Debug, Default)]
#[must_use = "what is dropped is given back"]
pub struct Taken {
    attempt: Attempt,
    /// `None`: nothing was taken.
    bank: Option<Bank>,
}

/// The same for a transaction that decides about it.
#[derive(Debug, Clone, Default)]
pub(in crate::accounts) struct Attempt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    counters: Vec<Counter>,
    /// [`OPEN`], [`KEPT`] or [`GIVEN`]. Decided once: a client that leaves and a transaction that goes on without it may both
    /// want to.
    decision: AtomicU8,
}

const OPEN: u8 = 0;
const KEPT: u8 = 1;
const GIVEN: u8 = 2;

/// Where things are given back.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    pub database: Database,
    pub clock: Clock,
    pub limits: Limits,
}

impl Taken {
    pub(super) fn new(counters: Vec<Counter>, bank: Bank) -> Self {
        let state = State { counters, decision: AtomicU8::new(OPEN) };
        Self { attempt: Attempt(Arc::new(state)), bank: Some(bank) }
    }

    pub(in crate::accounts) fn attempt(&self) -> Attempt {
        self.attempt.clone()
    }

    /// It was an attempt.
    pub fn keep(self) {
        self.attempt.decide(KEPT);
    }

    /// It was none. Where the database does not take it back at once, that is tried again beside the answer, for a minute; after
    /// that it counts.
    pub async fn give_back(mut self) {
        if self.attempt.decide(GIVEN) {
            self.pay().await;
        }
    }

    /// The transaction that decided about it has ended with this: what it wrote is gone, and what it decided too, unless that is
    /// not known.
    pub(in crate::accounts) async fn give_back_after(mut self, error: &Rejection) {
        if matches!(error, Rejection::Store(StoreError::Uncertain(_))) {
            return self.keep();
        }
        self.attempt.0.decision.store(GIVEN, Ordering::Relaxed);
        self.pay().await;
    }

    /// It was none after all, although it was kept for the time being.
    pub(in crate::accounts) async fn give_back_kept(mut self) {
        self.attempt.0.decision.store(GIVEN, Ordering::Relaxed);
        self.pay().await;
    }

    async fn pay(&mut self) {
        if let Some(bank) = self.bank.take().filter(|_| !self.attempt.counters().is_empty()) {
            let attempt = self.attempt.clone();
            to_the_end(async move { bank.give_back(attempt).await }).await;
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.attempt.counters().is_empty() || !self.attempt.decide(GIVEN) {
            return;
        }
        // None: the service ends.
        if let (Some(bank), Ok(runtime)) = (self.bank.take(), Handle::try_current()) {
            let attempt = self.attempt.clone();
            runtime.spawn(async move { bank.give_back(attempt).await }.in_current_span());
        }
    }
}

impl Attempt {
    pub(in crate::accounts) fn counters(&self) -> &[Counter] {
        &self.0.counters
    }

    /// Whether nobody had decided before.
    fn decide(&self, decision: u8) -> bool {
        self.0.decision.compare_exchange(OPEN, decision, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// It was an attempt, whatever becomes of whoever waits for this transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: they have left, and what they took was given back. So nothing may be done for them.
    pub(in crate::accounts) fn keep(&self) -> Result<(), StoreError> {
        self.decide(KEPT);
        self.is_not_given()
    }

    fn is_not_given(&self) -> Result<(), StoreError> {
        let has_left = self.0.decision.load(Ordering::Relaxed) == GIVEN;
        if has_left { Err(StoreError::Unavailable("whoever asked has left".to_owned())) } else { Ok(()) }
    }
}

impl Change<'_> {
    /// As [`Taken::give_back`], in the transaction of what it was for.
    ///
    /// # Errors
    /// As [`Attempt::keep`]: given back twice, it would be what others have used. Those of the database.
    pub(in crate::accounts) fn give_back(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        if !attempt.decide(GIVEN) {
            attempt.is_not_given()?;
        }
        give_back_all(self.connection, attempt, micros(self.now))
    }
}

impl Bank {
    async fn give_back(self, attempt: Attempt) {
        self.limits.forget_refusals(attempt.counters());
        if self.try_to_give_back(&attempt).await {
            return;
        }
        let Ok(place) = Semaphore::try_acquire_owned(Arc::clone(&self.limits.giving_back)) else {
            tracing::warn!("what was no attempt could not be given back: too many others wait for that");
            return;
        };
        tokio::spawn(async move {
            for wait in GIVE_BACK_WAITS {
                time::sleep(Duration::from_secs(wait)).await;
                if self.try_to_give_back(&attempt).await {
                    break;
                }
            }
            drop(place);
        });
    }

    /// Whether it is done, or may be.
    async fn try_to_give_back(&self, attempt: &Attempt) -> bool {
        let (attempt, now) = (attempt.clone(), micros(self.clock.now()));
        let given = self.database.write(move |connection| give_back_all(connection, &attempt, now)).await;
        let given = given.inspect_err(|error| tracing::warn!(%error, "what was no attempt could not be given back"));
        matches!(given, Ok(()) | Err(StoreError::Uncertain(_)))
    }
}

fn give_back_all(connection: &mut AnyConnection, attempt: &Attempt, now: i64) -> Result<(), StoreError> {
    attempt.counters().iter().try_for_each(|counter| store::rate_limits::give_back(connection, counter, now))
}

/// Does this to its end, also where whoever waits for it leaves meanwhile; what it gives is dropped then.
pub(in crate::accounts) async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(trace::continued(work).in_current_span()).await {
        Ok(done) => done,
        Err(error) => panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_decided_once() {
        let left = Attempt::default();
        assert!(left.decide(GIVEN), "the client has left");
        assert!(!left.decide(GIVEN), "once");
        assert!(matches!(left.keep(), Err(StoreError::Unavailable(_))), "nothing is done for it any more");
        let written = Attempt::default();
        assert!(written.keep().is_ok() && written.keep().is_ok());
        assert!(!written.decide(GIVEN), "whoever leaves now has used it");
    }
}
