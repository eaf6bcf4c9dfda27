//! What passes by itself is told apart from what does not, by errors that the databases really give.

use std::{thread, time::Duration};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use vestibule::store::{self, AnyConnection, DatabaseUrl, StoreError};

use crate::support::{Backend, TestDatabase, postgres};

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

#[test]
fn what_passes_in_postgres() {
    let database = TestDatabase::new(Backend::Postgres);
    let (mut first, mut second) = (database.connect(), database.connect());
    first.batch_execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)").expect("a table");

    // 55P03, lock not available
    first.batch_execute("BEGIN; LOCK TABLE t").expect("locked");
    second.batch_execute("SET lock_timeout = 50").expect("set");
    assert_passes(second.batch_execute("SELECT * FROM t"));
    assert_passes(second.batch_execute("SELECT * FROM t FOR UPDATE NOWAIT"));
    assert_passes(second.batch_execute("BEGIN; SELECT * FROM t"));
    first.batch_execute("ROLLBACK").expect("unlocked");
    second.batch_execute("ROLLBACK; RESET lock_timeout").expect("set");

    // 57014, query canceled
    assert_passes(second.batch_execute("SET statement_timeout = 50; SELECT pg_sleep(1)"));
    second.batch_execute("SET statement_timeout = 0").expect("set");
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        let waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(9)'";
        first.batch_execute(waiting).expect("cancelled");
        first
    });
    assert_passes(second.batch_execute("SELECT pg_sleep(9)"));
    let mut first = canceller.join().expect("a thread");

    // 40001, serialization failure, and 40P01, deadlock
    first.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t").expect("begun");
    second.batch_execute("UPDATE t SET n = 3 WHERE n = 1").expect("changed");
    assert_passes(first.batch_execute("UPDATE t SET n = 4 WHERE n = 1 OR n = 3"));
    first.batch_execute("ROLLBACK; SET deadlock_timeout = 100; BEGIN; UPDATE t SET n = n WHERE n = 3").expect("begun");
    second.batch_execute("SET lock_timeout = 0; BEGIN; UPDATE t SET n = n WHERE n = 2").expect("begun");
    let other = thread::spawn(move || {
        let _ = second.batch_execute("UPDATE t SET n = n WHERE n = 3");
        second
    });
    thread::sleep(Duration::from_millis(200));
    let locked = first.batch_execute("SET LOCAL lock_timeout = 0; UPDATE t SET n = n WHERE n = 2");
    assert_passes(locked);
    first.batch_execute("ROLLBACK").expect("over");
    let mut second = other.join().expect("a thread");
    second.batch_execute("ROLLBACK").expect("over");

    // 25006, read-only transaction
    first.batch_execute("SET default_transaction_read_only = on").expect("set");
    assert_passes(first.batch_execute("DELETE FROM t"));
    assert_passes(first.batch_execute("CREATE TABLE u (n int)"));
    first.batch_execute("RESET default_transaction_read_only").expect("set");

    // Class 53, insufficient resources, 58030, an error of the disk, and 08, of the connection; in the server's words
    for (code, message) in [
        ("53100", r#"could not extend file "base/1/2": No space left on device"#),
        ("53100", r#"could not write to file "pg_wal/xlogtemp.7": No space left on device"#),
        ("53200", "out of memory"),
        ("53200", "out of shared memory"),
        ("53300", "sorry, too many clients already"),
        ("58030", r#"could not write block 3 of relation "base/1/2": Input/output error"#),
        ("08006", "server closed the connection unexpectedly"),
    ] {
        assert_passes(raise(&mut first, code, message));
    }

    // 57P01, admin shutdown, and 25P03, idle in transaction
    assert_passes(first.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert_passes(first.batch_execute("SELECT 1"));
    second.batch_execute("SET idle_in_transaction_session_timeout = 50; BEGIN").expect("begun");
    thread::sleep(Duration::from_millis(300));
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

#[test]
fn what_passes_and_what_lasts_in_sqlite() {
    let database = TestDatabase::new(Backend::Sqlite);
    let (mut first, mut second) = (database.connect(), database.connect());
    first.batch_execute("CREATE TABLE t (n int CHECK (n > 0))").expect("a table");

    // SQLITE_BUSY
    first.batch_execute("BEGIN IMMEDIATE").expect("begun");
    second.batch_execute("PRAGMA busy_timeout = 0").expect("set");
    assert_passes(second.batch_execute("BEGIN IMMEDIATE"));
    first.batch_execute("ROLLBACK").expect("over");
    // SQLITE_READONLY
    assert_passes(second.batch_execute("PRAGMA query_only = 1; INSERT INTO t VALUES (1)"));
    second.batch_execute("PRAGMA query_only = 0").expect("set");
    // SQLITE_FULL
    assert_passes(first.batch_execute("PRAGMA max_page_count = 1; CREATE TABLE f AS SELECT zeroblob(100000) AS b"));
    // SQLITE_LOCKED
    let folder = tempfile::tempdir().expect("a folder");
    let shared = format!("file:{}?cache=shared", folder.path().join("shared.db").display());
    let mut writer = SqliteConnection::establish(&shared).expect("a connection");
    writer.batch_execute("CREATE TABLE t (n int); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").expect("a table");
    let mut reader = SqliteConnection::establish(&shared).expect("a connection");
    assert_passes(reader.batch_execute("SELECT * FROM t"));
    // SQLITE_CANTOPEN
    let nowhere = DatabaseUrl::parse("sqlite:///nowhere/at/all.db").expect("a URL");
    assert!(matches!(store::connect(&nowhere).map(drop), Err(StoreError::Unavailable(_))));

    for statement in ["SELECT * FROM nowhere", "SELEC", "INSERT INTO t VALUES (0)"] {
        assert_lasts(first.batch_execute(statement));
    }
    // SQLITE_CORRUPT
    let path = folder.path().join("broken.db");
    let mut broken = SqliteConnection::establish(path.to_str().expect("a path")).expect("a connection");
    broken.batch_execute("CREATE TABLE t (n); INSERT INTO t VALUES (zeroblob(50000))").expect("a table");
    let mut bytes = std::fs::read(&path).expect("the file");
    bytes[4096..].fill(0xff);
    std::fs::write(&path, bytes).expect("the file");
    let mut broken = SqliteConnection::establish(path.to_str().expect("a path")).expect("a connection");
    assert_lasts(broken.batch_execute("INSERT INTO t SELECT n FROM t"));
}
