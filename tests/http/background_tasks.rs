//! Background tasks: they restart after a panic, and a stop leaves no mail leased.

use std::{sync::Arc, time::Duration};

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, Backend, FakeClock, GOOD, Mailbox, Server, Settings, TestDatabase, eventually, mailbox::Behaviour,
};
use Backend::{Postgres, Sqlite};

const LEASED: &str = "SELECT count(*) FROM outbox WHERE state = 'pending' AND lease_until IS NOT NULL";

/// Mails that cannot be made, created at the end of the calendar: computing the time of the next attempt panics.
fn poison(database: &TestDatabase, mails: usize) {
    let end = if database.backend == Sqlite { "+262142-12-31 23:59:59" } else { "262142-12-31 23:59:59" };
    for _ in 0..mails {
        database.execute(&format!(
            "INSERT INTO outbox (message_id, kind, detail, recipient, next_attempt_at, created_at) \
             VALUES ('x', 'verify_email', 'no JSON', 'x@example.com', '2020-01-01 00:00:00', '{end}')"
        ));
    }
}

async fn sign_up(server: &Server, name: &str) {
    let body = json!({"email": format!("{name}@example.com"), "password": GOOD});
    assert_eq!(server.post_json("/register", &body).await.status, 201);
}

async fn wait_for_log(server: &Server, what: &str, text: &str) {
    eventually(what, async || server.log().contains(text).then_some(())).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_panicked_background_task_is_restarted(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("METRICS_ADDR", "127.0.0.1:0")]);
    poison(&server.database, 1);
    wait_for_log(&server, "the panic is in the log", "panicked").await;
    sign_up(&server, "ada").await;
    mailbox.newest("ada@example.com", 1).await;
    let log = server.log();
    assert!(log.contains("background task panicked, restarting task=\"mail worker\""), "{log}");
    assert_eq!(server.get("/readyz").await.status, 200);

    let address =
        log.split("serving metrics at ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("an address");
    let metrics = Answer::of(reqwest::get(address).await.expect("an answer")).await;
    let restarts: Vec<&str> =
        metrics.text().lines().filter(|line| line.starts_with("vestibule_task_restarts")).collect();
    assert_eq!(
        restarts,
        [
            "vestibule_task_restarts_total{task=\"SIGHUP\"} 0",
            "vestibule_task_restarts_total{task=\"accept loop\"} 0",
            "vestibule_task_restarts_total{task=\"audit log maintenance\"} 0",
            "vestibule_task_restarts_total{task=\"database metrics\"} 0",
            "vestibule_task_restarts_total{task=\"hashing\"} 0",
            "vestibule_task_restarts_total{task=\"mail worker\"} 1",
            "vestibule_task_restarts_total{task=\"maintenance\"} 0",
            "vestibule_task_restarts_total{task=\"metrics listener\"} 0",
            "vestibule_task_restarts_total{task=\"rate limit maintenance\"} 0",
            "vestibule_task_restarts_total{task=\"secret key watch\"} 0",
        ]
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn repeated_background_task_panics_end_the_process(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let mut server = Server::mailing(backend, &mailbox, &[]);
    poison(&server.database, 8);
    let not_ready = async || {
        let answer = server.get("/readyz").await;
        (answer.status == 503).then_some(answer)
    };
    let answer = eventually("the service is not ready", not_ready).await;
    answer.assert_json(503, &json!({"detail": "A background task failed again and again; the service ends."}));
    assert_eq!(server.get("/healthz").await.status, 200, "it still responds");
    assert_eq!(server.exit_code().await, Some(1));
    wait_for_log(&server, "the reason", "vestibule: the background task \"mail worker\" failed repeatedly").await;
    let log = server.log();
    assert_eq!(log.matches("background task panicked, restarting").count(), 7, "{log}");
    assert!(log.contains("stopping: finishing requests in flight") && log.contains("stopped"), "{log}");
}

/// No lease is left, whether or not the mails were sent, and the next process sends the rest at once.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_releases_all_mail_leases(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Duration::from_millis(30), Duration::from_secs(20))] delay: Duration,
) {
    let mailbox = Mailbox::behaving(Behaviour { delay, ..Behaviour::default() });
    let (database, url) = (Arc::new(TestDatabase::new(backend)), mailbox.url());
    let settings: Settings = &[("SMTP_URL", &url)];
    let mut server = Server::start_on(Arc::clone(&database), settings);
    for number in 0..8 {
        sign_up(&server, &format!("p{number}")).await;
    }
    eventually("a mail is being sent", async || (database.count(LEASED) > 0).then_some(())).await;
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0), "{}", server.log());
    assert_eq!(database.count(LEASED), 0, "{}", server.log());

    mailbox.behave(Behaviour::default());
    let _server = Server::start_on(Arc::clone(&database), settings);
    let sent = async || (database.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == 8).then_some(());
    eventually("all mails are sent", sent).await;
}

/// Mails for addresses without an account are dropped one by one; a stop does not wait for all of them.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_dropped_mails(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let (database, url) = (Arc::new(TestDatabase::new(backend)), mailbox.url());
    let mut server = Server::start_on(Arc::clone(&database), &[("SMTP_URL", &url)]);
    let detail = r#"{"kind":"reset_password"}"#;
    let rows = (0..5000).map(|number| {
        format!("('{number}', 'reset_password', '{detail}', '{number}@example.com', '2020-01-01 00:00:00', '2020-01-01 00:00:00')")
    });
    database.execute(&format!(
        "INSERT INTO outbox (message_id, kind, detail, recipient, next_attempt_at, created_at) VALUES {}",
        rows.collect::<Vec<_>>().join(", ")
    ));
    let dropped = "SELECT count(*) FROM outbox WHERE state = 'dropped'";
    eventually("some are dropped", async || (database.count(dropped) > 0).then_some(())).await;
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0), "{}", server.log());
    assert_eq!(database.count(LEASED), 0, "{}", server.log());
    assert!(database.count(dropped) < 5000, "the stop waited for all of them");
}

/// A killed process releases no lease. Where no other process uses the SQLite file, the next one takes over its leases;
/// on PostgreSQL they expire.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_leased_by_a_killed_process_is_sent_by_the_next(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { delay: Duration::from_secs(20), ..Behaviour::default() });
    let (clock, database, url) = (FakeClock::new(), Arc::new(TestDatabase::new(backend)), mailbox.url());
    let settings = clock.with(&[("SMTP_URL", &url)]);
    let server = Server::start_on(Arc::clone(&database), &settings);
    sign_up(&server, "ada").await;
    eventually("the mail is being sent", async || (database.count(LEASED) == 1).then_some(())).await;
    server.kill();

    mailbox.behave(Behaviour::default());
    let _server = Server::start_on(Arc::clone(&database), &settings);
    if backend == Postgres {
        assert_eq!(database.count(LEASED), 1, "another instance may be sending it");
        clock.set(5 * 60);
    }
    mailbox.newest("ada@example.com", 1).await;
}

/// Two processes may share a SQLite file: the second leaves the leases of the first alone.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_does_not_take_over_leases_of_the_first(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { delay: Duration::from_secs(1), ..Behaviour::default() });
    let (database, url) = (Arc::new(TestDatabase::new(backend)), mailbox.url());
    let settings: Settings = &[("SMTP_URL", &url)];
    let first = Server::start_on(Arc::clone(&database), settings);
    sign_up(&first, "ada").await;
    eventually("the mail is being sent", async || (database.count(LEASED) == 1).then_some(())).await;
    let _second = Server::start_on(Arc::clone(&database), settings);
    let sent = async || (database.count("SELECT count(*) FROM outbox WHERE state = 'sent'") == 1).then_some(());
    eventually("the mail is sent", sent).await;
    assert_eq!(database.count("SELECT attempts FROM outbox"), 1, "sent by the first process only");
    mailbox.newest("ada@example.com", 1).await;
}
