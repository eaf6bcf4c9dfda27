//! The line to PostgreSQL is refused, silent, reset; answers to a COMMIT are lost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{Backend, GOOD, Line, Mailbox, Mode, Server, TestDatabase, eventually, is_full, random};
use rand::RngExt as _;
use serde_json::json;

use super::outage::{LIMIT, Visitors, sign_up};

struct Setting {
    database: Arc<TestDatabase>,
    line: Line,
    server: Arc<Server>,
    _mailbox: Mailbox,
}

fn setting() -> Setting {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let line = Line::to(&database.url);
    let mailbox = Mailbox::open();
    let mail = mailbox.url();
    let settings = [("DATABASE_URL", line.url.as_str()), ("PASSWORD_BLOCKLIST", "off"), ("SMTP_URL", &mail)];
    let server = Arc::new(Server::start_on(Arc::clone(&database), &settings));
    Setting { database, line, server, _mailbox: mailbox }
}

/// How long the line stays as it is.
fn lasts() -> Duration {
    Duration::from_secs(if is_full() { 30 } else { 8 })
}

async fn outage(what: &str, mode: Mode, times: usize) {
    let Setting { database, line, server, .. } = setting();
    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_secs(1)).await;
    let mut spans = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        line.set(mode);
        visitors.go_on(lasts()).await;
        spans.push((began, Instant::now()));
        line.set(Mode::Pass);
        visitors.success(what).await;
        visitors.go_on(Duration::from_secs(1)).await;
    }
    let back = Instant::now();
    visitors.go_on(Duration::from_secs(1)).await;
    let found = visitors.leave().await;
    found.assert_in_order(what, &database, LIMIT);
    if mode != Mode::Refuse {
        found.assert_alive_beside_who_waits();
    }
    for (began, ended) in &spans {
        found.assert_not_ready(*began, *ended);
        let during = found.sign_ups.iter().filter(|reply| reply.at > *began && reply.at < *ended);
        assert!(during.filter(|reply| reply.status == 503).count() > 0, "{what}: nobody noticed");
    }
    let afterwards: Vec<_> = found.sign_ups.iter().filter(|reply| reply.at > back).collect();
    assert!(!afterwards.is_empty(), "{what}: nobody came afterwards");
    assert!(afterwards.iter().all(|reply| reply.status == 201), "{what}: {afterwards:?}");
    assert_eq!(server.get("/readyz").await.status, 200);

    // The log tells each turn, and not each attempt; requests have a line each.
    let log = server.log();
    let said = |words: &str| log.matches(words).count();
    let turns = [said("connections abandoned"), said("database available again"), said("failed to read outbox")];
    eprintln!("{what}: abandoned, available again, no outbox: {turns:?}");
    assert!(turns[1] >= 1, "it does not log that it is available again\n{log}");
    assert!(turns.iter().all(|count| *count <= 4 * times), "{turns:?}\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_is_503_in_time_and_comes_back() {
    outage("refused", Mode::Refuse, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_for_a_while_is_503_in_time_and_comes_back() {
    outage("black hole that opens again", Mode::Hold, 1).await;
}

/// TCP lives, nothing ever comes: only new connections work. Twice, since what is lost keeps its threads.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_fall_silent_for_ever_are_replaced() {
    outage("black hole that keeps what it has", Mode::Swallow, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_in_the_middle_of_queries_lose_nothing() {
    let rounds = if is_full() { 50 } else { 20 };
    let Setting { database, line, server, .. } = setting();
    let visitors = Visitors::come(&server);
    visitors.go_on(Duration::from_secs(1)).await;
    let mut random = random();
    for _ in 0..rounds {
        line.reset();
        visitors.go_on(Duration::from_millis(random.random_range(100..250))).await;
    }
    visitors.success(&format!("reset {rounds} times")).await;
    let found = visitors.leave().await;
    found.assert_in_order("reset", &database, LIMIT);
    assert!(found.count(503) > 0, "no query was hit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_commit_is_not_denied() {
    let Setting { database, line, server, .. } = setting();
    let ada = sign_up("ada");
    line.set(Mode::CutAfterCommit);
    let answer = server.post_json("/register", &ada).await;
    assert_eq!(answer.header("retry-after"), "5");
    answer.assert_json(
        503,
        &json!({"detail": "No answer came in time, so it may have been saved or not. Try again in a few seconds."}),
    );
    let grace = [("full_name", "Grace"), ("email", "grace@example.com"), ("password", GOOD)];
    let page = server.post_form(&grace).await.page(503);
    assert!(page.text(".summary li").starts_with("We could not tell whether it was saved."));
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("grace@example.com"));

    line.set(Mode::Pass);
    // The line was cut before PostgreSQL had done it.
    eventually("both are saved", async || (database.count("SELECT count(*) FROM users") == 2).then_some(())).await;
    let again = server.post_json("/register", &ada).await;
    again.assert_json(400, &json!({"detail": "Email already registered"}));
}

/// The line falls silent before the COMMIT is sent: it is known that nothing was saved, and nothing is when it comes back.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_before_its_commit_is_never_saved() {
    let Setting { database, line, server, .. } = setting();
    assert_eq!(server.post_json("/register", &sign_up("first")).await.status, 201);
    line.set(Mode::Hold);
    let answers = futures_util::future::join_all(
        (0..4).map(async |number| server.post_json("/register", &sign_up(&format!("held{number}"))).await),
    )
    .await;
    for answer in &answers {
        answer.assert_json(503, &json!({"detail": "Nothing was saved. Wait a few seconds, then try again."}));
    }
    line.set(Mode::Pass);
    // A row that came now would be the second of its address, and one that had come already would be in the way.
    for number in 0..4 {
        assert_eq!(server.post_json("/register", &sign_up(&format!("held{number}"))).await.status, 201, "held{number}");
    }
    assert_eq!(database.count("SELECT count(*) FROM users"), 5);
}
