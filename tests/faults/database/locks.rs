//! Somebody holds the lock that everybody needs, or the file cannot be written to.

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{Backend, Server, TestDatabase, is_full};
use diesel::connection::SimpleConnection as _;

use super::outage::{LIMIT, SQLITE_LIMIT, Visitors, sign_up};

/// More visitors than connections, and each connection waits for a lock: the pool is exhausted too.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_and_an_exhausted_pool_are_503_in_time() {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let settings = [("PASSWORD_BLOCKLIST", "off"), ("DATABASE_MAX_CONNS", "4")];
    let server = Arc::new(Server::start_on(Arc::clone(&database), &settings));
    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_secs(1)).await;
    let mut holder = database.connect();
    holder
        .batch_execute("SET idle_in_transaction_session_timeout = 0; BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        .expect("locked");
    let began = Instant::now();
    visitors.go_on(Duration::from_secs(if is_full() { 20 } else { 6 })).await;
    let ended = Instant::now();
    holder.batch_execute("ROLLBACK").expect("let go");
    visitors.success("LOCK TABLE users").await;
    visitors.go_on(Duration::from_secs(1)).await;
    let found = visitors.leave().await;
    found.assert_in_order("LOCK TABLE users", &database, LIMIT);
    found.assert_alive_beside_who_waits();
    let during: Vec<_> =
        found.sign_ups.iter().filter(|reply| reply.at > began && reply.at + reply.took < ended).collect();
    assert!(!during.is_empty(), "nobody came meanwhile");
    assert!(during.iter().all(|reply| reply.status == 503), "{during:?}");
    // Being busy is not being broken, and a lock is no silence.
    assert!(found.ready.iter().all(|reply| reply.status == 200), "{:?}", found.ready);
    assert!(!server.log().contains("connections abandoned"), "{}", server.log());
}

/// Another program with the file, as a backup or an operator's shell.
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

    async fn let_go(mut self) {
        tokio::task::spawn_blocking(move || self.0.wait()).await.expect("ended").expect("ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_that_somebody_holds_is_waited_for_and_then_refused() {
    let server = Arc::new(Server::start_with(Backend::Sqlite, &[("PASSWORD_BLOCKLIST", "off")]));
    let database = Arc::clone(&server.database);
    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_millis(500)).await;
    Holder::of(&database, Duration::from_secs(2)).let_go().await;
    visitors.go_on(Duration::from_millis(500)).await;
    let found = visitors.leave().await;
    found.assert_in_order("SQLite, held 2 s", &database, SQLITE_LIMIT);
    assert_eq!(found.count(503), 0, "everybody waited");
    assert!(found.slowest(201) > Duration::from_secs(1), "nobody had to wait");
    found.assert_alive_beside_who_waits();

    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_millis(500)).await;
    let time = Duration::from_secs(if is_full() { 20 } else { 8 });
    Holder::of(&database, time).let_go().await;
    visitors.success(&format!("SQLite, held {time:?}")).await;
    let found = visitors.leave().await;
    found.assert_in_order("SQLite, held long", &database, SQLITE_LIMIT);
    assert!(found.count(503) > 0, "it was held too long");
    assert_eq!(database.texts("SELECT integrity_check AS t FROM pragma_integrity_check"), ["ok"]);
}

/// Files that nobody may write to, not even root, until this is dropped. Not the `-shm`: it is memory, and whoever writes to
/// it then is ended by the kernel.
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
            "chattr {flag}: takes root, or sudo that asks nothing, and a file system that knows it"
        );
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.set("-i");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes root, to make a file immutable: ./scripts/test as root, ./scripts/test full"]
async fn a_sqlite_file_that_cannot_be_written_to_is_503_and_heals() {
    let server = Arc::new(Server::start_with(Backend::Sqlite, &[("PASSWORD_BLOCKLIST", "off")]));
    let database = Arc::clone(&server.database);
    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_secs(1)).await;
    let frozen = Frozen::new(&database);
    let began = Instant::now();
    visitors.go_on(Duration::from_secs(5)).await;
    let ended = Instant::now();
    drop(frozen);
    visitors.success("SQLite, immutable").await;
    let found = visitors.leave().await;
    found.assert_in_order("SQLite, immutable", &database, SQLITE_LIMIT);
    assert!(found.count(503) > 0, "nobody noticed");
    found.assert_not_ready(began, ended);
    assert_eq!(server.get("/readyz").await.status, 200);
    assert_eq!(server.post_json("/register", &sign_up("after")).await.status, 201);
    assert_eq!(database.texts("SELECT integrity_check AS t FROM pragma_integrity_check"), ["ok"]);
}
