//! PostgreSQL stops and starts; one of several servers is dead; one only takes reads.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{Backend, Cluster, Line, Mode, Port, Server, TestDatabase, is_full, postgres};

use super::outage::{LIMIT, Visitors, sign_up};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_and_started_again_needs_no_restart_of_ours() {
    let mut cluster = Cluster::start();
    let database = Arc::new(TestDatabase::at(cluster.url.clone(), Backend::Postgres));
    let server = Arc::new(Server::start_on(Arc::clone(&database), &[("PASSWORD_BLOCKLIST", "off")]));
    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_secs(1)).await;
    let began = Instant::now();
    cluster.down();
    visitors.go_on(Duration::from_secs(if is_full() { 30 } else { 5 })).await;
    let ended = Instant::now();
    cluster.up();
    visitors.success("stopped and started").await;
    for _ in 0..2 {
        cluster.down();
        cluster.up();
        visitors.success("restarted").await;
    }
    let found = visitors.leave().await;
    found.assert_in_order("stopped and started", &database, LIMIT);
    found.assert_not_ready(began, ended);
}

/// The first server is a machine that does not answer, then one that does and dies; the second takes over.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_of_several_servers_takes_over() {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let (first, second) = (Line::to(&database.url), Line::to(&database.url));
    let several = first.url.replace(&first.address(), &format!("{},{}", first.address(), second.address()));
    let url = format!("{several}?target_session_attrs=read-write");
    first.set(Mode::Swallow);
    let started = Instant::now();
    let settings = [("DATABASE_URL", url.as_str()), ("PASSWORD_BLOCKLIST", "off")];
    let server = Arc::new(Server::start_on(Arc::clone(&database), &settings));
    eprintln!("started beside a dead first server in {:.1?}", started.elapsed());
    let (tried, taken) = (first.connections(), second.connections());
    let sign_ups =
        (0..20).map(async |number| server.post_json("/register", &sign_up(&format!("early{number}"))).await.status);
    assert_eq!(futures_util::future::join_all(sign_ups).await, [201; 20]);
    // The dead one is not waited for with every connection.
    let (tried, taken) = (first.connections() - tried, second.connections() - taken);
    eprintln!("for 20 sign-ups {tried} connections to the dead server, {taken} to the next");
    assert!(tried <= 1, "{tried} connections to the dead server, {taken} to the next");

    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_secs(1)).await;
    first.set(Mode::Pass);
    second.set(Mode::Swallow);
    visitors.success("the second server fell silent").await;
    second.set(Mode::Pass);
    first.set(Mode::Refuse);
    visitors.success("the first server refuses").await;
    visitors.leave().await.assert_in_order("several servers", &database, LIMIT);
}

/// No server of the list can be had: a line that names all of them, and not the password.
#[tokio::test(flavor = "multi_thread")]
async fn servers_that_cannot_be_had_are_named_without_the_password() {
    let nobodys = Port::reserve();
    let free = nobodys.number;
    let url = format!("postgres://u:s3cret@127.0.0.1:{free},127.0.0.1:{free}/db");
    let parsed = vestibule::store::DatabaseUrl::parse(&url).expect("a URL");
    let Err(error) = vestibule::store::connect(&parsed) else { panic!("a server at a free port") };
    assert!(!format!("{parsed} {error}").contains("s3cret"), "{error}");
    assert!(matches!(error, vestibule::store::StoreError::Unavailable(_)), "{error:?}");
    assert_eq!(parsed.to_string(), format!("postgres://127.0.0.1:{free},127.0.0.1:{free}/db"));
}

/// A primary that became a standby takes no more writes, over connections that are open and over new ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_takes_reads_is_503_and_heals() {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let server = Arc::new(Server::start_on(Arc::clone(&database), &[("PASSWORD_BLOCKLIST", "off")]));
    assert_eq!(server.post_json("/register", &sign_up("before")).await.status, 201);
    let name = url::Url::parse(&database.url).expect("a URL").path().trim_start_matches('/').to_owned();
    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_secs(1)).await;
    let began = Instant::now();
    postgres::administrate(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    // A demoted server ends its connections; the new ones only read.
    postgres::administrate(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    visitors.go_on(Duration::from_secs(5)).await;
    let ended = Instant::now();
    postgres::administrate(&format!("ALTER DATABASE {name} RESET default_transaction_read_only"));
    visitors.success("read-only").await;
    let found = visitors.leave().await;
    found.assert_in_order("read-only", &database, LIMIT);
    found.assert_not_ready(began, ended);
}
