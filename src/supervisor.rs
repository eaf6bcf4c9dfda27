//! Supervision of background tasks. A task that panics is restarted after a growing pause. Repeated failure makes the
//! process unready and ends it, since a partly working service is noticed late.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use tokio::{task::JoinHandle, time};
use tokio_util::sync::CancellationToken;

/// When a task is restarted.
#[derive(Debug, Clone, Copy)]
struct RestartPolicy {
    /// Before the first restart; doubles with each further one.
    initial_pause: Duration,
    /// Consecutive failures after which the task is not restarted.
    max_failures: u32,
    /// A run of this length resets the count of failures.
    reset_after: Duration,
}

impl Default for RestartPolicy {
    /// Eight failures take at least 13 seconds.
    fn default() -> Self {
        Self { initial_pause: Duration::from_millis(100), max_failures: 8, reset_after: Duration::from_mins(1) }
    }
}

/// Starts and restarts background tasks. Clones share state.
#[derive(Debug, Clone, Default)]
pub struct Supervisor {
    policy: RestartPolicy,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    restarts: Mutex<BTreeMap<&'static str, u64>>,
    failed: CancellationToken,
    /// The first task that failed permanently.
    failed_task: Mutex<Option<&'static str>>,
}

impl Supervisor {
    /// Runs the future of `task` as a Tokio task until it returns. `name`: for log and metrics.
    pub fn spawn<F>(&self, name: &'static str, mut task: impl FnMut() -> F + Send + 'static) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send,
    {
        let mut failures = self.register(name);
        tokio::spawn(async move {
            while AssertUnwindSafe(async { task().await }).catch_unwind().await.is_err() {
                let Some(pause) = failures.failed() else { return };
                time::sleep(pause).await;
                failures.restarted();
            }
        })
    }

    /// Runs `work` on its own thread until it returns.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn spawn_thread(
        &self,
        name: &'static str,
        thread_name: String,
        mut work: impl FnMut() + Send + 'static,
    ) -> io::Result<()> {
        let mut failures = self.register(name);
        thread::Builder::new().name(thread_name).spawn(move || {
            while catch_unwind(AssertUnwindSafe(&mut work)).is_err() {
                let Some(pause) = failures.failed() else { return };
                thread::sleep(pause);
                failures.restarted();
            }
        })?;
        Ok(())
    }

    /// Completes when a task fails permanently, with its name.
    pub async fn failed(&self) -> &'static str {
        self.shared.failed.cancelled().await;
        self.failed_task().unwrap_or_default()
    }

    /// Whether a task failed permanently.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.shared.failed.is_cancelled()
    }

    /// Restarts of each task.
    #[must_use]
    pub fn restarts(&self) -> Vec<(&'static str, u64)> {
        let restarts = self.shared.restarts.lock().unwrap_or_else(PoisonError::into_inner);
        restarts.iter().map(|(name, count)| (*name, *count)).collect()
    }

    fn failed_task(&self) -> Option<&'static str> {
        *self.shared.failed_task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(&self, name: &'static str) -> FailureCount {
        self.shared.restarts.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default();
        FailureCount { supervisor: self.clone(), name, failures: 0, started: Instant::now() }
    }
}

/// Consecutive failures of a task.
struct FailureCount {
    supervisor: Supervisor,
    name: &'static str,
    failures: u32,
    started: Instant,
}

impl FailureCount {
    /// The pause before the restart; `None`: no restart. The panic is already logged.
    fn failed(&mut self) -> Option<Duration> {
        let Supervisor { policy, shared } = &self.supervisor;
        if self.started.elapsed() >= policy.reset_after {
            self.failures = 0;
        }
        self.failures += 1;
        if self.failures >= policy.max_failures {
            tracing::error!(task = self.name, failures = self.failures, "background task failed permanently");
            shared.failed_task.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(self.name);
            shared.failed.cancel();
            return None;
        }
        let pause = policy.initial_pause * 2_u32.saturating_pow(self.failures - 1);
        tracing::error!(task = self.name, ?pause, "background task panicked, restarting");
        Some(pause)
    }

    fn restarted(&mut self) {
        self.started = Instant::now();
        let mut restarts = self.supervisor.shared.restarts.lock().unwrap_or_else(PoisonError::into_inner);
        *restarts.entry(self.name).or_default() += 1;
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "panics are under test")]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::mpsc;

    use super::*;

    fn without_pause(max_failures: u32) -> Supervisor {
        let policy = RestartPolicy { initial_pause: Duration::ZERO, max_failures, ..RestartPolicy::default() };
        Supervisor { policy, ..Supervisor::default() }
    }

    #[tokio::test]
    async fn a_panicking_task_is_restarted_until_it_returns() {
        let (supervisor, runs) = (without_pause(8), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&runs);
        let task = supervisor.spawn("task", move || {
            let run = counted.fetch_add(1, Ordering::SeqCst);
            async move { assert!(run >= 3, "on purpose") }
        });
        task.await.expect("no panic comes out");
        assert_eq!(runs.load(Ordering::SeqCst), 4);
        assert_eq!(supervisor.restarts(), [("task", 3)]);
        assert!(!supervisor.has_failed());
    }

    #[tokio::test]
    async fn a_repeatedly_panicking_task_is_abandoned_and_others_continue() {
        let (supervisor, runs) = (without_pause(3), Arc::new(AtomicU32::new(0)));
        let (sender, mut received) = mpsc::channel(1);
        let other = supervisor.spawn("other", move || {
            let sender = sender.clone();
            async move { while sender.send(()).await.is_ok() {} }
        });
        let counted = Arc::clone(&runs);
        let task = supervisor.spawn("task", move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async { panic!("on purpose") }
        });
        assert_eq!(supervisor.failed().await, "task");
        task.await.expect("no panic comes out");
        assert!(supervisor.has_failed());
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        assert_eq!(supervisor.restarts(), [("other", 0), ("task", 2)]);
        for _ in 0..3 {
            received.recv().await.expect("the other task is at work");
        }
        drop(received);
        other.await.expect("it returns");
    }

    #[tokio::test]
    async fn a_panic_while_creating_the_task_counts() {
        let supervisor = without_pause(2);
        let task = supervisor.spawn("task", || -> std::future::Ready<()> { panic!("on purpose") });
        task.await.expect("no panic comes out");
        assert_eq!(supervisor.failed().await, "task");
    }

    #[tokio::test]
    async fn a_panicking_thread_is_restarted_and_finally_abandoned() {
        let (supervisor, runs) = (without_pause(4), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&runs);
        let work = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            panic!("on purpose");
        };
        supervisor.spawn_thread("thread", "thread-0".to_owned(), work).expect("a thread");
        assert_eq!(supervisor.failed().await, "thread");
        assert_eq!(runs.load(Ordering::SeqCst), 4);
        assert_eq!(supervisor.restarts(), [("thread", 3)]);
    }

    #[test]
    fn restart_delays_grow_and_reset_after_a_healthy_run() {
        let supervisor = Supervisor::default();
        let mut failures = supervisor.register("task");
        let pauses: Vec<_> = (0..9).map_while(|_| failures.failed()).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400]);
        let policy = RestartPolicy { reset_after: Duration::ZERO, ..RestartPolicy::default() };
        let mut failures = Supervisor { policy, ..Supervisor::default() }.register("task");
        assert!((0..20).all(|_| failures.failed() == Some(Duration::from_millis(100))));
    }
}
