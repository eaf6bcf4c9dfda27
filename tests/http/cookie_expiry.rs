//! Cookies that carry state between pages expire by the time inside, whatever a client does with `Max-Age`.

use rstest::rstest;

use crate::support::{Backend, Browser, FakeClock, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
/// Seconds for the test itself.
const SLACK: i64 = 120;

#[rstest]
#[tokio::test]
async fn the_flash_cookie_expires_after_five_minutes(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    let server = Server::start_with(backend, &clock.with(&[]));
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let flash = format!("vestibule_flash={}", ada.cookie("vestibule_flash").expect("a result"));
    let welcome = async || server.send("GET", "/welcome", &[("cookie", &flash)], "").await.status;
    clock.set(300 - SLACK);
    assert_eq!(welcome().await, 200);
    clock.set(301);
    assert_eq!(welcome().await, 303);
}

#[rstest]
#[tokio::test]
async fn the_pending_cookie_expires_after_a_day(#[values(Sqlite, Postgres)] backend: Backend) {
    const DAY: i64 = 24 * 3600;
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::start_with(backend, &clock.with(&settings));
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let pending = format!("vestibule_pending={}", ada.cookie("vestibule_pending").expect("a pending sign-up"));
    let page = async || {
        let headers = [("cookie", pending.as_str()), ("accept", "text/html")];
        server.send("GET", "/verify-email", &headers, "").await.page(200).has("input[name=code]")
    };
    clock.set(DAY - SLACK);
    assert!(page().await);
    clock.set(DAY + 1);
    assert!(!page().await);
}
