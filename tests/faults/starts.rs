//! Several instances start on one empty database.

use std::{
    fs,
    process::{Child, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection as _;
use rand::RngExt as _;
use rstest::rstest;
use tokio::task::{self, JoinSet};

use crate::{
    GRACE,
    support::{Backend, GOOD, Server, TestDatabase, eventually, is_full, random, server::command},
};
use Backend::{Postgres, Sqlite};

const INSTANCES: usize = 8;
/// Documented bound from the launch until all instances are ready.
const LONGEST_START: Duration = Duration::from_secs(20);

/// The number of migrations.
fn migrations() -> usize {
    fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).expect("migrations").count()
}

fn launch(database: &TestDatabase) -> Child {
    command(&database.url, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("vestibule")
}

async fn start_all(database: &Arc<TestDatabase>, instances: usize) -> Vec<Server> {
    let mut starts = JoinSet::new();
    for _ in 0..instances {
        let database = Arc::clone(database);
        starts.spawn_blocking(move || Server::start_on(database, &[]));
    }
    starts.join_all().await
}

/// Asserts that all instances are ready, that the database was migrated once, and that they share one key.
async fn assert_one_installation(database: &TestDatabase, servers: &[Server]) {
    for server in servers {
        assert_eq!(server.get("/readyz").await.status, 200);
    }
    let done = database.count("SELECT count(*) FROM __diesel_schema_migrations");
    assert_eq!(usize::try_from(done), Ok(migrations()));
    assert_eq!(database.count("SELECT count(*) FROM installation_secrets"), 1);
    // A cookie that one instance signed is valid at another.
    let posted = servers[0].post_form(&[("email", "a@example.com"), ("password", GOOD)]).await;
    let cookie = posted.set_cookie("vestibule_flash").split(';').next().expect("a pair").to_owned();
    let last = servers.last().expect("an instance");
    let welcome = last.send("GET", "/welcome", &[("cookie", &cookie)], "").await;
    assert_eq!(welcome.page(200).text("main .value"), "a@example.com");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn eight_instances_start_at_once_on_an_empty_database(#[values(Sqlite, Postgres)] backend: Backend) {
    let rounds = if is_full() { 20 } else { 2 };
    let (mut longest, mut random) = (Duration::ZERO, random());
    for _ in 0..rounds {
        let database = Arc::new(TestDatabase::new(backend));
        let started = Instant::now();
        // A ninth instance, which is killed while it starts.
        let killed = task::spawn_blocking({
            let mut child = launch(&database);
            let moment = Duration::from_millis(random.random_range(5..400));
            move || {
                thread::sleep(moment);
                child.kill().expect("killed");
                child.wait().expect("its end")
            }
        });
        let servers = start_all(&database, INSTANCES).await;
        longest = longest.max(started.elapsed());
        assert!(longest < LONGEST_START + GRACE, "{longest:?}");
        assert!(!killed.await.expect("a process").success());
        assert_one_installation(&database, &servers).await;
    }
    eprintln!(
        "{backend:?}: {rounds} times {INSTANCES} instances and one that was killed; \
         all ready after at most {longest:.2?}"
    );
}

/// The first instance has the lock and has run half of the migrations; the others wait for the lock.
#[tokio::test(flavor = "multi_thread")]
async fn an_instance_killed_while_migrating_does_not_block_the_others() {
    let database = Arc::new(TestDatabase::new(Postgres));
    let waiting = |event: &str| {
        let here = "FROM pg_stat_activity WHERE datname = current_database()";
        database.count(&format!("SELECT count(*) {here} AND wait_event = '{event}'"))
    };
    let until = async |event: &str, wanted: i64| {
        eventually(&format!("{wanted} wait for {event}"), async || (waiting(event) == wanted).then_some(())).await;
    };
    // An open transaction that created a table of the same name: the migration waits for it.
    let mut obstacle = database.connect();
    obstacle.batch_execute("BEGIN; CREATE TABLE audit_log (id INTEGER)").expect("a table");
    let mut first = launch(&database);
    until("transactionid", 1).await;
    assert_eq!(database.count("SELECT count(*) FROM pg_tables WHERE tablename = 'users'"), 0, "nothing is committed");
    let others = tokio::spawn({
        let database = Arc::clone(&database);
        async move { start_all(&database, INSTANCES - 1).await }
    });
    until("advisory", i64::try_from(INSTANCES - 1).expect("a number")).await;

    first.kill().expect("killed");
    first.wait().expect("its end");
    obstacle.batch_execute("ROLLBACK").expect("rolled back");
    let killed = Instant::now();
    let servers = others.await.expect("they start");
    let took = killed.elapsed();
    assert!(took < LONGEST_START + GRACE, "{took:?}");
    assert_one_installation(&database, &servers).await;
    eprintln!("killed in the middle of migrating: the other {} were ready {took:.2?} later", INSTANCES - 1);
}
