//! Work that takes a core for a while: off the async threads, so much at a time and no more.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task, time};

/// Places for work on threads that may block. Clones share them.
#[derive(Debug, Clone)]
pub struct Threads {
    places: Arc<Semaphore>,
    max_wait: Duration,
}

/// Why the work was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// No thread is free, or will be, within the time that a request may wait. One should be after `retry_after`.
    #[error("no thread is free in time to {work}; one may be in {:.1} s", .retry_after.as_secs_f64())]
    Busy { work: &'static str, retry_after: Duration },
    #[error("to {work} failed: {cause}")]
    Failed { work: &'static str, cause: String },
}

impl Threads {
    #[must_use]
    pub fn new(places: usize, max_wait: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), max_wait }
    }

    /// No more work is begun.
    pub fn stop(&self) {
        self.places.close();
    }

    /// Does the work as soon as there is a place; `name` is what it does, for the log ("hash a password").
    ///
    /// Dropping the future gives the place in the queue back. Work that has begun goes on, and keeps its place until
    /// it ends, so that clients who leave never make more of it than there are places.
    ///
    /// # Errors
    /// [`WorkError::Busy`] after the longest wait, or when no more is begun; [`WorkError::Failed`] if the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let acquired = time::timeout(self.max_wait, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = acquired else {
            return Err(WorkError::Busy { work: name, retry_after: self.max_wait });
        };
        let span = tracing::Span::current();
        task::spawn_blocking(move || {
            let _place = place;
            span.in_scope(work)
        })
        .await
        .map_err(|error| WorkError::Failed { work: name, cause: error.to_string() })
    }
}
