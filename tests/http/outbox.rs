//! The outbox: no mail is lost or sent twice when the mail server or the service fails.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;

use crate::support::{
    BETTER, Backend, Behaviour, FakeClock, GOOD, Mailbox, Server, TestDatabase, eventually, mailbox::Received,
};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn an_unavailable_or_slow_mail_server_changes_no_response(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::closed();
    let clock = FakeClock::new();
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let all = clock.with(&[("SMTP_URL", &url)]);
    let server = Server::start_on(Arc::clone(&database), &all);

    // Down.
    for number in 0..5 {
        server.sign_up(&format!("down{number}@example.com")).await;
    }
    for address in ["down0@example.com", "nobody@example.com"] {
        assert_eq!(server.post_json("/forgot-password", &json!({"email": address})).await.status, 202);
    }
    server.log_with("failed to send mail").await;
    assert!(!server.log().contains("example.com"), "the log contains no addresses");

    // Killed before the delivery; no mail is lost.
    server.kill();
    let server = Server::start_on(Arc::clone(&database), &all);
    assert_eq!(database.count("SELECT count(*) FROM outbox WHERE state = 'pending' AND recipient LIKE 'down%'"), 6);

    // So slow that it does not even greet.
    mailbox.behave(Behaviour { silent_at: "CONNECT", ..Behaviour::default() });
    mailbox.reopen();
    clock.set(3600);
    mailbox.is_told("CONNECT").await;
    server.sign_up("slow@example.com").await;
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "slow@example.com"})).await.status, 202);
    assert_eq!(mailbox.conversation(), "");

    // Killed during a delivery; then the mail server works again.
    server.kill();
    mailbox.behave(Behaviour::default());
    clock.set(7200);
    let server = Server::start_on(Arc::clone(&database), &all);
    for address in ["down1@example.com", "down2@example.com", "down3@example.com", "down4@example.com"] {
        let mail = mailbox.newest(address, 1).await;
        // The lifetime of the link starts when the mail is sent.
        let body = json!({"token": mail.token(), "password": GOOD});
        assert_eq!(server.post_json("/verify-email", &body).await.status, 204, "{address}");
    }
    for address in ["down0@example.com", "slow@example.com"] {
        let subjects: Vec<String> = mailbox.wait_for(address, 2).await.iter().map(Received::subject).collect();
        assert!(subjects.iter().any(|subject| subject == "Choose a new password for Vestibule"), "{subjects:?}");
    }
    assert!(mailbox.to("nobody@example.com").is_empty());
}

#[rstest]
#[tokio::test]
async fn a_refused_mail_is_abandoned_after_retries(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { recipient_answer: "550 5.1.1 no such user", ..Behaviour::default() });
    let clock = FakeClock::new();
    let url = mailbox.url();
    let server = Server::start_with(backend, &clock.with(&[("SMTP_URL", &url)]));
    server.sign_up("gone@example.com").await;
    let state = "SELECT state || ' ' || CAST(attempts AS TEXT) AS t FROM outbox WHERE lease_until IS NULL";
    let until = async |wanted: &str| {
        eventually(wanted, async || (server.database.texts(state) == [wanted]).then_some(())).await;
    };
    // The mail server may be misconfigured, so permanent errors are retried too.
    for attempt in 1..6 {
        until(&format!("pending {attempt}")).await;
        clock.set(1000 * attempt);
    }
    until("dead 6").await;
    let error = server.database.texts("SELECT last_error AS t FROM outbox").remove(0);
    assert!(error.contains("550"), "{error}");
    assert!(error.contains("no such user"), "{error}");

    // Temporary errors are retried for three days.
    server.database.execute("DELETE FROM outbox");
    mailbox.behave(Behaviour { recipient_answer: "451 4.7.1 try again later", ..Behaviour::default() });
    server.sign_up("grey@example.com").await;
    until("pending 1").await;
    for hours in [1, 24, 48, 71] {
        let attempts = server.database.count("SELECT attempts FROM outbox");
        clock.set(6000 + hours * 3600);
        until(&format!("pending {}", attempts + 1)).await;
    }
    let attempts = server.database.count("SELECT attempts FROM outbox");
    clock.set(6000 + 73 * 3600);
    until(&format!("dead {}", attempts + 1)).await;
}

/// A mail that cannot be rendered does not delay others.
#[rstest]
#[tokio::test]
async fn an_invalid_row_delays_no_other_mail(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    for (message_id, detail) in
        [("a", "{"), ("b", "{\"kind\":\"of a later version\"}"), ("c", "{\"kind\":\"verify_email\",\"claim\":77}")]
    {
        server.database.execute(&format!(
            "INSERT INTO outbox (message_id, kind, detail, recipient, next_attempt_at, created_at) \
             VALUES ('{message_id}', 'verify_email', '{detail}', 'ada@example.com', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
    }
    server.sign_up("ada@example.com").await;
    mailbox.wait_for("ada@example.com", 1).await;
}

/// An attacker cannot fill an inbox; responses do not reveal that the limit is reached.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn mails_of_one_kind_to_one_address_are_limited(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let all = clock.with(&[("SMTP_URL", &url)]);
    let servers = [Server::start_on(Arc::clone(&database), &all), Server::start_on(Arc::clone(&database), &all)];
    servers[0].sign_up("ada@example.com").await;
    let mut mails = 1;
    mailbox.wait_for("ada@example.com", mails).await;
    let forgot = async |number: usize| {
        let body = json!({"email": if number.is_multiple_of(2) { "ADA@example.com " } else { "ada@example.com" }});
        assert_eq!(servers[number % 2].post_json("/forgot-password", &body).await.status, 202);
    };
    // One network address may cause five an hour and twenty a day.
    for (hour, most) in [(0, 5), (2, 5), (4, 5), (6, 5), (8, 0), (25, 5)] {
        clock.set(hour * 3600);
        for number in 0..most + 2 {
            forgot(number).await;
            servers[0].mails_are_settled().await;
        }
        mails += most;
        assert_eq!(mailbox.to("ada@example.com").len(), mails, "hour {hour}");
    }
    // A request from another network address still causes one.
    clock.set(25 * 3600 + 60);
    database.execute("UPDATE outbox SET peer = '192.0.2.1'");
    forgot(0).await;
    mailbox.wait_for("ada@example.com", mails + 1).await;
    // Concurrent requests do not exceed the limit.
    clock.set(100 * 3600);
    futures_util::future::join_all((0..40).map(&forgot)).await;
    servers[0].mails_are_settled().await;
    let more = mailbox.to("ada@example.com").len() - mails - 1;
    assert!((1..=5).contains(&more), "{more}");

    // Notices are limited too: an attacker may sign up with another user's address and change the password repeatedly.
    let bearer = servers[0].token("ada@example.com", GOOD).await;
    let before = mailbox.to("ada@example.com").len();
    for number in 0..8 {
        let passwords = [GOOD, BETTER];
        let body = json!({"current_password": passwords[number % 2], "password": passwords[(number + 1) % 2]});
        assert_eq!(servers[0].as_program(&bearer, "PATCH", "/api/v1/users/me", &body).await.status, 200);
        servers[0].mails_are_settled().await;
    }
    assert_eq!(mailbox.to("ada@example.com").len() - before, 5);
}

/// A stop waits for deliveries in progress: interrupted, they would be repeated.
#[rstest]
#[tokio::test]
async fn a_stop_finishes_the_delivery_in_progress(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { silent_at: "MAIL", ..Behaviour::default() });
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let mut server = Server::start_on(Arc::clone(&database), &[("SMTP_URL", &url)]);
    server.sign_up("ada@example.com").await;
    mailbox.is_told("MAIL FROM").await;
    server.signal("TERM");
    server.log_with("stopping: finishing requests in flight").await;
    mailbox.behave(Behaviour::default());
    assert_eq!(server.exit_code().await, Some(0));
    assert_eq!(mailbox.to("ada@example.com").len(), 1);
    assert_eq!(database.texts("SELECT state AS t FROM outbox"), ["sent"]);
}

/// Two instances share the deliveries and send no mail twice.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_instances_share_the_outbox(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let servers = Server::two_mailing(backend, &mailbox);
    for number in 0..60 {
        servers[number % 2].sign_up(&format!("p{number}@example.com")).await;
    }
    for number in 0..60 {
        mailbox.wait_for(&format!("p{number}@example.com"), 1).await;
    }
    servers[0].mails_are_settled().await;
    assert_eq!(servers[0].database.count("SELECT count(*) FROM outbox WHERE state = 'sent'"), 60);
    assert_eq!(mailbox.all().len(), 60);
}
