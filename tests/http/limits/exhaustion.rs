//! Attackers who exhaust what others need: mails to a mailbox, the limits of an account, the totals.

use crate::support::{Answer, Backend, FakeClock, GOOD, Mailbox, Server, Settings, eventually, mailbox::Behaviour};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::{Value, json};

use super::{address, behind, count, limited, log_in_from, retry_after};

const OWNER: &str = "owner@example.com";
const HOME: &str = "203.0.113.7";

/// Networks of one /48.
fn network(number: usize) -> String {
    format!("2001:db8:1:{number:x}::1")
}

/// With default limits, behind a trusted proxy, with a stopped clock.
fn mailing(backend: Backend, clock: &FakeClock, mailbox: &Mailbox, settings: Settings) -> Server {
    clock.stand_still(0);
    let url = mailbox.url();
    let mut all = vec![("SMTP_URL", url.as_str())];
    all.extend_from_slice(settings);
    behind(backend, &clock.with(&all))
}

async fn post_from(server: &Server, from: &str, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", from)];
    server.send("POST", path, &headers, body.to_string()).await
}

async fn ask_for_change(server: &Server, from: &str, bearer: &str, email: &str) -> Answer {
    let authorization = format!("Bearer {bearer}");
    let headers =
        [("content-type", "application/json"), ("x-forwarded-for", from), ("authorization", authorization.as_str())];
    let body = json!({"email": email, "current_password": GOOD}).to_string();
    server.send("PATCH", "/api/v1/users/me", &headers, body).await
}

/// One signed-in client could once cause sixty mails to one address and thousands to others.
#[rstest]
#[tokio::test]
async fn mails_to_new_addresses_are_limited_per_account_and_mailbox(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = mailing(backend, &clock, &mailbox, &[]);
    let mut passed = Vec::new();
    for account in 0..4 {
        let email = format!("attacker{account}@example.com");
        assert_eq!(post_from(&server, HOME, "/register", &address(&email)).await.status, 201);
        let credentials = json!({"identifier": email, "password": GOOD});
        let bearer = post_from(&server, HOME, "/login", &credentials).await.json()["access_token"].clone();
        let bearer = bearer.as_str().expect("a token");
        let mut answers = Vec::new();
        for number in 0..15 {
            let victim = format!("victim+{account}.{number}@example.com");
            answers.push(ask_for_change(&server, &network(account), bearer, &victim).await);
        }
        let refused = answers.last().expect("an answer");
        if refused.status == 429 {
            assert!(retry_after(refused) > 0);
        }
        passed.push(count(&answers, 200));
    }
    // Ten for each account, thirty to the mailbox.
    assert_eq!(passed, [10, 10, 10, 0]);
    server.mails_are_settled().await;
    let mails = mailbox.all().into_iter().filter(|mail| mail.to[0].starts_with("victim")).count();
    assert!((1..=8).contains(&mails), "{mails} mails that one block of networks caused");
    // All accepted requests are in the outbox.
    assert_eq!(server.database.count("SELECT count(*) FROM outbox WHERE kind = 'confirm_new_email'"), 30);
}

#[rstest]
#[tokio::test]
async fn tags_and_dots_are_one_mailbox(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = mailing(backend, &clock, &mailbox, &[]);
    for number in 0..30 {
        let from = format!("198.51.{number}.1");
        let dots = if number % 2 == 0 { "vic.tim" } else { "victim" };
        let email = format!("{dots}+{number}@gmail.com");
        assert_eq!(post_from(&server, &from, "/register", &address(&email)).await.status, 201);
    }
    server.mails_are_settled().await;
    assert_eq!(mailbox.all().len(), 15);
}

/// 5,029 requests from the networks of one customer once exhausted the total.
#[rstest]
#[tokio::test]
async fn a_block_of_networks_cannot_exhaust_the_total(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("/forgot-password", "/verify-email/resend")] path: &str,
) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let totals = [("RATE_LIMIT_FORGOT_PASSWORD_TOTAL", "200/hour"), ("RATE_LIMIT_RESEND_TOTAL", "200/hour")];
    let server = mailing(backend, &clock, &mailbox, &totals);
    let mut answers = Vec::new();
    for number in 0..160 {
        let body = json!({"email": format!("p{number}@example.com")});
        answers.push(post_from(&server, &network(number), path, &body).await);
    }
    assert_eq!((count(&answers, 202), count(&answers, 429)), (150, 10));
    assert_eq!(post_from(&server, HOME, path, &json!({"email": OWNER})).await.status, 202);
}

/// During an attack from a /48 the owner can log in from an unknown browser: by password, and by mail.
#[rstest]
#[tokio::test]
async fn an_owner_can_log_in_during_an_attack_from_one_block(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = mailing(backend, &clock, &mailbox, &[]);
    assert_eq!(post_from(&server, "192.0.2.1", "/register", &address(OWNER)).await.status, 201);
    mailbox.wait_for(OWNER, 1).await;
    let wrong = json!({"identifier": OWNER, "password": "wrong-horse-battery"});
    let mut passed = [0; 3];
    for number in 0..60 {
        let from = network(number);
        for _ in 0..2 {
            passed[0] += u32::from(post_from(&server, &from, "/login", &wrong).await.status == 401);
            for (place, path) in [(1, "/forgot-password"), (2, "/verify-email/resend")] {
                let asked = post_from(&server, &from, path, &json!({"email": OWNER})).await;
                passed[place] += u32::from(asked.status == 202);
            }
        }
    }
    assert_eq!(passed, [30, 15, 15]);
    server.mails_are_settled().await;
    let before = mailbox.to(OWNER).len();
    let right = json!({"identifier": OWNER, "password": GOOD});
    assert_eq!(post_from(&server, HOME, "/login", &right).await.status, 200);
    assert_eq!(post_from(&server, HOME, "/forgot-password", &json!({"email": OWNER})).await.status, 202);
    let token = mailbox.newest(OWNER, before + 1).await.token();
    let chosen = json!({"token": token, "password": "another-horse-battery"});
    assert_eq!(post_from(&server, HOME, "/reset-password", &chosen).await.status, 204);
    assert_eq!(log_in_from(&server, "203.0.113.8", OWNER, "another-horse-battery").await.status, 200);
}

/// The mails that one account causes have their own queue.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn mails_of_one_account_do_not_delay_others(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { silent_at: "CONNECT", ..Behaviour::default() });
    let url = mailbox.url();
    let server = limited(backend, &[("SMTP_URL", &url)]);
    assert_eq!(server.post_json("/register", &address("flood@example.com")).await.status, 201);
    let bearer = server.token("flood@example.com", GOOD).await;
    for number in 0..10 {
        let email = format!("p{number}@example.com");
        assert_eq!(ask_for_change(&server, HOME, &bearer, &email).await.status, 200);
    }
    assert_eq!(server.post_json("/register", &address(OWNER)).await.status, 201);
    let places = "SELECT recipient AS t FROM outbox WHERE state = 'pending' AND attempts = 0 ORDER BY next_attempt_at";
    let waiting = server.database.texts(places);
    let owner = waiting.iter().position(|recipient| recipient == OWNER);
    assert!(owner.is_none_or(|place| place <= 1), "{waiting:?}");
    mailbox.behave(Behaviour::default());
    mailbox.wait_for(OWNER, 1).await;
}

/// A client cannot choose the time at which a mail is rendered.
#[rstest]
#[tokio::test]
async fn a_mail_is_delayed_by_a_random_time(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = limited(backend, &[("SMTP_URL", &url), ("MAIL_DELAY_SECONDS", "")]);
    for number in 0..20 {
        let body = json!({"email": format!("p{number}@example.com")});
        assert_eq!(server.post_json("/forgot-password", &body).await.status, 202);
    }
    let waits = match backend {
        Sqlite => {
            "SELECT CAST(round((julianday(not_before) - julianday(created_at)) * 86400000) AS INTEGER) || '' AS t"
        }
        Postgres => "SELECT round(extract(epoch FROM not_before - created_at) * 1000)::bigint::text AS t",
    };
    let waits = server.database.texts(&format!("{waits} FROM outbox"));
    let waits: Vec<i64> = waits.iter().map(|wait| wait.parse().expect("milliseconds")).collect();
    assert!(waits.iter().all(|wait| (999..=5001).contains(wait)), "{waits:?}");
    let (least, most) = (waits.iter().min().expect("a wait"), waits.iter().max().expect("a wait"));
    assert!(most - least > 500, "20 delays within four seconds are spread: {waits:?}");
}

/// Mails that a killed process had leased ahead of their time are due at once.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn mails_leased_by_a_killed_process_are_due(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { silent_at: "CONNECT", ..Behaviour::default() });
    let url = mailbox.url();
    let server = limited(backend, &[("SMTP_URL", &url)]);
    for number in 0..40 {
        let email = format!("p{number}@example.com");
        assert_eq!(server.post_json("/register", &address(&email)).await.status, 201);
    }
    let leased = "SELECT count(*) FROM outbox WHERE attempts > 0";
    eventually("some are leased", async || (server.database.count(leased) == 4).then_some(())).await;
    let late =
        "SELECT count(*) FROM outbox WHERE attempts > 0 AND next_attempt_at > (SELECT max(created_at) FROM outbox)";
    assert_eq!(server.database.count(late), 0, "they are due");
    let early = "SELECT count(*) FROM outbox WHERE next_attempt_at > not_before";
    assert!(server.database.count(early) > 30, "the others have later times");
    let database = std::sync::Arc::clone(&server.database);
    server.kill();
    mailbox.behave(Behaviour::default());
    let server = Server::start_on(std::sync::Arc::clone(&database), &[("SMTP_URL", &url)]);
    if backend == Postgres {
        // On PostgreSQL another process may still hold the leases.
        database.execute("UPDATE outbox SET lease_until = NULL");
    }
    eventually("all are sent", async || (mailbox.all().len() == 40).then_some(())).await;
    drop(server);
}
