//! Concurrent exports of this instance.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

use crate::threads::WorkError;

const MAX_CONCURRENT: usize = 32;
/// Maximum wait for a permit, and `Retry-After` beyond it.
const MAX_WAIT: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_secs(15);

/// Clones share the queue.
#[derive(Debug, Clone)]
pub(super) struct ExportQueue(Arc<Semaphore>);

impl Default for ExportQueue {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_CONCURRENT)))
    }
}

impl ExportQueue {
    /// # Errors
    /// [`WorkError::Busy`] after the maximum wait.
    pub(super) async fn acquire(&self) -> Result<OwnedSemaphorePermit, WorkError> {
        let busy = || WorkError::Busy { work: "export an account", retry_after: RETRY };
        let acquired = time::timeout(MAX_WAIT, Arc::clone(&self.0).acquire_owned()).await;
        acquired.ok().and_then(Result::ok).ok_or_else(busy)
    }
}
