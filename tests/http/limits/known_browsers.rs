//! Known browsers: failed logins of other clients do not lock them out.

use crate::support::{ADA, BETTER, Backend, Browser, GOOD, Mailbox, Server, server::form};
use Backend::{Postgres, Sqlite};
use rstest::rstest;

use super::{behind, count, credentials, limited, log_in, log_in_from, retry_after, stopped_clock};

const COOKIE: &str = "vestibule_devices";
const WRONG: &str = "wrong-horse-battery";
/// After one failure unknown browsers are refused for the account.
const LOCKED_SOON: (&str, &str) = ("RATE_LIMIT_LOGIN_ACCOUNT", "1/day");

/// Ada has signed up, and other clients have exhausted the limit of the account. Returns the browser and its cookie.
async fn locked(server: &Server) -> (Browser<'_>, String) {
    let ada = Browser::new(server);
    ada.sign_up(ADA, GOOD).await;
    ada.post("/logout", &[]).await;
    assert_eq!(log_in(server, ADA, WRONG).await.status, 401);
    assert_eq!(log_in(server, ADA, GOOD).await.status, 429);
    let cookie = ada.cookie(COOKIE).expect("a known browser");
    (ada, cookie)
}

/// A login by a program that sends this cookie.
async fn log_in_with(server: &Server, cookie: &str) -> u16 {
    let headers = [("content-type", "application/json"), ("cookie", cookie)];
    server.send("POST", "/login", &headers, credentials(ADA, GOOD).to_string()).await.status
}

#[rstest]
#[tokio::test]
async fn one_network_exhausts_only_its_own_attempts(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = behind(backend, &clock.with(&[]));
    Browser::new(&server).sign_up(ADA, GOOD).await;
    // One network may fail twenty times; other networks are still accepted.
    let mut refused = Vec::new();
    for _ in 0..100 {
        refused.push(log_in_from(&server, "198.51.100.1", ADA, WRONG).await);
    }
    assert_eq!((count(&refused, 401), count(&refused, 429)), (20, 80));
    assert_eq!(log_in_from(&server, "198.51.100.2", ADA, GOOD).await.status, 200);
    // Many networks together may fail fifty times.
    let mut failed = 20;
    for number in 0..100 {
        let network = format!("203.0.113.{number}");
        failed += usize::from(log_in_from(&server, &network, "Ada@Example.com", WRONG).await.status == 401);
    }
    assert_eq!(failed, 50);
    let unknown = log_in_from(&server, "198.51.100.2", ADA, GOOD).await;
    assert_eq!(retry_after(&unknown), 1728);
}

#[rstest]
#[tokio::test]
async fn failed_logins_of_others_do_not_lock_out_a_known_browser(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = behind(backend, &[LOCKED_SOON]);
    let (ada, cookie) = locked(&server).await;
    // The owner's browser is accepted from any network, also with JSON.
    assert_eq!(Browser::location(&ada.log_in(ADA, GOOD).await), "/account");
    assert_eq!(log_in_with(&server, &format!("{COOKIE}={cookie}")).await, 200);
    let headers = [
        ("content-type", "application/json"),
        ("cookie", &format!("{COOKIE}={cookie}")),
        ("x-forwarded-for", "198.51.100.77"),
    ];
    let elsewhere = server.send("POST", "/login", &headers, credentials(ADA, GOOD).to_string()).await;
    assert_eq!(elsewhere.status, 200);
}

#[rstest]
#[tokio::test]
async fn other_cookies_do_not_make_a_known_browser(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[LOCKED_SOON]);
    let (_, cookie) = locked(&server).await;
    let eve = Browser::new(&server);
    eve.sign_up("eve@example.com", GOOD).await;
    let known = |value: &str| format!("{COOKIE}={value}");
    for (what, sent) in [
        ("another account's", known(&eve.cookie(COOKIE).expect("a known browser"))),
        ("a forged one", known(&(cookie.replace('A', "B") + "x"))),
        ("a prefix that is decoded", format!("__%48ost-vestibule_devices={cookie}")),
        ("another case", format!("Vestibule_devices={cookie}")),
        ("the name of https", format!("__Host-vestibule_devices={cookie}")),
        ("twice", format!("{0}; {0}", known(&cookie))),
    ] {
        assert_eq!(log_in_with(&server, &sent).await, 429, "{what}");
    }
    assert_eq!(log_in_with(&server, &known(&cookie)).await, 200);
}

#[rstest]
#[tokio::test]
async fn a_known_browser_has_its_own_limit(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[LOCKED_SOON]);
    let (ada, _) = locked(&server).await;
    let mut tries = Vec::new();
    for _ in 0..25 {
        tries.push(ada.log_in(ADA, WRONG).await);
    }
    assert_eq!((count(&tries, 403), count(&tries, 429)), (20, 5));
}

#[rstest]
#[tokio::test]
async fn a_reset_by_mail_works_during_an_account_lockout(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = limited(backend, &[LOCKED_SOON, ("SMTP_URL", &url)]);
    let (_, cookie) = locked(&server).await;
    server.mails_are_settled().await;
    let other = Browser::new(&server);
    assert_eq!(other.post("/forgot-password", &[("email", ADA)]).await.status, 200);
    let token = mailbox.newest(ADA, 2).await.token();
    assert_eq!(other.post("/reset-password", &[("token", &token), ("password", BETTER)]).await.status, 200);
    assert_eq!(Browser::location(&other.log_in(ADA, BETTER).await), "/account");
    // A new password makes all other browsers unknown.
    assert_eq!(log_in_with(&server, &format!("{COOKIE}={cookie}")).await, 429);
}

#[rstest]
#[tokio::test]
async fn the_cookie_reveals_nothing_and_is_bound_to_the_host(#[values(Sqlite, Postgres)] backend: Backend) {
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
    ];
    for (public_url, name, secure) in [
        ("https://accounts.example.com", "__Host-vestibule_devices", &["Secure"][..]),
        ("http://accounts.example.com", COOKIE, &[]),
    ] {
        let server = limited(backend, &[("PUBLIC_URL", public_url)]);
        let answer = server.send("POST", "/register", &headers, form(&[("email", ADA), ("password", GOOD)])).await;
        let cookie = answer.cookie(name);
        cookie.assert_attributes(&[&["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"], secure].concat());
        assert!(!cookie.value.contains("ada"), "{}", cookie.value);
        let names: Vec<String> = answer.cookies().into_iter().map(|cookie| cookie.name).collect();
        assert_eq!(names.iter().filter(|set| set.ends_with(COOKIE)).collect::<Vec<_>>(), [name]);
    }
}

#[rstest]
#[tokio::test]
async fn without_rate_limits_no_device_cookie_is_set(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let eve = Browser::new(&server);
    eve.sign_up("eve@example.com", GOOD).await;
    assert_eq!(eve.cookie(COOKIE), None);
    assert_eq!(server.database.count("SELECT count(*) FROM rate_limits"), 0);
}

/// The browser that changes the password stays known.
#[rstest]
#[tokio::test]
async fn the_browser_that_changes_the_password_stays_known(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[LOCKED_SOON]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    assert_eq!(ada.post("/account/password", &[("current_password", GOOD), ("password", BETTER)]).await.status, 303);
    ada.post("/logout", &[]).await;
    assert_eq!(log_in(&server, ADA, WRONG).await.status, 401);
    assert_eq!(log_in(&server, ADA, BETTER).await.status, 429);
    assert_eq!(Browser::location(&ada.log_in(ADA, BETTER).await), "/account");
}
