//! Another `SECRET_KEY`: what was signed or encrypted with the one before counts for nothing, and what stands in the database
//! goes on (docs/security.md, "Keys and algorithms"). With the same key everything goes on.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Browser, FakeClock, GOOD, Mailbox, Server, Settings, TestDatabase};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const WRONG: &str = "wrong-horse-battery";
const FIRST: &str = "the first key of this installation, long enough";
const SECOND: &str = "the second key of this installation, as long";

/// An installation that is started again and again.
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

/// Whose cookies a browser brings: of the same key, or of another one.
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
async fn what_a_page_is_to_say_once(
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
async fn a_sign_up_that_waits_for_its_proof(
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
    // Who signed up is asked for the code; anybody for an address.
    let page = ada.get("/verify-email").await.page(200);
    assert_eq!((page.has("input[name=code]"), page.has("input[name=email]")), (is_same, !is_same));
    let page = ada.get(&path(&mail.link())).await.page(200);
    assert_eq!(page.has("input[name=password]"), !is_same, "the link asks strangers for the password");
    let by_code = ada.post("/verify-email", &[("code", &mail.code())]).await;
    if is_same {
        assert_eq!(by_code.status, 200);
        return;
    }
    assert_eq!(Browser::location(&by_code), "/verify-email");
    assert_eq!(after.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    // The link stands in the database, and is good with the password.
    assert_eq!(ada.post("/verify-email", &[("token", &mail.token())]).await.status, 400);
    assert_eq!(ada.post("/verify-email", &[("token", &mail.token()), ("password", GOOD)]).await.status, 200);
}

/// Of a link, without the server that it was made by.
fn path(link: &str) -> String {
    link[link.find("/verify-email").expect("a path")..].to_owned()
}

#[rstest]
#[tokio::test]
async fn the_code_of_a_mail(
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
    // By the session, which goes on.
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
async fn the_link_for_a_new_password_that_a_browser_keeps(
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
            // The link itself stands in the database.
            assert_eq!(Browser::location(&ada.get(&path).await), "/reset-password");
            assert!(ada.get("/reset-password").await.page(200).has("input[name=token]"));
        }
    }
}

async fn log_in(server: &Server, password: &str) -> Answer {
    server.post_json("/login", &json!({"identifier": ADA, "password": password})).await
}

/// Counters are found by a key too, so they begin anew.
#[rstest]
#[tokio::test]
async fn known_browsers_and_counters(
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
    assert_eq!(ada.log_in(ADA, GOOD).await.status, 429, "a stranger");
}

/// Whether a form was made a while ago is known of those that this key made; it counts where there are many.
#[rstest]
#[tokio::test]
async fn the_timestamp_of_a_form(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let clock = FakeClock::new();
    let settings = clock.with(&[("RATE_LIMITS", "on"), ("BOT_CHECK_NETWORK", "4/10minutes")]);
    let installation = Installation::new(backend, &settings);
    let server = installation.start(FIRST);
    let page = server.get("/register").await.page(200);
    let stamp = page.attribute("input[name=stamp]", "value").expect("a timestamp");
    clock.set(5);
    let after = installation.start(restart.key());
    drop(server);
    // As many as are let pass without one.
    for number in 0..2 {
        let email = format!("crowd{number}@example.com");
        assert_eq!(after.post_form(&[("email", email.as_str()), ("password", GOOD)]).await.status, 303);
    }
    assert_eq!(after.post_form(&[("email", ADA), ("password", GOOD)]).await.status, 429);
    let expected = if restart == Restart::SameKey { 303 } else { 429 };
    let fields = [("email", ADA), ("password", GOOD), ("stamp", stamp.as_str())];
    assert_eq!(after.post_form(&fields).await.status, expected);
}

/// A wrong answer to a challenge is told from a challenge that is none.
#[rstest]
#[tokio::test]
async fn the_challenge_of_a_sign_up(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Restart::SameKey, Restart::OtherKey)] restart: Restart,
) {
    let installation = Installation::new(backend, &[("RATE_LIMITS", "on"), ("BOT_CHECK_WORK", "2000")]);
    let server = installation.start(FIRST);
    let trapped = [("email", ADA), ("password", GOOD), ("topic", "what only a program fills in")];
    let page = server.post_form(&trapped).await.page(403);
    let challenge = page.attribute("input[name=proof]", "value").expect("a challenge");
    let after = installation.start(restart.key());
    drop(server);
    let answered = [&trapped[..], &[("proof", challenge.as_str()), ("proof_answer", "x")]].concat();
    let page = after.post_form(&answered).await.page(403);
    let said = page.text(".summary li");
    let expected = match restart {
        Restart::SameKey => "The check did not come out right",
        Restart::OtherKey => "The check was too old",
    };
    assert!(said.starts_with(expected), "{said}");
}

/// They stand in the database.
#[rstest]
#[tokio::test]
async fn sessions_tokens_and_links_go_on_with_another_key(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str())];
    let installation = Installation::new(backend, &settings);
    let server = installation.start(FIRST);
    let before = Browser::new(&server);
    before.sign_up(ADA, GOOD).await;
    let bearer = server.token(ADA, GOOD).await;
    let proof = mailbox.newest(ADA, 1).await.token();
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let reset = mailbox.newest(ADA, 2).await.token();
    let after = installation.start(SECOND);
    let ada = before.at(&after);
    drop(server);
    assert!(ada.is_signed_in().await);
    assert_eq!(after.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.json()["email"], ADA);
    assert_eq!(after.post_json("/reset-password", &json!({"token": reset, "password": "short"})).await.status, 400);
    let body = json!({"token": proof, "password": GOOD});
    assert_eq!(after.post_json("/verify-email", &body).await.status, 204);
    // Of what that made dead nothing is left, as ever.
    let body = json!({"token": reset, "password": "four crabs on a warm beach"});
    assert_eq!(after.post_json("/reset-password", &body).await.json()["errors"][0]["code"], "token_replaced");
    assert_eq!(log_in(&after, GOOD).await.status, 200);
}

const ANOTHER: &str = "SECRET_KEY has changed";

/// Whoever replaced it reads what that means, once; whoever did not reads that something is wrong.
#[rstest]
#[tokio::test]
async fn another_key_is_told_at_the_start(#[values(Sqlite, Postgres)] backend: Backend) {
    let installation = Installation::new(backend, &[]);
    for (key, is_told) in [(FIRST, false), (FIRST, false), (SECOND, true), (SECOND, false), ("", true), ("", false)] {
        let server = installation.start(key);
        assert!(server.get("/healthz").await.status == 200, "it starts all the same");
        let log = server.log();
        assert_eq!(log.contains(ANOTHER), is_told, "{key:?}: {log}");
        assert!(key.is_empty() || !log.contains(key), "{log}");
        if is_told {
            let line = log.lines().find(|line| line.contains(ANOTHER)).expect("a line");
            for words in [" WARN ", "sessions, access tokens and links in mails remain valid", "last_seen="] {
                assert!(line.contains(words), "{line}");
            }
        }
    }
}

/// One that was given another key by mistake, beside one that runs.
#[rstest]
#[tokio::test]
async fn a_second_instance_with_another_key_is_told(#[values(Sqlite, Postgres)] backend: Backend) {
    let installation = Installation::new(backend, &[]);
    let (first, second) = (installation.start(FIRST), installation.start(SECOND));
    assert!(second.log_with(ANOTHER).await.contains("give this instance the key of the others"));
    assert!(!first.log().contains(ANOTHER));
    // Both fingerprints stand there once the first has said again which key it has; no key does.
    first.kill();
    let third = installation.start(FIRST);
    third.log_with(ANOTHER).await;
    assert_eq!(third.database.count("SELECT count(*) FROM key_fingerprints WHERE last_seen_at IS NOT NULL"), 1);
}
