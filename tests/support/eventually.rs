//! The one wait for asynchronous effects.

use std::time::{Duration, Instant};

/// Polls `probe` every 20 ms until it returns `Some`. Panics with `what` after a minute: a loaded machine may be slow,
/// and a passing test never waits that long.
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
