//! Sign-ups and probes that go on while something happens to the database, and what they found.

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

/// Who signs up at the same time.
const VISITORS: usize = 8;
const PAUSE: Duration = Duration::from_millis(20);
/// What is promised: the longest time until a 503, by database, and until the first success once all is well.
pub const LIMIT: Duration = Duration::from_secs(3);
pub const SQLITE_LIMIT: Duration = Duration::from_secs(6);
const RECOVERY: Duration = Duration::from_secs(5);
/// Of `/healthz` while a sign-up waits for the database: more than one for each time that it waits itself.
const LEAST_PROBES: usize = 3;

pub fn sign_up(name: &str) -> serde_json::Value {
    json!({"email": format!("{name}@example.com"), "password": GOOD})
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub at: Instant,
    pub took: Duration,
    pub status: u16,
    pub may_retry: bool,
    pub email: String,
}

/// Everything that is asked of a server meanwhile.
pub struct Visitors {
    server: Arc<Server>,
    is_over: Arc<AtomicBool>,
    sign_ups: Vec<JoinHandle<Vec<Reply>>>,
    alive: JoinHandle<Vec<Reply>>,
    ready: JoinHandle<Vec<Reply>>,
}

/// What was asked and answered.
pub struct Found {
    pub sign_ups: Vec<Reply>,
    pub alive: Vec<Reply>,
    pub ready: Vec<Reply>,
}

impl Visitors {
    pub fn come(server: &Arc<Server>) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);

        let is_over = Arc::new(AtomicBool::default());
        let visitor = || {
            let (server, is_over) = (Arc::clone(server), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut replies = Vec::new();
                while !is_over.load(Ordering::SeqCst) {
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
            alive: probe(server, "/healthz", &is_over),
            ready: probe(server, "/readyz", &is_over),
            server: Arc::clone(server),
            is_over,
        }
    }

    /// They go on for so long.
    pub async fn go_on(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Waits for the first sign-up that begins now or later and succeeds, which has to come as soon as is promised.
    pub async fn success(&self, what: &str) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);

        let healed = Instant::now();
        loop {
            let body = sign_up(&format!("healed{}", NUMBER.fetch_add(1, Ordering::SeqCst)));
            // Whoever came before it healed may still be waiting for what is lost; others have not come yet.
            let answer = self.server.post_json("/register", &body);
            let answer = tokio::time::timeout(Duration::from_secs(2), answer);
            if answer.await.is_ok_and(|answer| answer.status == 201) {
                eprintln!("{what}: the first success {:.1?} later", healed.elapsed());
                return;
            }
            let log = || self.server.log();
            assert!(healed.elapsed() < RECOVERY + GRACE, "{what}: it does not come back:\n{}", log());
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub async fn leave(self) -> Found {
        self.is_over.store(true, Ordering::SeqCst);
        let mut sign_ups = Vec::new();
        for visitor in self.sign_ups {
            sign_ups.extend(visitor.await.expect("a visitor"));
        }
        sign_ups.sort_by_key(|reply| reply.at);
        Found { sign_ups, alive: self.alive.await.expect("probes"), ready: self.ready.await.expect("probes") }
    }
}

fn probe(server: &Arc<Server>, path: &'static str, is_over: &Arc<AtomicBool>) -> JoinHandle<Vec<Reply>> {
    let (server, is_over) = (Arc::clone(server), Arc::clone(is_over));
    tokio::spawn(async move {
        let mut replies = Vec::new();
        while !is_over.load(Ordering::SeqCst) {
            let at = Instant::now();
            let answer = server.get(path).await;
            let may_retry = !answer.header("retry-after").is_empty();
            replies.push(Reply { at, took: at.elapsed(), status: answer.status, may_retry, email: String::new() });
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        replies
    })
}

impl Found {
    pub fn count(&self, status: u16) -> usize {
        self.sign_ups.iter().filter(|reply| reply.status == status).count()
    }

    pub fn slowest(&self, status: u16) -> Duration {
        self.sign_ups.iter().filter(|reply| reply.status == status).map(|reply| reply.took).max().unwrap_or_default()
    }

    /// Every answer is a success or a 503 in time that says when to come again; each success is a row; `/healthz` never
    /// noticed. Prints the figures.
    #[track_caller]
    pub fn assert_in_order(&self, what: &str, database: &TestDatabase, limit: Duration) {
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
            "{what}: {} x 201, {} x 503, the slowest 503 after {:.2?}, the slowest 201 after {:.2?}; /healthz {middle:.1?}, \
             at most {most:.1?}",
            self.count(201),
            self.count(503),
            self.slowest(503),
            self.slowest(201),
        );
    }

    /// `/healthz` is answered while sign-ups wait for the database.
    #[track_caller]
    pub fn assert_alive_beside_who_waits(&self) {
        let slowest = self.sign_ups.iter().max_by_key(|reply| reply.took).expect("a sign-up");
        let (from, until) = (slowest.at, slowest.at + slowest.took);
        let meanwhile = self.alive.iter().filter(|reply| reply.at > from && reply.at + reply.took < until).count();
        assert!(meanwhile >= LEAST_PROBES, "{meanwhile} answers of /healthz while {slowest:?} waited");
    }

    /// Not ready for all of this time, but for as long as one answer may take to notice.
    #[track_caller]
    pub fn assert_not_ready(&self, from: Instant, until: Instant) {
        let from = from + LIMIT;
        let during: Vec<_> =
            self.ready.iter().filter(|reply| reply.at > from && reply.at + reply.took < until).collect();
        assert!(!during.is_empty(), "/readyz was not asked meanwhile");
        assert!(during.iter().all(|reply| reply.status == 503), "{during:?}");
    }
}
