//! Continuous sign-ups and health probes during a fault of the database, and their results.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    GRACE,
    support::{GOOD, Server, TestDatabase},
};

/// Concurrent clients that sign up.
const VISITORS: usize = 8;
const PAUSE: Duration = Duration::from_millis(20);
/// Documented bounds: the longest time until a 503, by database, and from the end of a fault to the first success.
pub const LIMIT: Duration = Duration::from_secs(3);
pub const SQLITE_LIMIT: Duration = Duration::from_secs(6);
const RECOVERY: Duration = Duration::from_secs(5);
/// Minimum responses of `/healthz` while a sign-up waits for the database. Fewer would mean that it waits itself.
const LEAST_PROBES: usize = 3;

pub fn sign_up(name: &str) -> serde_json::Value {
    json!({"email": format!("{name}@example.com"), "password": GOOD})
}

/// One response.
#[derive(Debug, Clone)]
pub struct Reply {
    pub at: Instant,
    pub took: Duration,
    pub status: u16,
    pub may_retry: bool,
    pub email: String,
}

/// Clients that sign up and probe a server until they are stopped.
pub struct Visitors {
    server: Arc<Server>,
    is_stopped: Arc<AtomicBool>,
    sign_ups: Vec<JoinHandle<Vec<Reply>>>,
    alive: JoinHandle<Vec<Reply>>,
    ready: JoinHandle<Vec<Reply>>,
}

/// All responses, by kind of request.
pub struct Results {
    pub sign_ups: Vec<Reply>,
    pub alive: Vec<Reply>,
    pub ready: Vec<Reply>,
}

impl Visitors {
    pub fn start(server: &Arc<Server>) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);

        let is_stopped = Arc::new(AtomicBool::default());
        let visitor = || {
            let (server, is_stopped) = (Arc::clone(server), Arc::clone(&is_stopped));
            tokio::spawn(async move {
                let mut replies = Vec::new();
                while !is_stopped.load(Ordering::SeqCst) {
                    let name = format!("v{}", NUMBER.fetch_add(1, Ordering::SeqCst));
                    let at = Instant::now();
                    let answer = server.post_json("/register", &sign_up(&name)).await;
                    replies.push(Reply {
                        at,
                        took: at.elapsed(),
                        status: answer.status,
                        may_retry: !answer.header("retry-after").is_empty(),
                        email: format!("{name}@example.com"),
                    });
                    tokio::time::sleep(PAUSE).await;
                }
                replies
            })
        };
        Self {
            sign_ups: (0..VISITORS).map(|_| visitor()).collect(),
            alive: probe(server, "/healthz", &is_stopped),
            ready: probe(server, "/readyz", &is_stopped),
            server: Arc::clone(server),
            is_stopped,
        }
    }

    pub async fn run_for(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Waits for the first successful sign-up that starts now or later. Panics if it takes longer than the documented
    /// bound.
    pub async fn wait_for_recovery(&self, what: &str) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);

        let healed = Instant::now();
        loop {
            let body = sign_up(&format!("healed{}", NUMBER.fetch_add(1, Ordering::SeqCst)));
            // Requests from before the recovery may still wait for a lost connection. This one is new.
            let answer = self.server.post_json("/register", &body);
            let answer = tokio::time::timeout(Duration::from_secs(2), answer);
            if answer.await.is_ok_and(|answer| answer.status == 201) {
                eprintln!("{what}: the first success {:.1?} later", healed.elapsed());
                return;
            }
            let log = || self.server.log();
            assert!(healed.elapsed() < RECOVERY + GRACE, "{what}: no recovery:\n{}", log());
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub async fn stop(self) -> Results {
        self.is_stopped.store(true, Ordering::SeqCst);
        let mut sign_ups = Vec::new();
        for visitor in self.sign_ups {
            sign_ups.extend(visitor.await.expect("a visitor"));
        }
        sign_ups.sort_by_key(|reply| reply.at);
        Results { sign_ups, alive: self.alive.await.expect("probes"), ready: self.ready.await.expect("probes") }
    }
}

fn probe(server: &Arc<Server>, path: &'static str, is_stopped: &Arc<AtomicBool>) -> JoinHandle<Vec<Reply>> {
    let (server, is_stopped) = (Arc::clone(server), Arc::clone(is_stopped));
    tokio::spawn(async move {
        let mut replies = Vec::new();
        while !is_stopped.load(Ordering::SeqCst) {
            let at = Instant::now();
            let answer = server.get(path).await;
            let may_retry = !answer.header("retry-after").is_empty();
            replies.push(Reply { at, took: at.elapsed(), status: answer.status, may_retry, email: String::new() });
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        replies
    })
}

impl Results {
    pub fn count(&self, status: u16) -> usize {
        self.sign_ups.iter().filter(|reply| reply.status == status).count()
    }

    pub fn slowest(&self, status: u16) -> Duration {
        self.sign_ups.iter().filter(|reply| reply.status == status).map(|reply| reply.took).max().unwrap_or_default()
    }

    /// Asserts that every response is a success or a timely 503 with `Retry-After`, that each success has its row, and
    /// that `/healthz` always succeeds. Prints the figures.
    #[track_caller]
    pub fn assert_success_or_timely_503(&self, what: &str, database: &TestDatabase, limit: Duration) {
        let other: Vec<_> = self.sign_ups.iter().filter(|reply| !matches!(reply.status, 201 | 503)).collect();
        assert!(other.is_empty(), "{what}: {other:?}");
        let rows: BTreeSet<String> = database.texts("SELECT email AS t FROM users").into_iter().collect();
        let lost: Vec<_> =
            self.sign_ups.iter().filter(|reply| reply.status == 201 && !rows.contains(&reply.email)).collect();
        assert!(lost.is_empty(), "{what}: a 201 without a row: {lost:?}");
        let late: Vec<_> = self
            .sign_ups
            .iter()
            .chain(&self.ready)
            .filter(|reply| reply.status == 503 && (reply.took > limit + GRACE || !reply.may_retry))
            .collect();
        assert!(late.is_empty(), "{what}: {late:?}");

        assert!(self.alive.iter().all(|reply| reply.status == 200), "{what}: /healthz");
        let mut times: Vec<Duration> = self.alive.iter().map(|reply| reply.took).collect();
        times.sort();
        let (middle, most) = (times[times.len() / 2], times[times.len() - 1]);
        eprintln!(
            "{what}: {} x 201, {} x 503, the slowest 503 after {:.2?}, the slowest 201 after {:.2?}; \
             /healthz {middle:.1?}, at most {most:.1?}",
            self.count(201),
            self.count(503),
            self.slowest(503),
            self.slowest(201),
        );
    }

    /// Asserts that `/healthz` responds while sign-ups wait for the database.
    #[track_caller]
    pub fn assert_healthz_responds_during_waits(&self) {
        let slowest = self.sign_ups.iter().max_by_key(|reply| reply.took).expect("a sign-up");
        let (from, until) = (slowest.at, slowest.at + slowest.took);
        let meanwhile = self.alive.iter().filter(|reply| reply.at > from && reply.at + reply.took < until).count();
        assert!(meanwhile >= LEAST_PROBES, "{meanwhile} answers of /healthz while {slowest:?} waited");
    }

    /// Asserts that `/readyz` is 503 during this time, after the time that one response may take to detect the fault.
    #[track_caller]
    pub fn assert_not_ready(&self, from: Instant, until: Instant) {
        let from = from + LIMIT;
        let during: Vec<_> =
            self.ready.iter().filter(|reply| reply.at > from && reply.at + reply.took < until).collect();
        assert!(!during.is_empty(), "no probe of /readyz during the fault");
        assert!(during.iter().all(|reply| reply.status == 503), "{during:?}");
    }
}
