//! The connection to PostgreSQL is refused, silent or reset; responses to a COMMIT are lost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::{Backend, GOOD, Line, Mailbox, Mode, Server, TestDatabase, eventually, is_full, random};
use rand::RngExt as _;
use serde_json::json;

use super::outage::{LIMIT, Visitors, sign_up};

struct Setup {
    database: Arc<TestDatabase>,
    line: Line,
    server: Arc<Server>,
    _mailbox: Mailbox,
}

fn setup() -> Setup {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let line = Line::to(&database.url);
    let mailbox = Mailbox::open();
    let mail = mailbox.url();
    let settings = [("DATABASE_URL", line.url.as_str()), ("PASSWORD_BLOCKLIST", "off"), ("SMTP_URL", &mail)];
    let server = Arc::new(Server::start_on(Arc::clone(&database), &settings));
    Setup { database, line, server, _mailbox: mailbox }
}

/// The length of an outage.
fn outage_length() -> Duration {
    Duration::from_secs(if is_full() { 30 } else { 8 })
}

async fn outage(what: &str, mode: Mode, times: usize) {
    let Setup { database, line, server, .. } = setup();
    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_secs(1)).await;
    let mut spans = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        line.set(mode);
        visitors.run_for(outage_length()).await;
        spans.push((began, Instant::now()));
        line.set(Mode::Pass);
        visitors.wait_for_recovery(what).await;
        visitors.run_for(Duration::from_secs(1)).await;
    }
    let back = Instant::now();
    visitors.run_for(Duration::from_secs(1)).await;
    let found = visitors.stop().await;
    found.assert_success_or_timely_503(what, &database, LIMIT);
    if mode != Mode::Refuse {
        found.assert_healthz_responds_during_waits();
    }
    for (began, ended) in &spans {
        found.assert_not_ready(*began, *ended);
        let during = found.sign_ups.iter().filter(|reply| reply.at > *began && reply.at < *ended);
        assert!(during.filter(|reply| reply.status == 503).count() > 0, "{what}: no 503 during the outage");
    }
    let afterwards: Vec<_> = found.sign_ups.iter().filter(|reply| reply.at > back).collect();
    assert!(!afterwards.is_empty(), "{what}: no sign-up after the outage");
    assert!(afterwards.iter().all(|reply| reply.status == 201), "{what}: {afterwards:?}");
    assert_eq!(server.get("/readyz").await.status, 200);

    // The log has a line for each change of state, not for each attempt. Requests have their own lines.
    let log = server.log();
    let count = |words: &str| log.matches(words).count();
    let changes = [count("connections abandoned"), count("database available again"), count("failed to read outbox")];
    eprintln!("{what}: abandoned, available again, no outbox: {changes:?}");
    assert!(changes[1] >= 1, "it does not log that it is available again\n{log}");
    assert!(changes.iter().all(|count| *count <= 4 * times), "{changes:?}\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_connections_is_503_in_time_and_recovers() {
    outage("refused", Mode::Refuse, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporarily_silent_database_is_503_in_time_and_recovers() {
    outage("black hole, connections resume", Mode::Hold, 1).await;
}

/// Existing connections stay open and never deliver again; only new ones work. Twice, since abandoned calls keep their
/// threads.
#[tokio::test(flavor = "multi_thread")]
async fn permanently_silent_connections_are_replaced() {
    outage("black hole, connections are lost", Mode::Swallow, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_resets_during_queries_lose_no_acknowledged_sign_up() {
    let rounds = if is_full() { 50 } else { 20 };
    let Setup { database, line, server, .. } = setup();
    let visitors = Visitors::start(&server);
    visitors.run_for(Duration::from_secs(1)).await;
    let mut random = random();
    for _ in 0..rounds {
        line.reset();
        visitors.run_for(Duration::from_millis(random.random_range(100..250))).await;
    }
    visitors.wait_for_recovery(&format!("reset {rounds} times")).await;
    let found = visitors.stop().await;
    found.assert_success_or_timely_503("reset", &database, LIMIT);
    assert!(found.count(503) > 0, "no query was hit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_commit_response_is_an_unknown_outcome() {
    let Setup { database, line, server, .. } = setup();
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
    // The connection was cut before PostgreSQL had finished the COMMIT.
    eventually("both are saved", async || (database.count("SELECT count(*) FROM users") == 2).then_some(())).await;
    let again = server.post_json("/register", &ada).await;
    again.assert_json(400, &json!({"detail": "Email already registered"}));
}

/// The connection falls silent before the COMMIT is sent: nothing was saved, and nothing is saved after the recovery.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_abandoned_before_its_commit_is_never_saved() {
    let Setup { database, line, server, .. } = setup();
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
    // A row of an abandoned call would make its address taken.
    for number in 0..4 {
        assert_eq!(server.post_json("/register", &sign_up(&format!("held{number}"))).await.status, 201, "held{number}");
    }
    assert_eq!(database.count("SELECT count(*) FROM users"), 5);
}
