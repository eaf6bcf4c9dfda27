//! Many concurrent attempts, and attempts from many networks.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use crate::support::{ADA, Answer, Backend, GOOD, Mailbox, Server, TestDatabase, eventually};
use Backend::{Postgres, Sqlite};
use futures_util::{StreamExt as _, future::join_all, stream};
use rstest::rstest;
use serde_json::json;

use super::{address, behind, count, limited, log_in, retry_after, stopped_clock};

/// Logs in and retries while the database is busy (503); returns the response and the number of busy ones.
async fn log_in_with_retries(server: &Server, identifier: &str, password: &str) -> (Answer, usize) {
    let mut tries = 0;
    let answer = eventually("an answer that is not busy", async || {
        tries += 1;
        Some(log_in(server, identifier, password).await).filter(|answer| answer.status != 503)
    });
    (answer.await, tries - 1)
}

/// Asserts that twenty were compared and the others refused; refunds of busy attempts may come after the last of these.
fn assert_twenty_compared(answers: Vec<(Answer, usize)>) -> (Vec<Answer>, usize) {
    let busy: usize = answers.iter().map(|(_, busy)| busy).sum();
    let answers: Vec<Answer> = answers.into_iter().map(|(answer, _)| answer).collect();
    let compared = count(&answers, 401);
    assert_eq!(compared + count(&answers, 429), answers.len());
    assert!(compared <= 20 && compared + busy >= 20, "{compared} compared, {busy} times busy");
    (answers, compared)
}

/// Concurrent attempts are all counted, and no more are hashed than the limit allows.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn twenty_of_200_concurrent_wrong_logins_are_compared(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [("RATE_LIMITS", "on"), ("LOG_LEVEL", "debug"), ("HASH_QUEUE_SECONDS", "60")];
    let database = Arc::new(TestDatabase::new(backend));
    let servers = [Server::start_on(Arc::clone(&database), &settings), Server::start_on(database, &settings)];
    assert_eq!(servers[0].post_json("/register", &address(ADA)).await.status, 201);
    let started = Instant::now();
    let answers = join_all((0..200).map(|number| {
        // Spellings of the same account.
        let identifier = [ADA, "ADA@example.com", " ada@Example.COM "][number % 3];
        log_in_with_retries(&servers[number % 2], identifier, "wrong-horse-battery")
    }));
    let (answers, compared) = assert_twenty_compared(answers.await);
    let took = started.elapsed();
    assert!(
        answers.iter().filter(|answer| answer.status == 429).all(|answer| (1..=4320).contains(&retry_after(answer)))
    );
    let hashes = || -> usize { servers.iter().map(|server| server.log().matches("password hashed").count()).sum() };
    println!("{backend:?}: 200 wrong logins over two instances: {compared} compared, answered in {took:?}");
    eventually("all are logged", async || (hashes() > compared).then_some(())).await;
    assert!(hashes() <= 1 + 20, "including the sign-up: {}", hashes());
    // An unknown account has the same limit and response.
    let unknown = (0..40).map(|number| log_in_with_retries(&servers[number % 2], "nobody@example.com", GOOD));
    let (unknown, _) = assert_twenty_compared(join_all(unknown).await);
    let comparable = |answers: &[Answer]| -> BTreeSet<String> {
        let refused = answers.iter().filter(|answer| answer.status == 429);
        refused
            .map(|answer| {
                let headers = answer.headers.iter().filter(|(name, _)| {
                    !matches!(name.as_str(), "x-request-id" | "date" | "retry-after" | "content-length")
                });
                // The minutes vary; after a refund it may be one.
                let words = answer.text().replace("one minute", " minutes").replace(|c: char| c.is_ascii_digit(), "");
                format!("{headers:?} {words}", headers = headers.collect::<Vec<_>>())
            })
            .collect()
    };
    assert_eq!(comparable(&answers), comparable(&unknown));
    // Neither the table nor the log contains an address.
    let keys = servers[0].database.count("SELECT count(*) FROM rate_limits WHERE length(key) <> 16");
    assert_eq!(keys, 0);
    assert!(servers.iter().all(|server| !server.log().contains("example.com")));
}

/// Each network has its own counter. docs/limits.md quotes the figures.
#[tokio::test(flavor = "multi_thread")]
async fn very_many_networks_use_little_memory() {
    let networks: usize = if crate::support::is_full() { 100_000 } else { 3_000 };
    let mailbox = Mailbox::closed();
    let url = mailbox.url();
    // Two requests each: one is accepted, and one is remembered as refused.
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("RATE_LIMIT_FORGOT_PASSWORD", "1/second"),
        ("RATE_LIMIT_FORGOT_PASSWORD_BLOCK", "off"),
        ("RATE_LIMIT_FORGOT_PASSWORD_PAIR", "off"),
        ("RATE_LIMIT_FORGOT_PASSWORD_BLOCK_PAIR", "off"),
        ("RATE_LIMIT_FORGOT_PASSWORD_ACCOUNT", "off"),
        ("RATE_LIMIT_FORGOT_PASSWORD_TOTAL", "off"),
        ("LOG_LEVEL", "warn"),
    ];
    let clock = stopped_clock();
    let server = behind(Sqlite, &clock.with(&settings));
    let resident = || server.resident_kib() / 1024;
    let ask = async |number: usize| {
        let network = format!("2001:db8:{:x}:{:x}::1", number >> 16, number & 0xffff);
        let headers = [("content-type", "application/json"), ("x-forwarded-for", network.as_str())];
        let body = json!({"email": format!("p{number}@example.com")}).to_string();
        let first = server.send("POST", "/forgot-password", &headers, body.clone()).await.status;
        (first, server.send("POST", "/forgot-password", &headers, body).await.status)
    };
    ask(0).await;
    let (before, started) = (resident(), Instant::now());
    let answers: Vec<(u16, u16)> = stream::iter(1..=networks).map(ask).buffer_unordered(16).collect().await;
    let refused = answers.iter().filter(|(_, second)| *second == 429).count();
    println!(
        "{networks} networks in {:?}: {before} MiB before, {} MiB after, {refused} refused, {} rows",
        started.elapsed(),
        resident(),
        server.database.count("SELECT count(*) FROM rate_limits")
    );
    assert!(answers.iter().all(|(first, _)| *first == 202), "each network has its own counter");
    assert_eq!(refused, networks);
    let rows = server.database.count("SELECT count(*) FROM rate_limits");
    assert_eq!(rows, i64::try_from(networks).expect("a number") + 1, "a refusal adds no row");
}

/// A flood of refused logins costs no hash and no write. docs/limits.md quotes its figures.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refused_logins_is_answered_at_once(#[values(Sqlite, Postgres)] backend: Backend) {
    const FLOOD: usize = 3000;
    let server = limited(backend, &[("LOG_LEVEL", "debug")]);
    for _ in 0..21 {
        log_in(&server, ADA, "wrong").await;
    }
    // The log is read asynchronously. One of the logins was refused.
    let hashed = || server.log().matches("password hashed").count();
    eventually("all are logged", async || (hashed() == 20).then_some(())).await;
    let started = Instant::now();
    let answers: Vec<u16> = stream::iter(0..FLOOD)
        .map(|_| async { log_in(&server, ADA, "wrong").await.status })
        .buffer_unordered(16)
        .collect()
        .await;
    let took = started.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let rate = FLOOD as f64 / took.as_secs_f64();
    println!("{backend:?}: {FLOOD} refused logins in {took:?}, {rate:.0}/s in a debug build");
    assert!(answers.iter().all(|status| *status == 429));
    let database_checks = server.log().matches("rate limit exceeded").count();
    // Remembered refusals expire after a minute.
    assert!(database_checks < FLOOD / 100, "{database_checks} went to the database");
    // Other identifiers are still served.
    assert_eq!(log_in(&server, "bob@example.com", "wrong").await.status, 401);
    eventually("the hash for bob is logged after all others", async || (hashed() > 20).then_some(())).await;
    assert_eq!(hashed(), 21, "the flood caused no hash");
}
