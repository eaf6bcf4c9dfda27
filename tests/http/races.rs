//! Concurrent sign-ups.

use std::sync::Arc;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, GOOD, Server, TestDatabase};
use Backend::{Postgres, Sqlite};

const CLIENTS: usize = 50;

/// 20 rounds by default, the full campaign with `VESTIBULE_TEST_FULL=1`.
fn rounds() -> usize {
    if crate::support::is_full() { 200 } else { 20 }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_sign_ups_on_two_instances_make_one_account(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let settings = [("HASH_QUEUE_SECONDS", "30")];
    let servers =
        [Server::start_on(Arc::clone(&database), &settings), Server::start_on(Arc::clone(&database), &settings)];
    for round in 0..rounds() {
        let servers = &servers;
        let answers = join_all((0..CLIENTS).map(async |client| {
            let server = &servers[client % 2];
            let email =
                if client % 3 == 0 { format!("RACE{round}@Example.com") } else { format!("race{round}@example.com") };
            match client % 5 {
                0 => server.post_form(&[("email", &email), ("password", GOOD)]).await.status,
                1 => {
                    server.post_json("/api/v1/users/register", &json!({"email": email, "password": GOOD})).await.status
                }
                _ => server.post_json("/register", &json!({"email": email, "password": GOOD})).await.status,
            }
        }))
        .await;
        let count = |wanted: &[u16]| answers.iter().filter(|status| wanted.contains(status)).count();
        assert_eq!((count(&[201, 303]), count(&[400])), (1, CLIENTS - 1), "round {round}: {answers:?}");
    }
    let rounds = i64::try_from(rounds()).expect("a number");
    assert_eq!(database.count("SELECT count(*) FROM users"), rounds);
    assert_eq!(database.count("SELECT count(DISTINCT email) FROM users"), rounds);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_sign_ups_with_different_usernames_all_succeed(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let settings = [("HASH_QUEUE_SECONDS", "30")];
    let servers =
        [Server::start_on(Arc::clone(&database), &settings), Server::start_on(Arc::clone(&database), &settings)];
    // All wait for one writer; more clients would exceed the deadline for the database.
    let clients = if crate::support::is_full() { 400 } else { 100 };
    let answers = join_all((0..clients).map(async |client| {
        let body = json!({"username": format!("user{client}"), "password": GOOD});
        servers[client % 2].post_json("/users", &body).await.status
    }))
    .await;
    assert!(answers.iter().all(|status| *status == 201), "{answers:?}");
    assert_eq!(database.count("SELECT count(*) FROM users"), i64::try_from(clients).expect("a number"));
}
