//! Transient and permanent errors are distinguished, with errors that the databases actually return.

use std::thread;

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use rstest::rstest;
use vestibule::store::{self, AnyConnection, DatabaseUrl, StoreError};

use crate::support::{Backend, TestDatabase, eventually, postgres};

/// Asserts a transient error.
#[track_caller]
fn assert_transient(result: diesel::QueryResult<()>) {
    let error = result.expect_err("an error");
    let text = format!("{error:?}");
    assert!(matches!(StoreError::from(error), StoreError::Unavailable(_)), "{text}");
}

/// Asserts a permanent error.
#[track_caller]
fn assert_permanent(result: diesel::QueryResult<()>) {
    let error = result.expect_err("an error");
    let text = format!("{error:?}");
    assert!(matches!(StoreError::from(error), StoreError::Fault(_)), "{text}");
}

fn raise(connection: &mut AnyConnection, code: &str, message: &str) -> diesel::QueryResult<()> {
    connection.batch_execute(&format!("DO $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{code}'; END $$"))
}

/// Waits until `wanted` backends of the database are in this state.
async fn until_backends(database: &TestDatabase, state: &str, wanted: i64) {
    let here = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let sql = format!("SELECT count(*) {here} AND {state}");
    eventually(&sql, async || (database.count(&sql) == wanted).then_some(())).await;
}

/// A database with a table of two rows, and two connections to it.
fn two_postgres_connections() -> (TestDatabase, AnyConnection, AnyConnection) {
    let database = TestDatabase::new(Backend::Postgres);
    let (mut first, second) = (database.connect(), database.connect());
    first.batch_execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)").expect("a table");
    (database, first, second)
}

/// 55P03
#[test]
fn a_postgres_lock_timeout_is_transient() {
    let (_database, mut first, mut second) = two_postgres_connections();
    first.batch_execute("BEGIN; LOCK TABLE t").expect("locked");
    second.batch_execute("SET lock_timeout = 50").expect("set");
    assert_transient(second.batch_execute("SELECT * FROM t"));
    assert_transient(second.batch_execute("SELECT * FROM t FOR UPDATE NOWAIT"));
    assert_transient(second.batch_execute("BEGIN; SELECT * FROM t"));
}

/// 57014
#[tokio::test]
async fn a_cancelled_postgres_statement_is_transient() {
    let (database, mut first, mut second) = two_postgres_connections();
    assert_transient(second.batch_execute("SET statement_timeout = 50; SELECT pg_sleep(60)"));
    second.batch_execute("SET statement_timeout = 0").expect("set");
    let sleeper = thread::spawn(move || second.batch_execute("SELECT pg_sleep(600)"));
    until_backends(&database, "wait_event = 'PgSleep'", 1).await;
    let sleeping = "wait_event = 'PgSleep' AND datname = current_database()";
    first
        .batch_execute(&format!("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {sleeping}"))
        .expect("cancelled");
    assert_transient(sleeper.join().expect("a thread"));
}

/// 40001
#[test]
fn a_serialization_failure_is_transient() {
    let (_database, mut first, mut second) = two_postgres_connections();
    first.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t").expect("begun");
    second.batch_execute("UPDATE t SET n = 3 WHERE n = 1").expect("changed");
    assert_transient(first.batch_execute("UPDATE t SET n = 4 WHERE n = 1 OR n = 3"));
}

/// 40P01
#[tokio::test]
async fn a_deadlock_is_transient() {
    let (database, mut first, mut second) = two_postgres_connections();
    first.batch_execute("SET deadlock_timeout = 100; BEGIN; UPDATE t SET n = n WHERE n = 1").expect("begun");
    // Only the first connection detects the deadlock.
    second.batch_execute("SET deadlock_timeout = '1h'; BEGIN; UPDATE t SET n = n WHERE n = 2").expect("begun");
    let other =
        thread::spawn(move || second.batch_execute("SET LOCAL lock_timeout = 0; UPDATE t SET n = n WHERE n = 1"));
    until_backends(&database, "wait_event_type = 'Lock'", 1).await;
    assert_transient(first.batch_execute("SET LOCAL lock_timeout = 0; UPDATE t SET n = n WHERE n = 2"));
    first.batch_execute("ROLLBACK").expect("over");
    other.join().expect("a thread").expect("the other transaction continues");
}

/// 25006
#[test]
fn a_read_only_postgres_is_transient() {
    let (_database, mut first, _) = two_postgres_connections();
    first.batch_execute("SET default_transaction_read_only = on").expect("set");
    assert_transient(first.batch_execute("DELETE FROM t"));
    assert_transient(first.batch_execute("CREATE TABLE u (n int)"));
}

/// Class 53: insufficient resources; 58030: I/O error; class 08: connection errors. With the server's own messages.
#[rstest]
#[case("53100", r#"could not extend file "base/1/2": No space left on device"#)]
#[case("53100", r#"could not write to file "pg_wal/xlogtemp.7": No space left on device"#)]
#[case("53200", "out of memory")]
#[case("53200", "out of shared memory")]
#[case("53300", "sorry, too many clients already")]
#[case("58030", r#"could not write block 3 of relation "base/1/2": Input/output error"#)]
#[case("08006", "server closed the connection unexpectedly")]
fn insufficient_resources_of_postgres_are_transient(#[case] code: &str, #[case] message: &str) {
    let database = TestDatabase::new(Backend::Postgres);
    assert_transient(raise(&mut database.connect(), code, message));
}

/// 57P01, admin shutdown, and 25P03, idle in transaction
#[tokio::test]
async fn a_terminated_postgres_connection_is_transient() {
    let (database, mut first, mut second) = two_postgres_connections();
    assert_transient(first.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert_transient(first.batch_execute("SELECT 1"));
    second.batch_execute("SET idle_in_transaction_session_timeout = 50; BEGIN").expect("begun");
    until_backends(&database, "state LIKE 'idle in transaction%'", 0).await;
    assert_transient(second.batch_execute("SELECT 1"));
}

#[test]
fn statement_errors_of_postgres_are_permanent() {
    let database = TestDatabase::new(Backend::Postgres);
    let mut connection = database.connect();
    connection.batch_execute("CREATE TABLE t (n int CHECK (n > 0))").expect("a table");
    for statement in ["SELECT * FROM nowhere", "SELEC", "INSERT INTO t VALUES (0)", "SELECT 1 / 0"] {
        assert_permanent(connection.batch_execute(statement));
    }
    assert_permanent(raise(&mut connection, "XX001", "invalid page in block 3 of relation base/1/2"));
}

/// A reached connection limit is a transient error.
#[test]
fn a_reached_postgres_connection_limit_is_transient() {
    let database = TestDatabase::new(Backend::Postgres);
    let role = format!("limited_{}", std::process::id());
    postgres::administrate(&format!("CREATE ROLE {role} LOGIN PASSWORD 'x' CONNECTION LIMIT 0"));
    let mut url = url::Url::parse(&database.url).expect("a URL");
    url.set_username(&role).expect("a name");
    url.set_password(Some("x")).expect("a password");
    let refused = store::connect(&DatabaseUrl::parse(url.as_str()).expect("a URL")).map(drop);
    postgres::administrate(&format!("DROP ROLE {role}"));
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

fn two_sqlite_connections() -> (TestDatabase, AnyConnection, AnyConnection) {
    let database = TestDatabase::new(Backend::Sqlite);
    let (mut first, second) = (database.connect(), database.connect());
    first.batch_execute("CREATE TABLE t (n int CHECK (n > 0))").expect("a table");
    (database, first, second)
}

/// `SQLITE_BUSY`
#[test]
fn a_busy_sqlite_database_is_transient() {
    let (_database, mut first, mut second) = two_sqlite_connections();
    first.batch_execute("BEGIN IMMEDIATE").expect("begun");
    second.batch_execute("PRAGMA busy_timeout = 0").expect("set");
    assert_transient(second.batch_execute("BEGIN IMMEDIATE"));
}

/// `SQLITE_READONLY`
#[test]
fn a_read_only_sqlite_is_transient() {
    let (_database, mut first, _) = two_sqlite_connections();
    assert_transient(first.batch_execute("PRAGMA query_only = 1; INSERT INTO t VALUES (1)"));
}

/// `SQLITE_FULL`
#[test]
fn a_full_sqlite_database_is_transient() {
    let (_database, mut first, _) = two_sqlite_connections();
    assert_transient(first.batch_execute("PRAGMA max_page_count = 1; CREATE TABLE f AS SELECT zeroblob(100000) AS b"));
}

/// `SQLITE_LOCKED`
#[test]
fn a_locked_sqlite_table_is_transient() {
    let folder = tempfile::tempdir().expect("a folder");
    let shared = format!("file:{}?cache=shared", folder.path().join("shared.db").display());
    let mut writer = SqliteConnection::establish(&shared).expect("a connection");
    writer.batch_execute("CREATE TABLE t (n int); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").expect("a table");
    let mut reader = SqliteConnection::establish(&shared).expect("a connection");
    assert_transient(reader.batch_execute("SELECT * FROM t"));
}

/// `SQLITE_CANTOPEN`
#[test]
fn a_sqlite_file_that_cannot_be_opened_is_transient() {
    let nowhere = DatabaseUrl::parse("sqlite:///nowhere/at/all.db").expect("a URL");
    let opened = store::connect(&nowhere).map(drop);
    assert!(matches!(opened, Err(StoreError::Unavailable(_))), "{opened:?}");
}

#[test]
fn statement_errors_of_sqlite_are_permanent() {
    let (_database, mut first, _) = two_sqlite_connections();
    for statement in ["SELECT * FROM nowhere", "SELEC", "INSERT INTO t VALUES (0)"] {
        assert_permanent(first.batch_execute(statement));
    }
}

/// `SQLITE_CORRUPT`
#[test]
fn a_corrupt_sqlite_file_is_a_permanent_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.db");
    let mut broken = SqliteConnection::establish(path.to_str().expect("a path")).expect("a connection");
    broken.batch_execute("CREATE TABLE t (n); INSERT INTO t VALUES (zeroblob(50000))").expect("a table");
    let mut bytes = std::fs::read(&path).expect("the file");
    bytes[4096..].fill(0xff);
    std::fs::write(&path, bytes).expect("the file");
    let mut broken = SqliteConnection::establish(path.to_str().expect("a path")).expect("a connection");
    assert_permanent(broken.batch_execute("INSERT INTO t SELECT n FROM t"));
}
