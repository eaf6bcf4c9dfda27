//! What passes by itself is told apart from what does not, by errors that the databases really give.

use std::thread;

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use rstest::rstest;
use vestibule::store::{self, AnyConnection, DatabaseUrl, StoreError};

use crate::support::{Backend, TestDatabase, eventually, postgres};

/// It is an error, and of a state that passes.
#[track_caller]
fn assert_passes(result: diesel::QueryResult<()>) {
    let error = result.expect_err("an error");
    let said = format!("{error:?}");
    assert!(matches!(StoreError::from(error), StoreError::Unavailable(_)), "{said}");
}

#[track_caller]
fn assert_lasts(result: diesel::QueryResult<()>) {
    let error = result.expect_err("an error");
    let said = format!("{error:?}");
    assert!(matches!(StoreError::from(error), StoreError::Fault(_)), "{said}");
}

fn raise(connection: &mut AnyConnection, code: &str, message: &str) -> diesel::QueryResult<()> {
    connection.batch_execute(&format!("DO $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{code}'; END $$"))
}

/// Until this many backends of the database are in this state.
async fn until_backends(database: &TestDatabase, state: &str, wanted: i64) {
    let here = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let sql = format!("SELECT count(*) {here} AND {state}");
    eventually(&sql, async || (database.count(&sql) == wanted).then_some(())).await;
}

/// A database with a table of two rows, and two who are connected to it.
fn two_in_postgres() -> (TestDatabase, AnyConnection, AnyConnection) {
    let database = TestDatabase::new(Backend::Postgres);
    let (mut first, second) = (database.connect(), database.connect());
    first.batch_execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)").expect("a table");
    (database, first, second)
}

/// 55P03
#[test]
fn a_lock_that_postgres_does_not_give_passes() {
    let (_database, mut first, mut second) = two_in_postgres();
    first.batch_execute("BEGIN; LOCK TABLE t").expect("locked");
    second.batch_execute("SET lock_timeout = 50").expect("set");
    assert_passes(second.batch_execute("SELECT * FROM t"));
    assert_passes(second.batch_execute("SELECT * FROM t FOR UPDATE NOWAIT"));
    assert_passes(second.batch_execute("BEGIN; SELECT * FROM t"));
}

/// 57014
#[tokio::test]
async fn a_statement_that_postgres_cancels_passes() {
    let (database, mut first, mut second) = two_in_postgres();
    assert_passes(second.batch_execute("SET statement_timeout = 50; SELECT pg_sleep(60)"));
    second.batch_execute("SET statement_timeout = 0").expect("set");
    let sleeper = thread::spawn(move || second.batch_execute("SELECT pg_sleep(600)"));
    until_backends(&database, "wait_event = 'PgSleep'", 1).await;
    let sleeping = "wait_event = 'PgSleep' AND datname = current_database()";
    first
        .batch_execute(&format!("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {sleeping}"))
        .expect("told");
    assert_passes(sleeper.join().expect("a thread"));
}

/// 40001
#[test]
fn a_failure_of_serialization_passes() {
    let (_database, mut first, mut second) = two_in_postgres();
    first.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t").expect("begun");
    second.batch_execute("UPDATE t SET n = 3 WHERE n = 1").expect("changed");
    assert_passes(first.batch_execute("UPDATE t SET n = 4 WHERE n = 1 OR n = 3"));
}

/// 40P01
#[tokio::test]
async fn a_deadlock_passes() {
    let (database, mut first, mut second) = two_in_postgres();
    first.batch_execute("SET deadlock_timeout = 100; BEGIN; UPDATE t SET n = n WHERE n = 1").expect("begun");
    // Only the first looks for one.
    second.batch_execute("SET deadlock_timeout = '1h'; BEGIN; UPDATE t SET n = n WHERE n = 2").expect("begun");
    let other =
        thread::spawn(move || second.batch_execute("SET LOCAL lock_timeout = 0; UPDATE t SET n = n WHERE n = 1"));
    until_backends(&database, "wait_event_type = 'Lock'", 1).await;
    assert_passes(first.batch_execute("SET LOCAL lock_timeout = 0; UPDATE t SET n = n WHERE n = 2"));
    first.batch_execute("ROLLBACK").expect("over");
    other.join().expect("a thread").expect("the other goes on");
}

/// 25006
#[test]
fn a_postgres_that_only_takes_reads_passes() {
    let (_database, mut first, _) = two_in_postgres();
    first.batch_execute("SET default_transaction_read_only = on").expect("set");
    assert_passes(first.batch_execute("DELETE FROM t"));
    assert_passes(first.batch_execute("CREATE TABLE u (n int)"));
}

/// Class 53, insufficient resources; 58030, an error of the disk; 08, of the connection. In the server's words.
#[rstest]
#[case("53100", r#"could not extend file "base/1/2": No space left on device"#)]
#[case("53100", r#"could not write to file "pg_wal/xlogtemp.7": No space left on device"#)]
#[case("53200", "out of memory")]
#[case("53200", "out of shared memory")]
#[case("53300", "sorry, too many clients already")]
#[case("58030", r#"could not write block 3 of relation "base/1/2": Input/output error"#)]
#[case("08006", "server closed the connection unexpectedly")]
fn what_postgres_lacks_passes(#[case] code: &str, #[case] message: &str) {
    let database = TestDatabase::new(Backend::Postgres);
    assert_passes(raise(&mut database.connect(), code, message));
}

/// 57P01, admin shutdown, and 25P03, idle in transaction
#[tokio::test]
async fn a_connection_that_postgres_ends_passes() {
    let (database, mut first, mut second) = two_in_postgres();
    assert_passes(first.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert_passes(first.batch_execute("SELECT 1"));
    second.batch_execute("SET idle_in_transaction_session_timeout = 50; BEGIN").expect("begun");
    until_backends(&database, "state LIKE 'idle in transaction%'", 0).await;
    assert_passes(second.batch_execute("SELECT 1"));
}

#[test]
fn what_lasts_in_postgres() {
    let database = TestDatabase::new(Backend::Postgres);
    let mut connection = database.connect();
    connection.batch_execute("CREATE TABLE t (n int CHECK (n > 0))").expect("a table");
    for statement in ["SELECT * FROM nowhere", "SELEC", "INSERT INTO t VALUES (0)", "SELECT 1 / 0"] {
        assert_lasts(connection.batch_execute(statement));
    }
    assert_lasts(raise(&mut connection, "XX001", "invalid page in block 3 of relation base/1/2"));
}

/// A server that gives no more connections is busy.
#[test]
fn a_connection_that_is_not_given_may_be_given_later() {
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

fn two_in_sqlite() -> (TestDatabase, AnyConnection, AnyConnection) {
    let database = TestDatabase::new(Backend::Sqlite);
    let (mut first, second) = (database.connect(), database.connect());
    first.batch_execute("CREATE TABLE t (n int CHECK (n > 0))").expect("a table");
    (database, first, second)
}

/// `SQLITE_BUSY`
#[test]
fn a_sqlite_file_that_another_writes_to_passes() {
    let (_database, mut first, mut second) = two_in_sqlite();
    first.batch_execute("BEGIN IMMEDIATE").expect("begun");
    second.batch_execute("PRAGMA busy_timeout = 0").expect("set");
    assert_passes(second.batch_execute("BEGIN IMMEDIATE"));
}

/// `SQLITE_READONLY`
#[test]
fn a_sqlite_that_only_takes_reads_passes() {
    let (_database, mut first, _) = two_in_sqlite();
    assert_passes(first.batch_execute("PRAGMA query_only = 1; INSERT INTO t VALUES (1)"));
}

/// `SQLITE_FULL`
#[test]
fn a_sqlite_file_that_may_not_grow_passes() {
    let (_database, mut first, _) = two_in_sqlite();
    assert_passes(first.batch_execute("PRAGMA max_page_count = 1; CREATE TABLE f AS SELECT zeroblob(100000) AS b"));
}

/// `SQLITE_LOCKED`
#[test]
fn a_sqlite_table_that_is_locked_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    let shared = format!("file:{}?cache=shared", folder.path().join("shared.db").display());
    let mut writer = SqliteConnection::establish(&shared).expect("a connection");
    writer.batch_execute("CREATE TABLE t (n int); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").expect("a table");
    let mut reader = SqliteConnection::establish(&shared).expect("a connection");
    assert_passes(reader.batch_execute("SELECT * FROM t"));
}

/// `SQLITE_CANTOPEN`
#[test]
fn a_sqlite_file_that_cannot_be_opened_passes() {
    let nowhere = DatabaseUrl::parse("sqlite:///nowhere/at/all.db").expect("a URL");
    let opened = store::connect(&nowhere).map(drop);
    assert!(matches!(opened, Err(StoreError::Unavailable(_))), "{opened:?}");
}

#[test]
fn what_lasts_in_sqlite() {
    let (_database, mut first, _) = two_in_sqlite();
    for statement in ["SELECT * FROM nowhere", "SELEC", "INSERT INTO t VALUES (0)"] {
        assert_lasts(first.batch_execute(statement));
    }
}

/// `SQLITE_CORRUPT`
#[test]
fn a_broken_sqlite_file_lasts() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.db");
    let mut broken = SqliteConnection::establish(path.to_str().expect("a path")).expect("a connection");
    broken.batch_execute("CREATE TABLE t (n); INSERT INTO t VALUES (zeroblob(50000))").expect("a table");
    let mut bytes = std::fs::read(&path).expect("the file");
    bytes[4096..].fill(0xff);
    std::fs::write(&path, bytes).expect("the file");
    let mut broken = SqliteConnection::establish(path.to_str().expect("a path")).expect("a connection");
    assert_lasts(broken.batch_execute("INSERT INTO t SELECT n FROM t"));
}
