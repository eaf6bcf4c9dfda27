//! CPU-bound work outside the async threads, with bounded concurrency.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task, time};

/// Permits for work on blocking threads. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Threads {
    permits: Arc<Semaphore>,
    max_wait: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// No thread is available within the longest wait. One should be after `retry_after`.
    #[error("no thread available in time to {work}; retry after {:.1} s", .retry_after.as_secs_f64())]
    Busy { work: &'static str, retry_after: Duration },
    #[error("failed to {work}: {cause}")]
    Failed { work: &'static str, cause: String },
}

impl Threads {
    #[must_use]
    pub(crate) fn new(permits: usize, max_wait: Duration) -> Self {
        Self { permits: Arc::new(Semaphore::new(permits)), max_wait }
    }

    /// Refuses further work.
    pub(crate) fn stop(&self) {
        self.permits.close();
    }

    /// Runs the work once a permit is available; `name`: a verb phrase for the log ("hash a password").
    ///
    /// Dropping the future leaves the queue. Work that has started continues and holds its permit until it ends, so
    /// that disconnected clients cannot exceed the limit.
    ///
    /// # Errors
    /// [`WorkError::Busy`] after the longest wait or [`Self::stop`]; [`WorkError::Failed`] if the work panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let acquired = time::timeout(self.max_wait, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = acquired else {
            return Err(WorkError::Busy { work: name, retry_after: self.max_wait });
        };
        let span = tracing::Span::current();
        task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(work)
        })
        .await
        .map_err(|error| WorkError::Failed { work: name, cause: error.to_string() })
    }
}
