//! What was taken from limits, until it is known whether it was an attempt.

use std::{
    future::Future,
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, sync::Semaphore, time};
use tracing::Instrument as _;

use super::{Counter, Limits, micros};
use crate::{
    accounts::{Change, Clock},
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
    is_decided: AtomicBool,
}

/// Where things are given back.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    pub database: Database,
    pub clock: Clock,
    pub limits: Limits,
}

impl Taken {
    pub(super) fn new(counters: Vec<Counter>, bank: Bank) -> Self {
        let state = State { counters, is_decided: AtomicBool::new(false) };
        Self { attempt: Attempt(Arc::new(state)), bank: Some(bank) }
    }

    pub(in crate::accounts) fn attempt(&self) -> Attempt {
        self.attempt.clone()
    }

    /// It was an attempt.
    pub fn keep(self) {
        self.attempt.decide();
    }

    /// It was none. Where the database does not take it back at once, that is tried again beside the answer, for a minute; after
    /// that it counts.
    pub async fn give_back(mut self) {
        self.attempt.decide();
        if let Some(bank) = self.bank.take().filter(|_| !self.attempt.counters().is_empty()) {
            let attempt = self.attempt.clone();
            to_the_end(async move { bank.give_back(attempt).await }).await;
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.attempt.0.is_decided.load(Ordering::Relaxed) || self.attempt.counters().is_empty() {
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

    fn decide(&self) {
        self.0.is_decided.store(true, Ordering::Relaxed);
    }

    /// It was an attempt, whatever becomes of whoever waits for this transaction.
    pub(in crate::accounts) fn keep(&self) {
        self.decide();
    }
}

impl Change<'_> {
    /// As [`Taken::give_back`], in the transaction of what it was for.
    pub(in crate::accounts) fn give_back(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        // Once at most: who leaves now would get back what others have used.
        attempt.decide();
        give_back_all(self.connection, attempt, micros(self.now))
    }
}

impl Bank {
    async fn give_back(self, attempt: Attempt) {
        self.limits.forget_refusals(attempt.counters());
        if self.try_to_give_back(&attempt).await.is_ok() {
            return;
        }
        let Ok(place) = Semaphore::try_acquire_owned(Arc::clone(&self.limits.giving_back)) else {
            tracing::warn!("what was no attempt could not be given back: too many others wait for that");
            return;
        };
        tokio::spawn(async move {
            for wait in GIVE_BACK_WAITS {
                time::sleep(Duration::from_secs(wait)).await;
                if self.try_to_give_back(&attempt).await.is_ok() {
                    break;
                }
            }
            drop(place);
        });
    }

    async fn try_to_give_back(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let (attempt, now) = (attempt.clone(), micros(self.clock.now()));
        let given = self.database.write(move |connection| give_back_all(connection, &attempt, now)).await;
        given.inspect_err(|error| tracing::warn!(%error, "what was no attempt could not be given back"))
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
