//! PostgreSQL restarts; one of several servers is unreachable; a server is read-only.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{Backend, Cluster, Line, Mode, Port, Server, TestDatabase, is_full, postgres};

use super::outage::{LIMIT, Visitors, sign_up};

#[tokio::test(flavor = "multi_thread")]
async fn the_service_recovers_from_a_postgres_restart() {
    let mut cluster = Cluster::start();
    let database = Arc::new(TestDatabase::at(cluster.url.clone(), Backend::Postgres));
    let server = Arc::new(Server::start_on(Arc::clone(&database), &[("PASSWORD_BLOCKLIST", "off")]));
    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_secs(1)).await;
    let began = Instant::now();
    cluster.down();
    visitors.run_for(Duration::from_secs(if is_full() { 30 } else { 5 })).await;
    let ended = Instant::now();
    cluster.up();
    visitors.wait_for_recovery("stopped and started").await;
    for _ in 0..2 {
        cluster.down();
        cluster.up();
        visitors.wait_for_recovery("restarted").await;
    }
    let found = visitors.stop().await;
    found.assert_success_or_timely_503("stopped and started", &database, LIMIT);
    found.assert_not_ready(began, ended);
}

/// The first server does not respond, then responds and fails; the second takes over.
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
    eprintln!("started with an unreachable first server in {:.1?}", started.elapsed());
    let (tried, taken) = (first.connections(), second.connections());
    let sign_ups =
        (0..20).map(async |number| server.post_json("/register", &sign_up(&format!("early{number}"))).await.status);
    assert_eq!(futures_util::future::join_all(sign_ups).await, [201; 20]);
    // Not every connection waits for the unreachable server.
    let (tried, taken) = (first.connections() - tried, second.connections() - taken);
    eprintln!("for 20 sign-ups {tried} connections to the unreachable server, {taken} to the next");
    assert!(tried <= 1, "{tried} connections to the unreachable server, {taken} to the next");

    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_secs(1)).await;
    first.set(Mode::Pass);
    second.set(Mode::Swallow);
    visitors.wait_for_recovery("the second server fell silent").await;
    second.set(Mode::Pass);
    first.set(Mode::Refuse);
    visitors.wait_for_recovery("the first server refuses").await;
    visitors.stop().await.assert_success_or_timely_503("several servers", &database, LIMIT);
}

/// No server of the list is reachable: the error names all of them, without the password.
#[tokio::test(flavor = "multi_thread")]
async fn unreachable_servers_are_named_without_the_password() {
    let reserved = Port::reserve();
    let free = reserved.number;
    let url = format!("postgres://u:s3cret@127.0.0.1:{free},127.0.0.1:{free}/db");
    let parsed = vestibule::store::DatabaseUrl::parse(&url).expect("a URL");
    let Err(error) = vestibule::store::connect(&parsed) else { panic!("a server at a free port") };
    assert!(!format!("{parsed} {error}").contains("s3cret"), "{error}");
    assert!(matches!(error, vestibule::store::StoreError::Unavailable(_)), "{error:?}");
    assert_eq!(parsed.to_string(), format!("postgres://127.0.0.1:{free},127.0.0.1:{free}/db"));
}

/// A demoted primary is read-only, over existing and new connections.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_server_is_503_and_recovers() {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let server = Arc::new(Server::start_on(Arc::clone(&database), &[("PASSWORD_BLOCKLIST", "off")]));
    assert_eq!(server.post_json("/register", &sign_up("before")).await.status, 201);
    let name = url::Url::parse(&database.url).expect("a URL").path().trim_start_matches('/').to_owned();
    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_secs(1)).await;
    let began = Instant::now();
    postgres::administrate(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    // A demoted server closes its connections; new ones are read-only.
    postgres::administrate(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    visitors.run_for(Duration::from_secs(5)).await;
    let ended = Instant::now();
    postgres::administrate(&format!("ALTER DATABASE {name} RESET default_transaction_read_only"));
    visitors.wait_for_recovery("read-only").await;
    let found = visitors.stop().await;
    found.assert_success_or_timely_503("read-only", &database, LIMIT);
    found.assert_not_ready(began, ended);
}
