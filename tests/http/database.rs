//! Database failures: missing tables, locks, closed connections.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, GOOD, METRICS, Server};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn database_failures_are_503_or_500_without_details(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("LOG_LEVEL", "error")]);
    assert_eq!(server.get("/readyz").await.status, 200);
    server.database.execute("ALTER TABLE __diesel_schema_migrations RENAME TO elsewhere");
    let ready = server.get("/readyz").await;
    ready.assert_json(503, &json!({"detail": "The database does not answer, or is not migrated."}));
    assert_eq!(ready.header("retry-after"), "1");
    server.database.execute("ALTER TABLE elsewhere RENAME TO __diesel_schema_migrations");

    // An internal error: 500 with a request id, the cause in the log only.
    server.database.execute("ALTER TABLE users RENAME TO elsewhere");
    let answer = server.post_json("/register", &json!({"email": "canary@example.com", "password": GOOD})).await;
    let id = answer.header("x-request-id").to_owned();
    answer.assert_json(
        500,
        &json!({
            "detail": "Nothing you sent was the cause. Try again; if it happens again, tell the operator the request id.",
            "request_id": id,
        }),
    );
    let page = server.post_form(&[("email", "canary@example.com"), ("password", GOOD)]).await;
    let id_of_page = page.header("x-request-id").to_owned();
    assert_eq!(page.page(500).text("main code"), id_of_page);
    let log = server.log_with(&id_of_page).await;
    let line = log.lines().find(|line| line.contains(&id) && line.contains("ERROR")).expect("a line with the id");
    assert!(line.contains("users"), "{line}");
    assert!(!log.contains("canary@"));
    assert!(!log.contains(GOOD));
    assert_eq!(server.get("/healthz").await.status, 200);
}

/// Another connection holds the lock that a sign-up needs for longer than the deadline, then releases it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_503_within_the_deadline_and_recovers(#[values(Sqlite, Postgres)] backend: Backend) {
    use diesel::connection::SimpleConnection as _;

    let server = Server::start_with(backend, &[METRICS]);
    let body = |name: &str| json!({"email": format!("{name}@example.com"), "password": GOOD});
    let lock = match backend {
        Sqlite => "BEGIN IMMEDIATE",
        Postgres => "BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE",
    };
    let mut holder = server.database.connect();
    if backend == Postgres {
        holder.batch_execute("SET idle_in_transaction_session_timeout = 0").expect("set");
    }
    holder.batch_execute(lock).expect("locked");
    // Within the deadline, while the lock is still held.
    let refused = server.post_json("/register", &body("a")).await;
    assert_eq!(refused.header("retry-after"), "5");
    refused.assert_json(503, &json!({"detail": "Nothing was saved. Wait a few seconds, then try again."}));
    assert_eq!((server.get("/healthz").await.status, server.get("/readyz").await.status), (200, 200));

    // A request during a short lock waits and succeeds.
    let second = body("b");
    let (waited, ()) = tokio::join!(server.post_json("/register", &second), async {
        // Its hash is the second; then it waits for the lock, which is held a little longer.
        server.metrics_with("vestibule_hashes_total{outcome=\"finished\"}", 2.0).await;
        server.metrics_with("vestibule_database_connections{state=\"in_use\"}", 1.0).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        holder.batch_execute("ROLLBACK").expect("released");
    });
    assert_eq!(waited.status, 201);
    assert_eq!(server.post_json("/register", &body("a")).await.status, 201);
}

#[tokio::test]
async fn connections_closed_by_the_server_are_replaced() {
    let server = Server::start(Postgres);
    let body = |number: usize| json!({"email": format!("p{number}@example.com"), "password": GOOD});
    for round in 0..3 {
        assert_eq!(server.post_json("/register", &body(round)).await.status, 201);
        server.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }
}
