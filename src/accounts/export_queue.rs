//! The exports that this instance makes at once.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

use crate::threads::WorkError;

/// Exports that an instance makes at once.
const AT_ONCE: usize = 32;
/// How long a client waits for its turn, and after what time it should retry.
const TURN_WAIT: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_secs(15);

/// Clones share the queue.
#[derive(Debug, Clone)]
pub(super) struct ExportQueue(Arc<Semaphore>);

impl Default for ExportQueue {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl ExportQueue {
    /// # Errors
    /// [`WorkError::Busy`] after the longest wait.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, WorkError> {
        let busy = || WorkError::Busy { work: "export an account", retry_after: RETRY };
        let entered = time::timeout(TURN_WAIT, Arc::clone(&self.0).acquire_owned()).await;
        entered.ok().and_then(Result::ok).ok_or_else(busy)
    }
}
