//! Very many tries at once, and from very many networks.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use crate::support::{ADA, Answer, Backend, GOOD, Mailbox, Server, TestDatabase, eventually};
use Backend::{Postgres, Sqlite};
use futures_util::{StreamExt as _, future::join_all, stream};
use rstest::rstest;
use serde_json::json;

use super::{address, behind, count, limited, log_in, retry_after, stopped_clock};

/// A database that so many meet at once may be busy, which a client is told, and tries again. Says how often it was, too.
async fn log_in_in_the_end(server: &Server, identifier: &str, password: &str) -> (Answer, usize) {
    let mut tries = 0;
    let answer = eventually("an answer that is not busy", async || {
        tries += 1;
        Some(log_in(server, identifier, password).await).filter(|answer| answer.status != 503)
    });
    (answer.await, tries - 1)
}

/// Twenty were compared and the others refused; a refund of what was busy may come after the last of these.
fn twenty_were_compared(answers: Vec<(Answer, usize)>) -> (Vec<Answer>, usize) {
    let busy: usize = answers.iter().map(|(_, busy)| busy).sum();
    let answers: Vec<Answer> = answers.into_iter().map(|(answer, _)| answer).collect();
    let compared = count(&answers, 401);
    assert_eq!(compared + count(&answers, 429), answers.len());
    assert!(compared <= 20 && compared + busy >= 20, "{compared} compared, {busy} times busy");
    (answers, compared)
}

/// Nothing is lost among many at once, and no more is hashed than is let through.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_200_wrong_logins_at_once_twenty_are_compared(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [("RATE_LIMITS", "on"), ("LOG_LEVEL", "debug"), ("HASH_QUEUE_SECONDS", "60")];
    let database = Arc::new(TestDatabase::new(backend));
    let servers = [Server::start_on(Arc::clone(&database), &settings), Server::start_on(database, &settings)];
    assert_eq!(servers[0].post_json("/register", &address(ADA)).await.status, 201);
    let started = Instant::now();
    let answers = join_all((0..200).map(|number| {
        // The same account, however it is written.
        let identifier = [ADA, "ADA@example.com", " ada@Example.COM "][number % 3];
        log_in_in_the_end(&servers[number % 2], identifier, "wrong-horse-battery")
    }));
    let (answers, compared) = twenty_were_compared(answers.await);
    let took = started.elapsed();
    assert!(
        answers.iter().filter(|answer| answer.status == 429).all(|answer| (1..=4320).contains(&retry_after(answer)))
    );
    let hashes = || -> usize { servers.iter().map(|server| server.log().matches("password hashed").count()).sum() };
    println!("{backend:?}: 200 wrong logins over two instances: {compared} compared, answered in {took:?}");
    eventually("all are logged", async || (hashes() > compared).then_some(())).await;
    assert!(hashes() <= 1 + 20, "with the sign-up's: {}", hashes());
    // An account that is not there has the same limit and gets the same answer.
    let unknown = (0..40).map(|number| log_in_in_the_end(&servers[number % 2], "nobody@example.com", GOOD));
    let (unknown, _) = twenty_were_compared(join_all(unknown).await);
    let comparable = |answers: &[Answer]| -> BTreeSet<String> {
        let refused = answers.iter().filter(|answer| answer.status == 429);
        refused
            .map(|answer| {
                let headers = answer.headers.iter().filter(|(name, _)| {
                    !matches!(name.as_str(), "x-request-id" | "date" | "retry-after" | "content-length")
                });
                // The minutes are those of the moment; after a refund it may be one.
                let words = answer.text().replace("one minute", " minutes").replace(|c: char| c.is_ascii_digit(), "");
                format!("{headers:?} {words}", headers = headers.collect::<Vec<_>>())
            })
            .collect()
    };
    assert_eq!(comparable(&answers), comparable(&unknown));
    // No address stands in the table or in the log.
    let keys = servers[0].database.count("SELECT count(*) FROM rate_limits WHERE length(key) <> 16");
    assert_eq!(keys, 0);
    assert!(servers.iter().all(|server| !server.log().contains("example.com")));
}

/// Each of very many networks has its own counter. docs/limits.md quotes the figures.
#[tokio::test(flavor = "multi_thread")]
async fn very_many_networks_take_little_room() {
    let networks: usize = if crate::support::is_full() { 100_000 } else { 3_000 };
    let mailbox = Mailbox::closed();
    let url = mailbox.url();
    // Two requests each: one that is let through, and one that is remembered as refused.
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
    assert!(answers.iter().all(|(first, _)| *first == 202), "each has its own");
    assert_eq!(refused, networks);
    let rows = server.database.count("SELECT count(*) FROM rate_limits");
    assert_eq!(rows, i64::try_from(networks).expect("a number") + 1, "a refusal adds none");
}

/// What a flood of refused logins costs: no hash and no write. docs/limits.md quotes its figures.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refused_logins_is_answered_at_once(#[values(Sqlite, Postgres)] backend: Backend) {
    const FLOOD: usize = 3000;
    let server = limited(backend, &[("LOG_LEVEL", "debug")]);
    for _ in 0..21 {
        log_in(&server, ADA, "wrong").await;
    }
    // The log is read as it comes. One of them was refused.
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
    let asked = server.log().matches("rate limit exceeded").count();
    // What is remembered ends after a minute.
    assert!(asked < FLOOD / 100, "{asked} went to the database");
    // Others are served meanwhile and after.
    assert_eq!(log_in(&server, "bob@example.com", "wrong").await.status, 401);
    eventually("bob's is logged after all others", async || (hashed() > 20).then_some(())).await;
    assert_eq!(hashed(), 21, "of the flood none was hashed");
}
