//! Login: one response for every reason of refusal, and no open redirect.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, Backend, Browser, GOOD, Mailbox, Server, TestDatabase, eventually, verifies};
use Backend::{Postgres, Sqlite};

async fn log_in(server: &Server, identifier: &str, password: &str) -> Answer {
    server.post_json("/login", &json!({"identifier": identifier, "password": password})).await
}

/// The parts of a response that an attacker could compare.
fn comparable(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned())).collect();
    (answer.status, headers, answer.text().to_owned())
}

#[rstest]
#[tokio::test]
async fn every_refused_login_gets_the_same_response(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    for email in [ADA, "unproven@example.com", "closed@example.com", "broken@example.com"] {
        server.sign_up(email).await;
    }
    server.database.execute("UPDATE users SET is_verified = TRUE WHERE email <> 'unproven@example.com'");
    server.database.execute("UPDATE users SET is_active = FALSE WHERE email = 'closed@example.com'");
    server.database.execute("UPDATE users SET password_hash = '!' WHERE email = 'broken@example.com'");
    let long = "x".repeat(5000);
    let attempts = [
        ("nobody@example.com", GOOD),
        ("nobody", GOOD),
        ("not an address@", GOOD),
        ("a\0b", GOOD),
        ("\u{130}@example.com", GOOD),
        (ADA, "wrong"),
        (ADA, "correct-horse-battery "),
        (ADA, " correct-horse-battery"),
        (ADA, "Correct-Horse-Battery"),
        (ADA, "correct-horse-battery\0"),
        (ADA, &long),
        ("nobody@example.com", &long),
        ("nobody@example.com", "a\0b"),
        ("unproven@example.com", GOOD),
        ("unproven@example.com", "wrong"),
        ("closed@example.com", GOOD),
        ("broken@example.com", GOOD),
    ];
    let first = comparable(&log_in(&server, "nobody@example.com", "anything").await);
    assert_eq!((first.0, first.2.as_str()), (401, r#"{"detail":"Incorrect email or password"}"#));
    for (identifier, password) in attempts {
        let answer = comparable(&log_in(&server, identifier, password).await);
        assert_eq!(answer, first, "{identifier:?} {:?}", &password[..password.len().min(30)]);
    }
    // Pages differ only in the submitted identifier.
    let browser = Browser::new(&server);
    let page = |answer: Answer, typed: &str| {
        assert_eq!(answer.status, 403);
        answer.text().replace(typed, "TYPED")
    };
    let known = page(browser.log_in(ADA, "wrong").await, ADA);
    let unknown = page(browser.log_in("bob@example.com", "wrong").await, "bob@example.com");
    assert_eq!(known, unknown);
    assert!(server.log_with("stored password hash unreadable").await.contains("user_id=4"));
    assert_eq!(log_in(&server, " ADA@Example.COM ", GOOD).await.status, 200);
    assert!(!server.log().contains("example.com"));
    assert!(!server.log().contains("horse"));
}

#[rstest]
#[tokio::test]
async fn missing_credentials_are_reported(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let error = |field: &str, code: &str, message: &str| json!({"field": field, "code": code, "message": message});
    server.post_json("/login", &json!({})).await.assert_json(
        400,
        &json!({"detail": "Enter your email address or username. Enter a password.", "errors": [
            error("identifier", "identifier_missing", "Enter your email address or username."),
            error("password", "password_missing", "Enter a password."),
        ]}),
    );
    let page = Browser::new(&server).log_in("", "").await.page(400);
    assert_eq!(page.texts(".summary li").len(), 2);
    for value in [json!(["a"]), json!({}), json!(1), json!(true)] {
        let answer = server.post_json("/login", &json!({"identifier": value, "password": GOOD})).await;
        assert_eq!(answer.status, 400);
    }
    // Credentials in the query are ignored; GET starts no session.
    server.sign_up(ADA).await;
    let answer = server.get(&format!("/login?identifier={ADA}&password={GOOD}")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers.get("set-cookie").is_none());
    assert_eq!(server.database.count("SELECT count(*) FROM sessions"), 0);
}

#[rstest]
#[tokio::test]
async fn next_is_never_an_open_redirect(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    server.sign_up(ADA).await;
    let browser = Browser::new(&server);
    let log_in = async |next: &str| {
        let fields = [("identifier", ADA), ("password", GOOD), ("next", next)];
        Browser::location(&browser.post("/login", &fields).await)
    };
    for next in ["/account#sessions", "/app/page?a=b&c=%2F%2F", "/a//b"] {
        assert_eq!(log_in(next).await, next);
    }
    for next in [
        "//evil.example",
        "/\\evil.example",
        "https:evil",
        "https://evil.example/",
        "\t//evil",
        "/%0d%0aSet-Cookie:a=b\r\n",
        "javascript:alert(1)",
    ] {
        assert_eq!(log_in(next).await, "/account", "{next:?}");
        let page = server.get(&format!("/login?{}", crate::support::server::form(&[("next", next)]))).await.page(200);
        assert!(!page.has("input[name=next]"), "{next:?}");
    }
    let page = server.get("/login?next=%2Fapp%3Fa%3Db%26c").await.page(200);
    assert_eq!(page.attribute("input[name=next]", "value").as_deref(), Some("/app?a=b&c"));
}

/// Cross-site forms neither start nor end sessions (login CSRF).
#[rstest]
#[tokio::test]
async fn cross_site_forms_are_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let cookies = ada.cookie_header();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let evil = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for header in evil {
        for (path, body) in [
            ("/login", format!("identifier={ADA}&password={GOOD}")),
            ("/logout", String::new()),
            ("/account/profile", "full_name=Evil".to_owned()),
            ("/account/email", format!("email=evil%40example.com&current_password={GOOD}")),
            ("/account/password", format!("password=evil-evil-evil-evil&current_password={GOOD}")),
            ("/account/sessions/revoke", "id=others".to_owned()),
            ("/account/delete", format!("current_password={GOOD}&confirm=on")),
            ("/verify-email", "code=123456".to_owned()),
            ("/verify-email/resend", String::new()),
            ("/forgot-password", "email=ada%40example.com".to_owned()),
            ("/reset-password", "token=x&password=y".to_owned()),
            ("/api/v1/login/access-token", format!("username={ADA}&password={GOOD}")),
        ] {
            let answer = server.send("POST", path, &[form, header, ("cookie", &cookies)], body).await;
            assert_eq!(answer.status, 403, "{path} {header:?}");
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
    assert!(ada.is_signed_in().await);
    assert_eq!(server.database.texts("SELECT full_name AS t FROM users"), ["NULL"]);
    // Other content types are refused.
    for kind in ["text/plain", "multipart/form-data; boundary=x"] {
        let body = json!({"identifier": ADA, "password": GOOD}).to_string();
        assert_eq!(server.send("POST", "/login", &[("content-type", kind)], body).await.status, 415);
    }
}

/// Imported password hashes are accepted and replaced at the first login.
#[rstest]
#[tokio::test]
async fn old_hashes_are_rehashed_at_login(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let server = Server::start_on(Arc::clone(&database), &[("BCRYPT_COST", "5"), ("LOG_LEVEL", "debug")]);
    let low_cost = bcrypt::non_truncating_hash_with_result(GOOD, 4).expect("a hash").to_string();
    let as_2y = low_cost.replacen("$2b$", "$2y$", 1);
    let mut digest = [0; 32];
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(GOOD.as_bytes(), b"salt", 1000, &mut digest);
    let django = format!(
        "pbkdf2_sha256$1000$salt${}",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest)
    );
    for (name, hash) in [("cheap", low_cost.as_str()), ("php", &as_2y), ("admin", &as_2y), ("django", &django)] {
        database.execute(&format!(
            "INSERT INTO users (username, username_key, password_hash, created_at, updated_at) \
             VALUES ('{name}', '{name}', '{hash}', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
    }
    let stored = |name: &str| {
        database.texts(&format!("SELECT password_hash AS t FROM users WHERE username = '{name}'")).remove(0)
    };
    for name in ["cheap", "php", "admin", "django"] {
        let before = stored(name);
        assert_eq!(log_in(&server, name, "wrong").await.status, 401);
        assert_eq!(stored(name), before);
        assert_eq!(log_in(&server, name, GOOD).await.status, 200, "{name}");
        let after = stored(name);
        assert!(after.starts_with("$2b$05$"), "{name}: {after}");
        assert!(verifies(GOOD, &after).await, "{name}: {after}");
        assert_eq!(log_in(&server, name, GOOD).await.status, 200);
        assert_eq!(stored(name), after, "no second rehash");
    }
    // One per comparison, and one for the new hash.
    server.get("/healthz").await;
    let log = server.log_with("route=\"/healthz\"").await;
    assert_eq!(log.matches("password hashed").count(), 4 * (1 + 2 + 1));
    // Concurrent logins, of which one rehashes.
    database.execute(&format!("UPDATE users SET password_hash = '{as_2y}' WHERE username = 'php'"));
    let logins = futures_util::future::join_all((0..20).map(|_| log_in(&server, "php", GOOD)));
    assert!(logins.await.iter().all(|answer| answer.status == 200));
}

#[rstest]
#[tokio::test]
async fn every_event_has_an_audit_row_and_rows_are_append_only(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    ada.post("/logout", &[]).await;
    ada.log_in(ADA, "a canary that is a wrong password").await;
    ada.log_in("canary@example.com", GOOD).await;
    ada.log_in(ADA, GOOD).await;
    let lines = server.database.texts(
        "SELECT event || ' ' || CAST(CASE WHEN succeeded THEN 1 ELSE 0 END AS TEXT) || ' ' || coalesce(CAST(user_id AS TEXT), '-') || ' ' || peer || ' ' || user_agent AS t \
         FROM audit_log ORDER BY id",
    );
    let agent = "127.0.0.1 Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0";
    let expected = ["account_registered 1 1", "logout 1 1", "login 0 1", "login 0 -", "login 1 1"];
    assert_eq!(lines, expected.map(|line| format!("{line} {agent}")));
    let page = ada.get("/account").await.page(200);
    assert_eq!(page.texts("#activity li").len(), 4, "the login with an unknown address is of no account");
    assert!(page.texts("#activity li")[1].starts_with("Somebody tried to sign in Not successful"));

    // Rows are inserted and deleted, never updated.
    let sql = "UPDATE audit_log SET succeeded = TRUE";
    let refused = diesel::connection::SimpleConnection::batch_execute(&mut server.database.connect(), sql);
    assert!(refused.expect_err("it is append-only").to_string().contains("append-only"));
    assert!(
        !server
            .database
            .texts("SELECT coalesce(user_agent, '') || coalesce(peer, '') || event AS t FROM audit_log")
            .concat()
            .contains("canary")
    );
    // Retention.
    server
        .database
        .execute("INSERT INTO audit_log (event, succeeded, at) VALUES ('login', TRUE, '2020-01-01 00:00:00')");
    let database = Arc::clone(&server.database);
    server.kill();
    let _server = Server::start_on(Arc::clone(&database), &[]);
    eventually("the expired row is deleted", async || {
        (database.count("SELECT count(*) FROM audit_log WHERE at < '2021-01-01 00:00:00'") == 0).then_some(())
    })
    .await;
    assert_eq!(database.count("SELECT count(*) FROM audit_log"), 5, "newer rows stay");
}

/// Passwords are not normalised: composed and decomposed characters differ (docs/hashing.md).
#[rstest]
#[tokio::test]
async fn passwords_are_compared_without_normalisation(#[values(Sqlite, Postgres)] backend: Backend) {
    const LONG: &str = "seven owls in the old barn, four crabs on a warm beach, and a battery of correct horses beside the stable door";
    let server = Server::start(backend);
    for (number, password) in ["  leading and trailing  ", "\u{e9}toile du matin bleu", LONG].into_iter().enumerate() {
        let email = format!("p{number}@example.com");
        let body = json!({"email": email, "password": password});
        assert_eq!(server.post_json("/register", &body).await.status, 201);
        assert_eq!(log_in(&server, &email, password).await.status, 200);
        for other in [
            password.trim().to_owned() + "x",
            password.replacen('\u{e9}', "e\u{301}", 1) + "\u{0}",
            password.to_uppercase(),
        ] {
            assert_eq!(log_in(&server, &email, &other).await.status, 401, "{other:?}");
        }
    }
    // Passwords over 72 bytes are compared in full.
    let cut: String = LONG.chars().take(LONG.len() - 1).collect();
    assert_eq!(log_in(&server, "p2@example.com", &cut).await.status, 401);
    assert_eq!(log_in(&server, "p1@example.com", "e\u{301}toile du matin bleu").await.status, 401);
}

/// Responses, logs, mails and database files do not contain the canaries.
#[tokio::test]
async fn passwords_and_tokens_are_in_no_output_or_file() {
    let mailbox = Mailbox::open();
    let server = Server::mailing(Sqlite, &mailbox, &[("LOG_LEVEL", "trace"), ("LOG_FORMAT", "json")]);
    let canaries = ["Zx9-canary-one-battery", "Zx9-canary-two-battery", "Zx9-canary-three-bat"];
    let ada = Browser::new(&server);
    ada.sign_up(ADA, canaries[0]).await;
    let verification = mailbox.newest(ADA, 1).await.token();
    ada.log_in(ADA, "Zx9-canary-wrong").await;
    ada.log_in(ADA, canaries[0]).await;
    let session = ada.cookie("vestibule_session").expect("a session");
    ada.post("/account/password", &[("current_password", canaries[0]), ("password", canaries[1])]).await;
    mailbox.wait_for(ADA, 2).await;
    server.post_json("/forgot-password", &json!({"email": ADA})).await;
    let reset = mailbox.newest(ADA, 3).await.token();
    ada.get(&format!("/reset-password?token={reset}")).await;
    ada.get(&format!("/verify-email?token={verification}")).await;
    ada.post("/reset-password", &[("token", &reset), ("password", canaries[2])]).await;
    mailbox.wait_for(ADA, 4).await;
    let bearer = server.token(ADA, canaries[2]).await;
    let export = server.as_program(&bearer, "GET", "/account/export", &Value::Null).await;
    let me = server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await;
    let mails: String = mailbox.all().iter().map(|mail| mail.raw.clone()).collect();
    let files: Vec<String> = server
        .database
        .files()
        .iter()
        .map(|file| String::from_utf8_lossy(&std::fs::read(file).expect("a file")).into_owned())
        .collect();
    for canary in canaries.iter().copied().chain(["Zx9-canary-wrong"]) {
        for text in
            [export.text(), me.text(), &server.log(), &mails].into_iter().chain(files.iter().map(String::as_str))
        {
            assert!(!text.contains(canary));
        }
    }
    for token in [&verification, &reset, &bearer, &session] {
        for text in [export.text(), me.text(), &server.log()].into_iter().chain(files.iter().map(String::as_str)) {
            assert!(!text.contains(token.as_str()));
        }
    }
    assert!(!export.text().contains("$2b$"));
    assert!(!me.text().contains("hash"));
    assert!(!server.log().contains("$2b$"));
}
