//! Denial of service by exports: many clients request a long history and do not read it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::Value;
use tokio::time::sleep;

use crate::support::{
    ADA,
    Backend::{self, Postgres, Sqlite},
    GOOD, Reader, Server, eventually,
};

/// Eleven megabytes.
const LINES: usize = 10_000;
const CLIENTS: usize = 60;
/// Maximum growth of memory in KiB: a multiple of one export, and a fraction of one for each client.
const MOST: i64 = 48 * 1024;

async fn me(server: &Server, token: &str) -> u16 {
    server.as_program(token, "GET", "/api/v1/users/me", &Value::Null).await.status
}

/// Peak memory of the service, in KiB, until `is_over`.
async fn watch(server: &Server, is_over: &AtomicBool) -> i64 {
    let mut most = 0;
    while !is_over.load(Ordering::Relaxed) {
        most = most.max(server.resident_kib());
        sleep(Duration::from_millis(20)).await;
    }
    most
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_do_not_read_a_long_export_use_bounded_memory(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("RATE_LIMITS", "on"), ("DATABASE_MAX_CONNS", "2")]);
    server.sign_up(ADA).await;
    server.database.give_history(ADA, LINES);
    server.sign_up("grace@example.com").await;
    let [ada, grace] = [server.token(ADA, GOOD).await, server.token("grace@example.com", GOOD).await];
    let before = server.resident_kib();
    let is_over = AtomicBool::new(false);
    let attack = async {
        let mut readers = join_all((0..CLIENTS).map(|_| Reader::ask(&server, &ada))).await;
        let mut statuses = Vec::new();
        for reader in &mut readers {
            statuses.push(reader.status().await);
            // Another account is served meanwhile.
            assert_eq!(me(&server, &grace).await, 200);
        }
        is_over.store(true, Ordering::Relaxed);
        (readers, statuses)
    };
    let ((readers, statuses), most) = tokio::join!(attack, watch(&server, &is_over));
    println!("{backend:?}: {CLIENTS} clients: {before} KiB before, {most} KiB at most");
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(200), count(429)), (1, CLIENTS - 1), "{statuses:?}");
    assert!(most - before < MOST, "{before} KiB, then {most} KiB");
    drop(readers);
}

/// Each client has its own account: the number of concurrent exports of a process is bounded.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_concurrent_exports_is_bounded(#[values(Sqlite, Postgres)] backend: Backend) {
    const AT_ONCE: usize = 32;
    let server = Server::start_with(backend, &[("DATABASE_MAX_CONNS", "2"), ("HASH_QUEUE_SECONDS", "60")]);
    let mut tokens = Vec::new();
    for number in 0..=AT_ONCE {
        let email = format!("person{number}@example.com");
        server.sign_up(&email).await;
        server.database.give_history(&email, 1200);
        tokens.push(server.token(&email, GOOD).await);
    }
    let (last, others) = tokens.split_last().expect("tokens");
    let before = server.resident_kib();
    let mut readers = join_all(others.iter().map(|token| Reader::ask(&server, token))).await;
    for reader in &mut readers {
        assert_eq!(reader.status().await, 200);
    }
    let refused = server.as_program(last, "GET", "/account/export", &Value::Null).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "15"), "{}", refused.text());
    assert_eq!(me(&server, last).await, 200);
    let more = server.resident_kib() - before;
    println!("{backend:?}: {AT_ONCE} unread exports: {more} KiB");
    assert!(more < 2 * MOST, "{more} KiB");
    drop(readers.pop());
    let exports =
        async || (server.as_program(last, "GET", "/account/export", &Value::Null).await.status == 200).then_some(());
    eventually("an export is accepted again", exports).await;
}
