//! Conflicts are distinguished from errors, and transactions are atomic.

use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use rstest::rstest;
use vestibule::{
    domain::field_error::FieldError,
    store::{Database, DatabaseUrl, InsertError, StoreError, migrations, users::NewUser},
};

use crate::support::{Backend, TestDatabase};

use Backend::{Postgres, Sqlite};

fn new_user<'a>(email: Option<&'a str>, username: Option<&'a str>) -> NewUser<'a> {
    NewUser {
        email,
        username,
        username_key: username,
        password_hash: "x",
        full_name: None,
        is_active: true,
        is_verified: false,
        created_at: NaiveDateTime::default(),
        updated_at: NaiveDateTime::default(),
        language: None,
        proof_due: None,
        must_prove: false,
    }
}

fn migrated(backend: Backend) -> TestDatabase {
    let database = TestDatabase::new(backend);
    migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    database
}

#[rstest]
fn a_unique_violation_names_its_field(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let mut connection = database.connect();
    new_user(Some("a@example.com"), Some("ann")).insert(&mut connection).expect("the first");
    for (user, field) in [
        (new_user(Some("a@example.com"), None), FieldError::EmailTaken),
        (new_user(None, Some("ann")), FieldError::UsernameTaken),
    ] {
        match user.insert(&mut connection) {
            Err(InsertError::Taken(taken)) => assert_eq!(taken, field),
            other => panic!("{other:?}"),
        }
    }
    // A row without an identifier is a programming error, not a conflict.
    match new_user(None, None).insert(&mut connection) {
        Err(InsertError::Store(StoreError::Fault(_))) => {}
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[tokio::test]
async fn a_transaction_that_fails_leaves_no_row_and_a_healthy_connection(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let url = DatabaseUrl::parse(&database.url).expect("a URL");
    let store = Database::open(url, 1).expect("a pool");
    for _ in 0..3 {
        let failed: Result<(), InsertError> = store
            .write(|connection| {
                new_user(Some("a@example.com"), None).insert(connection)?;
                Err(StoreError::Fault("on purpose".into()).into())
            })
            .await;
        assert!(matches!(failed, Err(InsertError::Store(StoreError::Fault(_)))));
    }
    assert_eq!(database.count("SELECT count(*) FROM users"), 0);
    let created = store.write(|connection| new_user(Some("a@example.com"), None).insert(connection)).await;
    assert_eq!(created.expect("created").email.as_deref(), Some("a@example.com"));
    let panicked: Result<(), StoreError> = store.run(|_| panic!("on purpose")).await;
    assert!(matches!(panicked, Err(StoreError::Fault(_))));
    assert!(store.check().await.is_ok(), "the only connection was replaced");
}

/// The wait for a connection is bounded and ends with a transient error.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_pool_is_unavailable_in_bounded_time(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = migrated(backend);
    let store = Database::open(DatabaseUrl::parse(&database.url).expect("a URL"), 1).expect("a pool");
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let (hold, held) = tokio::sync::oneshot::channel::<()>();
    let holder = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .run(move |_| -> Result<(), StoreError> {
                    hold.send(()).expect("awaited");
                    let _ = wait.recv();
                    Ok(())
                })
                .await
        }
    });
    held.await.expect("the only connection is in use");
    let started = Instant::now();
    assert!(matches!(store.check().await, Err(StoreError::Unavailable(_))));
    // It waits; only a hang would take a minute.
    let took = started.elapsed();
    assert!(took > Duration::from_secs(1), "{took:?}");
    assert!(took < Duration::from_mins(1), "{took:?}");
    release.send(()).expect("held");
    holder.await.expect("ended").expect("released");
    assert!(store.check().await.is_ok());
}
