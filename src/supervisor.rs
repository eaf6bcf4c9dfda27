//! Background tasks: whatever runs beside the requests for as long as the process does. A panic in one ends that one alone: it is
//! logged, and the task started again after a pause that grows. One that fails again and again makes the whole process
//! unready and ends it, since a service that half works is noticed late.

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

/// When a task is started again, and when no more.
#[derive(Debug, Clone, Copy)]
struct RestartPolicy {
    /// Before the first restart; each one after waits twice as long.
    first_pause: Duration,
    /// Failures in a row after which it is not started again.
    most_failures: u32,
    /// A task that ran for so long was well: what fails later begins a new row.
    well_after: Duration,
}

impl Default for RestartPolicy {
    /// Eight failures take 13 seconds at least.
    fn default() -> Self {
        Self { first_pause: Duration::from_millis(100), most_failures: 8, well_after: Duration::from_mins(1) }
    }
}

/// Starts background tasks and starts them again. Clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct Supervisor {
    policy: RestartPolicy,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    restarts: Mutex<BTreeMap<&'static str, u64>>,
    failed: CancellationToken,
    /// Of the first task that was given up.
    culprit: Mutex<Option<&'static str>>,
}

impl Supervisor {
    /// Runs what `task` makes, as a task of the runtime, until it returns. `name` stands in the log and the metrics.
    pub fn spawn<F>(&self, name: &'static str, mut task: impl FnMut() -> F + Send + 'static) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send,
    {
        let mut row = self.begin(name);
        tokio::spawn(async move {
            while AssertUnwindSafe(async { task().await }).catch_unwind().await.is_err() {
                let Some(pause) = row.failed() else { return };
                time::sleep(pause).await;
                row.restarted();
            }
        })
    }

    /// Runs `work` on a thread of its own until it returns.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn_thread(
        &self,
        name: &'static str,
        thread_name: String,
        mut work: impl FnMut() + Send + 'static,
    ) -> io::Result<()> {
        let mut row = self.begin(name);
        thread::Builder::new().name(thread_name).spawn(move || {
            while catch_unwind(AssertUnwindSafe(&mut work)).is_err() {
                let Some(pause) = row.failed() else { return };
                thread::sleep(pause);
                row.restarted();
            }
        })?;
        Ok(())
    }

    /// Ends when a task is not started again, and says which.
    pub async fn failed(&self) -> &'static str {
        self.shared.failed.cancelled().await;
        self.culprit().unwrap_or_default()
    }

    /// Whether a task is not started again.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.shared.failed.is_cancelled()
    }

    /// How often each task was started again.
    #[must_use]
    pub fn restarts(&self) -> Vec<(&'static str, u64)> {
        let restarts = self.shared.restarts.lock().unwrap_or_else(PoisonError::into_inner);
        restarts.iter().map(|(name, count)| (*name, *count)).collect()
    }

    fn culprit(&self) -> Option<&'static str> {
        *self.shared.culprit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, name: &'static str) -> Row {
        self.shared.restarts.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default();
        Row { supervisor: self.clone(), name, failures: 0, started: Instant::now() }
    }
}

/// The failures of one task in a row.
struct Row {
    supervisor: Supervisor,
    name: &'static str,
    failures: u32,
    started: Instant,
}

impl Row {
    /// The pause before it is started again; `None`: it is not. The panic itself is in the log by now.
    fn failed(&mut self) -> Option<Duration> {
        let Supervisor { policy, shared } = &self.supervisor;
        if self.started.elapsed() >= policy.well_after {
            self.failures = 0;
        }
        self.failures += 1;
        if self.failures >= policy.most_failures {
            tracing::error!(task = self.name, failures = self.failures, "a background task failed for good");
            shared.culprit.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(self.name);
            shared.failed.cancel();
            return None;
        }
        let pause = policy.first_pause * 2_u32.saturating_pow(self.failures - 1);
        tracing::error!(task = self.name, ?pause, "a background task failed and is started again");
        Some(pause)
    }

    fn restarted(&mut self) {
        self.started = Instant::now();
        let mut restarts = self.supervisor.shared.restarts.lock().unwrap_or_else(PoisonError::into_inner);
        *restarts.entry(self.name).or_default() += 1;
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "it is what this is about")]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::mpsc;

    use super::*;

    fn without_pause(most_failures: u32) -> Supervisor {
        let policy = RestartPolicy { first_pause: Duration::ZERO, most_failures, ..RestartPolicy::default() };
        Supervisor { policy, ..Supervisor::default() }
    }

    #[tokio::test]
    async fn a_task_that_panics_is_started_again_until_it_returns() {
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
    async fn a_task_that_panics_again_and_again_is_given_up_and_the_others_go_on() {
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
    async fn a_panic_while_the_task_is_made_counts_too() {
        let supervisor = without_pause(2);
        let task = supervisor.spawn("task", || -> std::future::Ready<()> { panic!("on purpose") });
        task.await.expect("no panic comes out");
        assert_eq!(supervisor.failed().await, "task");
    }

    #[tokio::test]
    async fn a_thread_that_panics_is_started_again_and_given_up_in_the_end() {
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
    fn pauses_grow_and_a_task_that_was_well_begins_anew() {
        let supervisor = Supervisor::default();
        let mut row = supervisor.begin("task");
        let pauses: Vec<_> = (0..9).map_while(|_| row.failed()).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400]);
        let well = RestartPolicy { well_after: Duration::ZERO, ..RestartPolicy::default() };
        let mut row = Supervisor { policy: well, ..Supervisor::default() }.begin("task");
        assert!((0..20).all(|_| row.failed() == Some(Duration::from_millis(100))));
    }
}
