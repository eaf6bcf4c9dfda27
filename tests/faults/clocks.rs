//! System clock changes while the service runs.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, FakeClock, GOOD, Mailbox, Server, TestDatabase, eventually};
use Backend::{Postgres, Sqlite};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const BETTER: &str = "four crabs on a warm beach";
/// 2038-01-19T03:14:07Z, the last second that fits into 31 bits.
const END_OF_31_BITS: i64 = i32::MAX as i64;

fn seconds_until(moment: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    moment - i64::try_from(now).expect("a number")
}

/// Runs the flows of browsers and API clients at the current fake time. `name`: a new account.
async fn run_all_flows(server: &Server, mailbox: &Mailbox, name: &str) {
    let email = format!("{name}@example.com");
    let browser = Browser::new(server);
    let made = browser.post("/register", &[("email", &email), ("password", GOOD)]).await;
    assert_eq!(Browser::location(&made), "/welcome");
    // `Max-Age` is relative to the browser's own clock.
    assert!(made.set_cookie("vestibule_session").contains("; Max-Age=5184000"), "{:?}", made.headers);
    assert!(!made.set_cookie("vestibule_session").contains("Expires"), "{:?}", made.headers);
    assert!(made.set_cookie("vestibule_flash").contains("; Max-Age="), "{:?}", made.headers);
    assert_eq!(browser.get("/welcome").await.page(200).text("main .value"), email);
    let link = mailbox.newest(&email, 1).await;
    assert_eq!(browser.post("/verify-email", &[("code", &link.code())]).await.status, 200);
    assert!(browser.is_signed_in().await);
    assert_eq!(me(server, &server.token(&email, GOOD).await).await, 200);
    assert_eq!(server.post_json("/forgot-password", &json!({"email": email})).await.status, 202);
    let reset = json!({"token": mailbox.newest(&email, 2).await.token(), "password": BETTER});
    assert_eq!(server.post_json("/reset-password", &reset).await.status, 204);
    assert!(!browser.is_signed_in().await);
    assert_eq!(Browser::location(&browser.log_in(&email, BETTER).await), "/account");
    assert_eq!(browser.get("/account/export").await.status, 200);
    let taken = server.post_json("/api/v1/users/register", &json!({"email": email, "password": GOOD})).await;
    assert_eq!(taken.status, 400);
    assert_eq!(server.get("/readyz").await.status, 200);
    // No mail is in progress when the clock changes.
    mailbox.wait_for(&email, 3).await;
}

async fn me(server: &Server, bearer: &str) -> u16 {
    server.as_program(bearer, "GET", "/api/v1/users/me", &Value::Null).await.status
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn all_flows_work_after_clock_changes_and_after_2038(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let server = Server::start_with(backend, &clock.with(&[("SMTP_URL", &url)]));
    let past_31_bits = seconds_until(END_OF_31_BITS) + DAY;
    for (step, seconds) in [0, -HOUR, HOUR, 400 * DAY, past_31_bits, 0, -400 * DAY].into_iter().enumerate() {
        clock.set(seconds);
        run_all_flows(&server, &mailbox, &format!("at-step-{step}")).await;
    }
    let latest = server.database.texts("SELECT created_at AS t FROM users ORDER BY created_at DESC LIMIT 1").concat();
    assert!(latest.starts_with("2038-01-2"), "{latest}");
    for words in ["panicked", "ERROR"] {
        assert!(!server.log().contains(words), "{}", server.log());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_invalid_before_their_time_of_issue(#[values(Sqlite, Postgres)] backend: Backend) {
    const ISSUED: i64 = 10 * DAY;
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let all = clock.with(&[
        ("SMTP_URL", &url),
        ("ACCESS_TOKEN_HOURS", "1"),
        ("SESSION_MAX_DAYS", "2"),
        ("SESSION_IDLE_DAYS", "2"),
    ]);
    let server = Server::start_with(backend, &all);
    clock.set(ISSUED);
    let ada = Browser::new(&server);
    ada.sign_up("ada@example.com", GOOD).await;
    let bearer = server.token("ada@example.com", GOOD).await;
    let mail = mailbox.newest("ada@example.com", 1).await;
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "ada@example.com"})).await.status, 202);
    let reset = mailbox.newest("ada@example.com", 2).await.token();
    let link = mail.link().replace(&server.url(""), "");
    let reset_page = format!("/reset-password?token={reset}");

    // Expired by policy; then clocks before the time of issue.
    for seconds in [ISSUED + 3 * DAY, 0, -400 * DAY, ISSUED - HOUR] {
        clock.set(seconds);
        assert!(!ada.is_signed_in().await, "a session at {seconds}");
        assert_eq!(me(&server, &bearer).await, 401, "an access token at {seconds}");
        let verify = json!({"token": mail.token(), "password": GOOD});
        let refused = server.post_json("/verify-email", &verify).await;
        assert_eq!((refused.status, refused.text().contains("token_expired")), (400, true), "a link at {seconds}");
        assert_eq!(Browser::new(&server).get(&link).await.status, 400, "the page of a link at {seconds}");
        let code = json!({"code": mail.code(), "email": "ada@example.com", "password": GOOD});
        assert_eq!(server.post_json("/verify-email", &code).await.status, 400, "a code at {seconds}");
        let refused = server.post_json("/reset-password", &json!({"token": reset, "password": BETTER})).await;
        assert_eq!((refused.status, refused.text().contains("token_expired")), (400, true), "a reset at {seconds}");
        assert_ne!(Browser::new(&server).get(&reset_page).await.status, 200, "the page of a reset at {seconds}");
    }
    // With a correct clock, unexpired credentials are valid again.
    clock.set(ISSUED + 60);
    assert!(ada.is_signed_in().await);
    assert_eq!(me(&server, &bearer).await, 200);
    assert_eq!(server.post_json("/reset-password", &json!({"token": reset, "password": BETTER})).await.status, 204);
}

/// Mails that wait for a retry, that were never tried, and that an instance had leased when it was killed.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pending_mails_are_sent_after_the_clock_is_set_back(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::closed();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let all = clock.with(&[("SMTP_URL", &url)]);
    let database = Arc::new(TestDatabase::new(backend));
    clock.set(400 * DAY);
    let server = Server::start_on(Arc::clone(&database), &all);
    let sign_up = async |server: &Server, name: &str| {
        let body = json!({"email": format!("{name}@example.com"), "password": GOOD});
        assert_eq!(server.post_json("/register", &body).await.status, 201);
    };
    let until = async |sql: &str| eventually(sql, async || (database.count(sql) == 1).then_some(())).await;
    sign_up(&server, "tried").await;
    until("SELECT count(*) FROM outbox WHERE attempts = 1 AND lease_until IS NULL").await;
    // The mail server does not respond, and the instance is killed meanwhile.
    mailbox.behave(crate::support::Behaviour { delay: Duration::from_mins(1), ..Default::default() });
    mailbox.reopen();
    sign_up(&server, "leased").await;
    until("SELECT count(*) FROM outbox WHERE recipient = 'leased@example.com' AND lease_until IS NOT NULL").await;
    sign_up(&server, "untried").await;
    server.kill();
    database.execute("UPDATE outbox SET attempts = 0, lease_until = NULL WHERE recipient = 'untried@example.com'");
    mailbox.behave(crate::support::Behaviour::default());

    clock.set(0);
    let server = Server::start_on(Arc::clone(&database), &all);
    for name in ["tried", "untried"] {
        mailbox.wait_for(&format!("{name}@example.com"), 1).await;
    }
    if backend == Postgres {
        // Another instance may hold the lease: until it expires, the mail is skipped, and two later mails are sent.
        // SQLite has a single instance.
        for name in ["later", "latest"] {
            sign_up(&server, name).await;
            mailbox.wait_for(&format!("{name}@example.com"), 1).await;
        }
        assert_eq!(mailbox.to("leased@example.com").len(), 0);
        clock.set(5 * 60);
    }
    mailbox.wait_for("leased@example.com", 1).await;
    // Mail limits do not count mails with a future timestamp.
    clock.set(400 * DAY);
    for number in 2..=6 {
        assert_eq!(server.post_json("/forgot-password", &json!({"email": "tried@example.com"})).await.status, 202);
        mailbox.wait_for("tried@example.com", number).await;
    }
    clock.set(0);
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "tried@example.com"})).await.status, 202);
    mailbox.wait_for("tried@example.com", 7).await;
}
