//! A changed `SECRET_KEY` invalidates values signed or encrypted with the previous key. What the database stores stays
//! valid (docs/security.md, "Keys and algorithms"). With the same key everything stays valid.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Browser, FakeClock, GOOD, Mailbox, Server, Settings, TestDatabase};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const WRONG: &str = "wrong-horse-battery";
const FIRST: &str = "the first key of this installation, long enough";
const SECOND: &str = "the second key of this installation, as long";

/// An installation that a test restarts.
struct Installation<'a> {
    database: Arc<TestDatabase>,
    settings: Settings<'a>,
}

impl<'a> Installation<'a> {
    fn new(backend: Backend, settings: Settings<'a>) -> Self {
        Self { database: Arc::new(TestDatabase::new(backend)), settings }
    }

    fn start(&self, key: &str) -> Server {
        Server::start_on(Arc::clone(&self.database), &[self.settings, &[("SECRET_KEY", key)]].concat())
    }
}

/// Whether the service restarts with the same key or another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restart {
    SameKey,
    OtherKey,
}

impl Restart {
    fn key(self) -> &'static str {
        if self == Self::SameKey { FIRST } else { SECOND }
    }
}

#[rstest]
#[tokio::test]
async fn flash_messages_after_a_key_change(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let installation = Installation::new(backend, &[]);
    let server = installation.start(FIRST);
    let before = Browser::new(&server);
    before.sign_up(ADA, GOOD).await;
    assert!(before.cookie("vestibule_flash").is_some());
    let after = installation.start(restart.key());
    let ada = before.at(&after);
    drop(server);
    let welcome = ada.get("/welcome").await;
    match restart {
        Restart::SameKey => assert!(welcome.page(200).text("main").contains(ADA)),
        Restart::OtherKey => assert_eq!(Browser::location(&welcome), "/register"),
    }
}

#[rstest]
#[tokio::test]
async fn a_pending_sign_up_after_a_key_change(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let installation = Installation::new(backend, &settings);
    let server = installation.start(FIRST);
    let before = Browser::new(&server);
    before.sign_up(ADA, GOOD).await;
    let mail = mailbox.newest(ADA, 1).await;
    let after = installation.start(restart.key());
    let ada = before.at(&after);
    drop(server);
    let is_same = restart == Restart::SameKey;
    // The browser of the sign-up is asked for the code, others for an address.
    let page = ada.get("/verify-email").await.page(200);
    assert_eq!((page.has("input[name=code]"), page.has("input[name=email]")), (is_same, !is_same));
    let page = ada.get(&path(&mail.link())).await.page(200);
    assert_eq!(page.has("input[name=password]"), !is_same, "the link asks other browsers for the password");
    let by_code = ada.post("/verify-email", &[("code", &mail.code())]).await;
    if is_same {
        assert_eq!(by_code.status, 200);
        return;
    }
    assert_eq!(Browser::location(&by_code), "/verify-email");
    assert_eq!(after.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    // The link is stored in the database and valid with the password.
    assert_eq!(ada.post("/verify-email", &[("token", &mail.token())]).await.status, 400);
    assert_eq!(ada.post("/verify-email", &[("token", &mail.token()), ("password", GOOD)]).await.status, 200);
}

/// The path of a link, without the server's origin.
fn path(link: &str) -> String {
    link[link.find("/verify-email").expect("a path")..].to_owned()
}

#[rstest]
#[tokio::test]
async fn mailed_codes_after_a_key_change(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str())];
    let installation = Installation::new(backend, &settings);
    let server = installation.start(FIRST);
    let before = Browser::new(&server);
    before.sign_up(ADA, GOOD).await;
    let code = mailbox.newest(ADA, 1).await.code();
    let after = installation.start(restart.key());
    // By the session, which stays valid.
    let ada = before.at(&after);
    drop(server);
    let expected = if restart == Restart::SameKey { 200 } else { 400 };
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, expected);
    if restart == Restart::OtherKey {
        assert_eq!(ada.post("/verify-email/resend", &[]).await.status, 200);
        let code = mailbox.newest(ADA, 2).await.code();
        assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 200);
    }
}

#[rstest]
#[tokio::test]
async fn reset_links_in_a_cookie_after_a_key_change(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str())];
    let installation = Installation::new(backend, &settings);
    let server = installation.start(FIRST);
    assert_eq!(server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
    mailbox.wait_for(ADA, 1).await;
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let token = mailbox.newest(ADA, 2).await.token();
    let before = Browser::new(&server);
    let path = format!("/reset-password?token={token}");
    assert_eq!(Browser::location(&before.get(&path).await), "/reset-password");
    let after = installation.start(restart.key());
    let ada = before.at(&after);
    drop(server);
    let page = ada.get("/reset-password").await;
    match restart {
        Restart::SameKey => assert_eq!(page.page(200).attribute("input[name=token]", "value"), Some(token)),
        Restart::OtherKey => {
            assert!(!page.page(400).has("input[name=token]") && !page.text().contains(&token));
            // The link itself is stored in the database.
            assert_eq!(Browser::location(&ada.get(&path).await), "/reset-password");
            assert!(ada.get("/reset-password").await.page(200).has("input[name=token]"));
        }
    }
}

async fn log_in(server: &Server, password: &str) -> Answer {
    server.post_json("/login", &json!({"identifier": ADA, "password": password})).await
}

/// Counters are found by a keyed hash, so they restart.
#[rstest]
#[tokio::test]
async fn known_browsers_and_counters_after_a_key_change(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let installation = Installation::new(backend, &[("RATE_LIMITS", "on"), ("RATE_LIMIT_LOGIN_ACCOUNT", "1/day")]);
    let server = installation.start(FIRST);
    let before = Browser::new(&server);
    before.sign_up(ADA, GOOD).await;
    assert_eq!((log_in(&server, WRONG).await.status, log_in(&server, GOOD).await.status), (401, 429));
    let known = before.log_in(ADA, GOOD).await;
    assert_eq!(Browser::location(&known), "/account");
    let after = installation.start(restart.key());
    let ada = before.at(&after);
    drop(server);
    if restart == Restart::SameKey {
        assert_eq!(log_in(&after, GOOD).await.status, 429);
        assert_eq!(Browser::location(&ada.log_in(ADA, GOOD).await), "/account");
        return;
    }
    assert_eq!((log_in(&after, WRONG).await.status, log_in(&after, GOOD).await.status), (401, 429));
    assert_eq!(ada.log_in(ADA, GOOD).await.status, 429, "an unknown browser");
}

/// Form timestamps are valid with the key that made them; they are checked under load.
#[rstest]
#[tokio::test]
async fn form_timestamps_after_a_key_change(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let clock = FakeClock::new();
    let settings = clock.with(&[("RATE_LIMITS", "on"), ("BOT_CHECK_NETWORK", "4/10minutes")]);
    let installation = Installation::new(backend, &settings);
    let server = installation.start(FIRST);
    let page = server.get("/register").await.page(200);
    let timestamp = page.attribute("input[name=stamp]", "value").expect("a timestamp");
    clock.set(5);
    let after = installation.start(restart.key());
    drop(server);
    // As many as are accepted without a timestamp.
    for number in 0..2 {
        let email = format!("crowd{number}@example.com");
        assert_eq!(after.post_form(&[("email", email.as_str()), ("password", GOOD)]).await.status, 303);
    }
    assert_eq!(after.post_form(&[("email", ADA), ("password", GOOD)]).await.status, 429);
    let expected = if restart == Restart::SameKey { 303 } else { 429 };
    let fields = [("email", ADA), ("password", GOOD), ("stamp", timestamp.as_str())];
    assert_eq!(after.post_form(&fields).await.status, expected);
}

/// A wrong solution and an invalid challenge have different messages.
#[rstest]
#[tokio::test]
async fn proof_of_work_challenges_after_a_key_change(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let installation = Installation::new(backend, &[("RATE_LIMITS", "on"), ("BOT_CHECK_WORK", "2000")]);
    let server = installation.start(FIRST);
    let honeypot = [("email", ADA), ("password", GOOD), ("topic", "what only a program fills in")];
    let page = server.post_form(&honeypot).await.page(403);
    let challenge = page.attribute("input[name=proof]", "value").expect("a challenge");
    let after = installation.start(restart.key());
    drop(server);
    let answered = [&honeypot[..], &[("proof", challenge.as_str()), ("proof_answer", "x")]].concat();
    let page = after.post_form(&answered).await.page(403);
    let message = page.text(".summary li");
    let expected = match restart {
        Restart::SameKey => "The check did not come out right",
        Restart::OtherKey => "The check was too old",
    };
    assert!(message.starts_with(expected), "{message}");
}

/// These are stored in the database.
#[rstest]
#[tokio::test]
async fn sessions_tokens_and_links_stay_valid_after_a_key_change(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str())];
    let installation = Installation::new(backend, &settings);
    let server = installation.start(FIRST);
    let before = Browser::new(&server);
    before.sign_up(ADA, GOOD).await;
    let bearer = server.token(ADA, GOOD).await;
    let verification = mailbox.newest(ADA, 1).await.token();
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let reset = mailbox.newest(ADA, 2).await.token();
    let after = installation.start(SECOND);
    let ada = before.at(&after);
    drop(server);
    assert!(ada.is_signed_in().await);
    assert_eq!(after.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.json()["email"], ADA);
    assert_eq!(after.post_json("/reset-password", &json!({"token": reset, "password": "short"})).await.status, 400);
    let body = json!({"token": verification, "password": GOOD});
    assert_eq!(after.post_json("/verify-email", &body).await.status, 204);
    // The verification invalidated the reset link, as with the same key.
    let body = json!({"token": reset, "password": "four crabs on a warm beach"});
    assert_eq!(after.post_json("/reset-password", &body).await.json()["errors"][0]["code"], "token_replaced");
    assert_eq!(log_in(&after, GOOD).await.status, 200);
}

const KEY_CHANGED: &str = "SECRET_KEY has changed";

/// The log warns once and names the consequences.
#[rstest]
#[tokio::test]
async fn a_changed_key_is_logged_at_startup(#[values(Sqlite, Postgres)] backend: Backend) {
    let installation = Installation::new(backend, &[]);
    for (key, is_logged) in [(FIRST, false), (FIRST, false), (SECOND, true), (SECOND, false), ("", true), ("", false)] {
        let server = installation.start(key);
        assert!(server.get("/healthz").await.status == 200, "the service starts nevertheless");
        let log = server.log();
        assert_eq!(log.contains(KEY_CHANGED), is_logged, "{key:?}: {log}");
        assert!(key.is_empty() || !log.contains(key), "{log}");
        if is_logged {
            let line = log.lines().find(|line| line.contains(KEY_CHANGED)).expect("a line");
            for words in [" WARN ", "sessions, access tokens and links in mails remain valid", "last_seen="] {
                assert!(line.contains(words), "{line}");
            }
        }
    }
}

/// An instance that starts with another key beside a running one.
#[rstest]
#[tokio::test]
async fn a_second_instance_with_another_key_logs_a_warning(#[values(Sqlite, Postgres)] backend: Backend) {
    let installation = Installation::new(backend, &[]);
    let (first, second) = (installation.start(FIRST), installation.start(SECOND));
    assert!(second.log_with(KEY_CHANGED).await.contains("give this instance the key of the others"));
    assert!(!first.log().contains(KEY_CHANGED));
    // Both fingerprints are stored once an instance with the first key has started again; no key is stored.
    first.kill();
    let third = installation.start(FIRST);
    third.log_with(KEY_CHANGED).await;
    assert_eq!(third.database.count("SELECT count(*) FROM key_fingerprints WHERE last_seen_at IS NOT NULL"), 1);
}
