//! Another connection holds a lock that every sign-up needs, or the file is not writable.

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{Backend, Server, TestDatabase, is_full};
use diesel::connection::SimpleConnection as _;

use super::outage::{LIMIT, SQLITE_LIMIT, Visitors, sign_up};

/// More clients than connections, and each connection waits for a lock, so the pool is exhausted too.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_and_an_exhausted_pool_are_503_in_time() {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let settings = [("PASSWORD_BLOCKLIST", "off"), ("DATABASE_MAX_CONNS", "4")];
    let server = Arc::new(Server::start_on(Arc::clone(&database), &settings));
    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_secs(1)).await;
    let mut holder = database.connect();
    holder
        .batch_execute("SET idle_in_transaction_session_timeout = 0; BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        .expect("locked");
    let began = Instant::now();
    visitors.run_for(Duration::from_secs(if is_full() { 20 } else { 6 })).await;
    let ended = Instant::now();
    holder.batch_execute("ROLLBACK").expect("released");
    visitors.wait_for_recovery("LOCK TABLE users").await;
    visitors.run_for(Duration::from_secs(1)).await;
    let found = visitors.stop().await;
    found.assert_success_or_timely_503("LOCK TABLE users", &database, LIMIT);
    found.assert_healthz_responds_during_waits();
    let during: Vec<_> =
        found.sign_ups.iter().filter(|reply| reply.at > began && reply.at + reply.took < ended).collect();
    assert!(!during.is_empty(), "no sign-up during the lock");
    assert!(during.iter().all(|reply| reply.status == 503), "{during:?}");
    // A busy database stays ready, and a lock does not count as a silent connection.
    assert!(found.ready.iter().all(|reply| reply.status == 200), "{:?}", found.ready);
    assert!(!server.log().contains("connections abandoned"), "{}", server.log());
}

/// Another process that locks the file, such as a backup or an operator's shell.
struct Holder(std::process::Child);

impl Holder {
    fn of(database: &TestDatabase, time: Duration) -> Self {
        let path = database.url.trim_start_matches("sqlite://");
        let script = format!(
            "import sqlite3, time\ndb = sqlite3.connect({path:?}, isolation_level=None, timeout=30)\n\
             db.execute('BEGIN EXCLUSIVE')\nprint('held', flush=True)\ntime.sleep({})\ndb.execute('ROLLBACK')\n",
            time.as_secs_f64()
        );
        let mut child = Command::new("python3")
            .args(["-c", &script])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("python3; ./scripts/test installs it");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).expect("a line");
        assert_eq!(line.trim(), "held");
        Self(child)
    }

    async fn wait_for_release(mut self) {
        tokio::task::spawn_blocking(move || self.0.wait()).await.expect("ended").expect("ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_sqlite_file_is_waited_for_and_then_503() {
    let server = Arc::new(Server::start_with(Backend::Sqlite, &[("PASSWORD_BLOCKLIST", "off")]));
    let database = Arc::clone(&server.database);
    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_millis(500)).await;
    Holder::of(&database, Duration::from_secs(2)).wait_for_release().await;
    visitors.run_for(Duration::from_millis(500)).await;
    let found = visitors.stop().await;
    found.assert_success_or_timely_503("SQLite, held 2 s", &database, SQLITE_LIMIT);
    assert_eq!(found.count(503), 0, "every sign-up waited and succeeded");
    assert!(found.slowest(201) > Duration::from_secs(1), "no sign-up had to wait");
    found.assert_healthz_responds_during_waits();

    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_millis(500)).await;
    let time = Duration::from_secs(if is_full() { 20 } else { 8 });
    Holder::of(&database, time).wait_for_release().await;
    visitors.wait_for_recovery(&format!("SQLite, held {time:?}")).await;
    let found = visitors.stop().await;
    found.assert_success_or_timely_503("SQLite, held long", &database, SQLITE_LIMIT);
    assert!(found.count(503) > 0, "the lock outlasts the longest wait");
    assert_eq!(database.texts("SELECT integrity_check AS t FROM pragma_integrity_check"), ["ok"]);
}

/// Files that are immutable, also for root, until this is dropped. Without `-shm`, which is mapped memory: the kernel
/// kills a process that writes to it.
struct Frozen(Vec<std::path::PathBuf>);

impl Frozen {
    fn new(database: &TestDatabase) -> Self {
        let is_memory = |path: &std::path::PathBuf| path.to_string_lossy().ends_with("-shm");
        let frozen = Self(database.files().into_iter().filter(|path| !is_memory(path)).collect());
        frozen.set("+i");
        frozen
    }

    fn set(&self, flag: &str) {
        let is_root = rustix::process::getuid().is_root();
        let mut command = Command::new(if is_root { "chattr" } else { "sudo" });
        if !is_root {
            command.args(["--non-interactive", "chattr"]);
        }
        let status = command.arg(flag).args(&self.0).status().expect("chattr of e2fsprogs, and sudo unless it is root");
        assert!(
            status.success(),
            "chattr {flag}: needs root, or sudo without a password, and a file system that supports it"
        );
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.set("-i");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root, to make a file immutable: ./scripts/test as root, ./scripts/test full"]
async fn a_sqlite_file_that_cannot_be_written_is_503_and_recovers() {
    let server = Arc::new(Server::start_with(Backend::Sqlite, &[("PASSWORD_BLOCKLIST", "off")]));
    let database = Arc::clone(&server.database);
    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_secs(1)).await;
    let frozen = Frozen::new(&database);
    let began = Instant::now();
    visitors.run_for(Duration::from_secs(5)).await;
    let ended = Instant::now();
    drop(frozen);
    visitors.wait_for_recovery("SQLite, immutable").await;
    let found = visitors.stop().await;
    found.assert_success_or_timely_503("SQLite, immutable", &database, SQLITE_LIMIT);
    assert!(found.count(503) > 0, "no 503 during the fault");
    found.assert_not_ready(began, ended);
    assert_eq!(server.get("/readyz").await.status, 200);
    assert_eq!(server.post_json("/register", &sign_up("after")).await.status, 201);
    assert_eq!(database.texts("SELECT integrity_check AS t FROM pragma_integrity_check"), ["ok"]);
}
