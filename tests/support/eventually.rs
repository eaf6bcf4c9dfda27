//! The one wait for what comes in its own time.

use std::time::{Duration, Instant};

/// The result of `probe` once it is `Some`, asked every 20 ms. Panics with `what` when that does not come within a
/// minute: long, since a loaded machine may be slow, and a test that passes never waits for it.
pub async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    const PATIENCE: Duration = Duration::from_mins(1);
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
