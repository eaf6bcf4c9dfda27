//! A 201 means that the row is durable.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Stdio},
};

use crate::support::{Backend, Server, TestDatabase, eventually, is_full, postgres};

use super::outage::sign_up;

/// The kernel confirms a sync of the write-ahead log between a request and its 201.
#[tokio::test(flavor = "multi_thread")]
async fn each_201_follows_a_sync_of_the_write_ahead_log() {
    let rounds = if is_full() { 200 } else { 20 };
    let server = Server::start(Backend::Sqlite);
    let folder = tempfile::tempdir().expect("a folder");
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace")
        .args(["-f", "-y", "-s", "40", "-e", "trace=fdatasync,fsync,read,recvfrom,write,writev,sendto,sendmsg"])
        .args(["-p", &server.pid().to_string(), "-o"])
        .arg(&trace)
        .stderr(Stdio::null())
        .spawn()
        .expect("strace; ./scripts/test installs it");
    // strace is attached once it records a request.
    eventually("strace records a request; may this user trace its own processes (ptrace_scope)?", async || {
        server.get("/healthz").await;
        fs::read_to_string(&trace).ok().filter(|text| text.contains("GET /healthz"))
    })
    .await;
    for round in 0..rounds {
        assert_eq!(server.post_json("/register", &sign_up(&format!("p{round}"))).await.status, 201);
    }
    let _ = Command::new("kill").args(["-s", "INT", &strace.id().to_string()]).status();
    let _ = strace.wait();

    let text = fs::read_to_string(&trace).expect("a trace");
    let (mut answered, mut is_synced, mut is_requested) = (0, false, false);
    // Threads whose sync has begun and not returned.
    let mut syncing: BTreeMap<&str, bool> = BTreeMap::new();
    for line in text.lines() {
        let (thread, call) = line.split_once(' ').expect("a thread");
        let is_sync = call.trim_start().starts_with("fdatasync(") || call.trim_start().starts_with("fsync(");
        if is_sync && call.contains("unfinished") {
            syncing.insert(thread, call.contains("-wal>"));
        } else if call.contains("sync resumed>") && call.contains("= 0") {
            is_synced |= is_requested && syncing.remove(thread) == Some(true);
        } else if is_sync && call.contains("-wal>") && call.ends_with("= 0") {
            is_synced |= is_requested;
        } else if call.contains("\"POST /register") {
            (is_requested, is_synced) = (true, false);
        } else if call.contains("\"HTTP/1.1 201") {
            assert!(is_requested, "a 201 without a sync of the log before it");
            assert!(is_synced, "a 201 without a sync of the log before it");
            answered += 1;
            (is_requested, is_synced) = (false, false);
        }
    }
    assert_eq!(answered, rounds, "{text}");
    eprintln!("{answered} sign-ups, a sync of the write-ahead log before each 201");
}

/// `off` in the settings of the database is replaced by `on`; every other level stays.
#[test]
fn postgres_connections_turn_synchronous_commit_on() {
    let database = TestDatabase::new(Backend::Postgres);
    let name = url::Url::parse(&database.url).expect("a URL").path().trim_start_matches('/').to_owned();
    for (set, found) in [
        ("off", "on"),
        ("on", "on"),
        ("local", "local"),
        ("remote_write", "remote_write"),
        ("remote_apply", "remote_apply"),
    ] {
        postgres::administrate(&format!("ALTER DATABASE {name} SET synchronous_commit = {set}"));
        assert_eq!(database.texts("SELECT current_setting('synchronous_commit') AS t"), [found], "{set}");
    }
}
