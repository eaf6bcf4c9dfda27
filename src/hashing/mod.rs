//! Password hashing and verification. The interface is [`Hasher`] and [`StoredPassword`].
//!
//! [`Hasher::reserve`] reserves a place in `queue.rs`, whose jobs wait in `backlog.rs`. [`Hasher::hash`] or
//! [`Hasher::verify`] gets the [`Derivation`] from `formats/` and queues it as a job. A thread in `worker.rs` gets the
//! job from `Queue::next` and computes it beside others with the package `bcrypt-lanes`. `formats/` encodes or compares
//! the digest. For the reasons see docs/hashing.md.

mod backlog;
pub mod formats;
mod job;
pub(crate) mod metrics;
mod queue;
pub mod reference;
mod report;
mod self_test;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    fmt, io,
    sync::Arc,
    time::{Duration, Instant},
};

pub use self::{
    backlog::HashPurpose,
    formats::{COSTS, FormatError},
    queue::Place,
    report::{Counts, Report},
};
use self::{
    formats::{Derivation, NewHash, StoredFormat},
    job::Computed,
    queue::Queue,
};
use crate::{
    domain::{password::Password, secret::Secret},
    observability::trace,
    supervisor::Supervisor,
    threads::WorkError,
};

/// A password hash in one of the stored formats. `Debug` omits it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPassword(String);

impl StoredPassword {
    /// As read from the database, in any format.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredPassword(…)")
    }
}

/// Result of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Right {
        /// The stored hash should be replaced: it has another format than new ones, or a lower cost.
        needs_rehash: bool,
    },
    /// Also for unknown accounts.
    Wrong,
    /// The stored hash cannot be verified. To the client this is [`Self::Wrong`], in the same time.
    Unreadable(FormatError),
}

/// Hashes and verifies passwords on its own threads, with bcrypt at one cost. Clones share the threads, which end with
/// the last clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    threads: Arc<HashThreads>,
    cost: u32,
}

struct HashThreads(Arc<Queue>);

impl fmt::Debug for HashThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HashThreads").field(&self.0.report()).finish()
    }
}

impl Drop for HashThreads {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Hasher {
    /// Starts `threads` threads. `cost` is bcrypt's, one of [`COSTS`]: 2^cost rounds. `max_wait`: longest wait for a
    /// hash to start.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(threads: usize, max_wait: Duration, cost: u32) -> io::Result<Self> {
        Self::start_under(&Supervisor::default(), threads, max_wait, cost)
    }

    /// As [`Self::start`]; the supervisor is the process's.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_under(supervisor: &Supervisor, threads: usize, max_wait: Duration, cost: u32) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(threads, max_wait));
        // First, so that started threads end if a later one fails.
        let hasher = Self { threads: Arc::new(HashThreads(Arc::clone(&queue))), cost };
        for number in 0..threads {
            worker::start(supervisor, Arc::clone(&queue), number)?;
        }
        Ok(hasher)
    }

    /// Reserves a place in the queue, before other expensive work of a request.
    ///
    /// # Errors
    /// [`WorkError::Busy`] at once if the expected wait is too long.
    pub fn reserve(&self, purpose: HashPurpose) -> Result<Place, WorkError> {
        self.threads.0.reserve(purpose, u64::from(self.rounds()))
    }

    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    /// [`WorkError::Busy`] if the wait became too long; [`WorkError::Failed`] if the computation failed.
    pub async fn hash(&self, place: Place, password: &Password) -> Result<StoredPassword, WorkError> {
        let (new, input) = NewHash::new(password.expose(), self.cost, rand::random())
            .ok_or_else(|| WorkError::Failed { work: queue::WORK, cause: "the password contains NUL".to_owned() })?;
        let computed = self.compute(place, Derivation::Bcrypt(input)).await?;
        Ok(StoredPassword(new.with_digest(&computed.digest)))
    }

    /// Verifies a password; `stored` is `None` for an unknown account. Wrong passwords, unknown accounts, unreadable
    /// hashes and hashes of a lower cost take about as long as one at the current cost. Hashes of a higher cost take
    /// longer.
    ///
    /// # Errors
    /// As for [`Self::hash`].
    pub async fn verify(
        &self,
        place: Place,
        password: &Secret,
        stored: Option<&StoredPassword>,
    ) -> Result<Verdict, WorkError> {
        let format = stored.map(|stored| StoredFormat::parse(stored.as_str()));
        let known = format.as_ref().and_then(|format| format.as_ref().ok());
        let derivation = known.and_then(|format| format.derivation(password.expose()));
        let is_possible = derivation.is_some();
        let computed = self.compute(place, derivation.unwrap_or_else(|| formats::dummy(self.cost))).await?;
        Ok(match format {
            Some(Ok(format)) if is_possible && format.matches(&computed.digest) => {
                Verdict::Right { needs_rehash: format.is_outdated(self.cost) }
            }
            Some(Err(error)) => Verdict::Unreadable(error),
            Some(Ok(_)) | None => Verdict::Wrong,
        })
    }

    async fn compute(&self, place: Place, derivation: Derivation) -> Result<Computed, WorkError> {
        let started = Instant::now();
        let computed = place.compute(derivation, self.rounds()).await;
        let took = computed.as_ref().map(|computed| computed.took).unwrap_or_default();
        trace::record("hash wait", took, started.elapsed().saturating_sub(took));
        let computed = computed?;
        trace::record("hash compute", Duration::ZERO, took);
        tracing::debug!(
            waited_ms = computed.waited.as_secs_f64() * 1e3,
            took_ms = computed.took.as_secs_f64() * 1e3,
            "password hashed"
        );
        Ok(computed)
    }

    fn rounds(&self) -> u32 {
        1 << self.cost
    }

    /// Refuses work that would not finish within this time.
    pub fn stop_within(&self, time: Duration) {
        self.threads.0.stop_within(time);
    }

    /// Logs totals since the start.
    pub fn log_totals(&self) {
        let Counts { started, finished, failed, refused, expired, left_waiting, left_computing, waited, .. } =
            self.report().counts;
        let left = left_waiting + left_computing;
        let waited_ms = waited.as_millis().checked_div(u128::from(started)).unwrap_or_default();
        tracing::info!(finished, failed, refused, expired, left, mean_wait_ms = waited_ms, "password hashing totals");
    }

    /// The current queue, and its totals.
    #[must_use]
    pub fn report(&self) -> Report {
        self.threads.0.report()
    }
}

/// Verifies with the reference implementation.
#[cfg(test)]
fn verify(password: &str, stored: &str) -> Result<bool, FormatError> {
    let format = StoredFormat::parse(stored)?;
    Ok(match format.derivation(password) {
        Some(Derivation::Bcrypt(input)) => format.matches(&reference::digest(&input)),
        Some(Derivation::Imported(imported)) => imported.digest().is_ok_and(|digest| format.matches(&digest)),
        None => false,
    })
}
