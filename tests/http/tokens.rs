//! Mailed tokens: valid once, for one purpose, for one address, for a limited time.

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, BETTER, Backend, Browser, FakeClock, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

async fn forgot(server: &Server) {
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
}

async fn reset(server: &Server, token: &str, password: &str) -> Answer {
    server.post_json("/reset-password", &json!({"token": token, "password": password})).await
}

async fn verify(server: &Server, token: &str) -> Answer {
    server.post_json("/verify-email", &json!({"token": token, "password": GOOD})).await
}

#[track_caller]
pub fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.json()["errors"][0]["code"].as_str().expect("a code").to_owned()
}

/// 5 rounds by default, 20 with `VESTIBULE_TEST_FULL=1`.
pub fn rounds() -> usize {
    if crate::support::is_full() { 20 } else { 5 }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_uses_of_one_token_succeed_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let servers = Server::two_mailing(backend, &mailbox);
    let (mut resets, mut verifications) = (0, 0);
    for round in 0..rounds() {
        let address = format!("round{round}@example.com");
        servers[0].sign_up(&address).await;
        let token = mailbox.newest(&address, 1).await.token();
        let answers = join_all((0..50).map(|racer| {
            let (server, token) = (&servers[racer % 2], &token);
            async move { verify(server, token).await.status }
        }));
        let answers = answers.await;
        assert!(answers.iter().all(|status| matches!(status, 204 | 400)), "{answers:?}");
        verifications += answers.iter().filter(|status| **status == 204).count();

        assert_eq!(servers[1].post_json("/forgot-password", &json!({"email": address})).await.status, 202);
        let token = mailbox.newest(&address, 2).await.token();
        let answers = join_all((0..50).map(|racer| {
            let (server, token) = (&servers[racer % 2], &token);
            async move { reset(server, token, &format!("{BETTER} {racer}")).await.status }
        }));
        let answers = answers.await;
        assert!(answers.iter().all(|status| matches!(status, 204 | 400)), "{answers:?}");
        resets += answers.iter().filter(|status| **status == 204).count();
        // One password is set and one notice is sent.
        mailbox.wait_for(&address, 3).await;
    }
    assert_eq!((verifications, resets), (rounds(), rounds()));
}

#[rstest]
#[tokio::test]
async fn opening_a_link_does_not_consume_the_token(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    server.sign_up(ADA).await;
    let link = mailbox.newest(ADA, 1).await.link().replace(&server.url(""), "");
    for agent in ["SafeLinks", "Mozilla/5.0 (compatible; bingpreview)", "Slackbot-LinkExpanding 1.0"] {
        for method in ["GET", "HEAD", "GET"] {
            let answer = server.send(method, &link, &[("user-agent", agent), ("accept", "*/*")], "").await;
            assert_eq!(answer.status, 200);
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    let (_, token) = link.split_once("?token=").expect("a token");
    assert_eq!(verify(&server, token).await.status, 204);
    forgot(&server).await;
    let link = mailbox.newest(ADA, 2).await.link().replace(&server.url(""), "");
    for method in ["HEAD", "GET", "HEAD"] {
        let answer = server.send(method, &link, &[], "").await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.headers.get("set-cookie").is_some(), method == "GET", "HEAD changes nothing");
    }
    let (_, token) = link.split_once("?token=").expect("a token");
    assert_eq!(reset(&server, token, BETTER).await.status, 204);
}

#[rstest]
#[tokio::test]
async fn only_the_newest_link_is_valid(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let first = mailbox.newest(ADA, 1).await;
    let page = ada.post("/verify-email/resend", &[]).await.page(200);
    assert!(page.text(".notice").contains("We sent a new email."));
    let second = mailbox.newest(ADA, 2).await;
    assert_eq!(code(&verify(&server, &first.token()).await), "token_replaced");
    if first.code() != second.code() {
        assert_eq!(ada.post("/verify-email", &[("code", &first.code())]).await.status, 400);
    }
    let invalid = ada.get(&first.link().replace(&server.url(""), "")).await.page(400);
    assert_eq!(invalid.text("h1"), "This link no longer works");
    assert!(invalid.text("main").contains("A newer email was sent since. Open the link in that one."));
    assert_eq!(verify(&server, &second.token()).await.status, 204);
    let invalid = ada.get(&second.link().replace(&server.url(""), "")).await.page(400);
    assert!(invalid.text("main").contains("It was used before. If that was you, your address is confirmed."));

    forgot(&server).await;
    let first = mailbox.newest(ADA, 3).await.token();
    forgot(&server).await;
    let second = mailbox.newest(ADA, 4).await.token();
    assert_eq!(code(&reset(&server, &first, BETTER).await), "token_replaced");

    // A change of password or of address invalidates earlier links.
    let fields = [("current_password", GOOD), ("password", BETTER)];
    assert_eq!(Browser::location(&ada.post("/account/password", &fields).await), "/account");
    assert_eq!(code(&reset(&server, &second, GOOD).await), "token_replaced");
    mailbox.wait_for(ADA, 5).await;
    forgot(&server).await;
    let third = mailbox.newest(ADA, 6).await.token();
    let fields = [("current_password", BETTER), ("email", "king@example.com")];
    assert_eq!(Browser::location(&ada.post("/account/email", &fields).await), "/account");
    let change = mailbox.newest("king@example.com", 1).await.token();
    assert_eq!(ada.post("/verify-email", &[("token", &change)]).await.status, 200);
    assert_eq!(code(&reset(&server, &third, GOOD).await), "token_replaced");
}

#[rstest]
#[tokio::test]
async fn a_token_is_for_one_purpose(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let verification = mailbox.newest(ADA, 1).await.token();
    forgot(&server).await;
    let reset_token = mailbox.newest(ADA, 2).await.token();
    let session = ada.cookie("vestibule_session").expect("a session");
    assert_eq!(code(&reset(&server, &verification, BETTER).await), "token_expired");
    assert_eq!(code(&reset(&server, &session, BETTER).await), "token_expired");
    assert_eq!(code(&verify(&server, &reset_token).await), "token_expired");
    assert_eq!(code(&verify(&server, &session).await), "token_expired");
    for token in [&verification, &reset_token] {
        assert_eq!(server.as_program(token, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    }
    // Stored hashes are not valid as tokens.
    let hex = match backend {
        Sqlite => "hex(token_hash)",
        Postgres => "encode(token_hash, 'hex')",
    };
    for table in ["mail_tokens", "sessions"] {
        for stored in server.database.texts(&format!("SELECT {hex} AS t FROM {table}")) {
            for text in [stored.clone(), stored.to_lowercase()] {
                assert_eq!(reset(&server, &text, BETTER).await.status, 400);
                assert_eq!(server.as_program(&text, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
            }
        }
    }
    assert!(ada.is_signed_in().await);
}

#[rstest]
#[tokio::test]
async fn invalid_tokens_are_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    server.sign_up(ADA).await;
    mailbox.wait_for(ADA, 1).await;
    forgot(&server).await;
    mailbox.wait_for(ADA, 2).await;
    let unknown = "A".repeat(43);
    for token in ["", " ", "\0", "%00", "null", "NULL", "0", unknown.as_str(), "../../etc/passwd", "' OR 1=1--"] {
        for path in ["/reset-password", "/verify-email"] {
            let answer = server.post_json(path, &json!({"token": token, "password": BETTER})).await;
            let expected = if token.trim().is_empty() { "token_missing" } else { "token_expired" };
            assert_eq!(code(&answer), expected, "{path} {token:?}");
        }
    }
    for token in [json!(null), json!([]), json!(["a"]), json!({"a": 1}), json!(1), json!(true)] {
        for path in ["/reset-password", "/verify-email"] {
            let answer = server.post_json(path, &json!({"token": token, "password": BETTER})).await;
            assert_eq!(answer.status, 400, "{path} {token}");
        }
    }
    for (path, status) in [
        ("/reset-password?token=", 400),
        ("/verify-email?token=%00", 400),
        ("/verify-email?token[]=a", 200),
        ("/reset-password", 400),
    ] {
        assert_eq!(server.get(path).await.status, status, "{path}");
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    assert_eq!(server.database.count("SELECT count(*) FROM mail_tokens WHERE state = 'live'"), 2);
    assert_eq!(server.post_json("/login", &json!({"identifier": ADA, "password": GOOD})).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn links_and_codes_expire(#[values(Sqlite, Postgres)] backend: Backend) {
    const HOUR: i64 = 3600;
    // Seconds that the test itself may take.
    const SLACK: i64 = 120;
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let all = clock.with(&[("SMTP_URL", &url)]);
    let server = Server::start_with(backend, &all);

    let early = Browser::new(&server);
    early.sign_up("early@example.com", GOOD).await;
    let link = mailbox.newest("early@example.com", 1).await;
    let late = Browser::new(&server);
    late.sign_up("late@example.com", GOOD).await;
    let late_link = mailbox.newest("late@example.com", 1).await;
    clock.set(600 + 1);
    assert_eq!(
        late.post("/verify-email", &[("code", &late_link.code())]).await.status,
        400,
        "a code is valid for ten minutes"
    );
    clock.set(600 - SLACK);
    assert_eq!(late.post("/verify-email", &[("code", &late_link.code())]).await.status, 200);

    clock.set(24 * HOUR + 1);
    assert_eq!(code(&verify(&server, &link.token()).await), "token_expired");
    let page = early.get(&link.link().replace(&server.url(""), "")).await.page(400);
    assert!(page.text("main").contains("Links work for 24 hours. Have a new one sent."));
    clock.set(24 * HOUR - SLACK);
    assert_eq!(verify(&server, &link.token()).await.status, 204);

    clock.set(0);
    let body = json!({"email": "early@example.com"});
    assert_eq!(server.post_json("/forgot-password", &body).await.status, 202);
    let token = mailbox.newest("early@example.com", 2).await.token();
    clock.set(1800 + 1);
    assert_eq!(code(&reset(&server, &token, BETTER).await), "token_expired");
    clock.set(1800 - SLACK);
    assert_eq!(reset(&server, &token, BETTER).await.status, 204);
    // Setting the clock back does not make a used token valid again.
    clock.set(-400 * 24 * HOUR);
    assert_eq!(code(&reset(&server, &token, BETTER).await), "token_used");
}
