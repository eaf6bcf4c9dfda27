//! Passwords that are submitted with a mailed code or link instead of at a login.

use crate::support::{ADA, Answer, BETTER, Backend, Browser, GOOD, Mailbox, Server, Settings};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::{Value, json};

use super::{address, behind, limited, log_in, log_in_from, retry_after, stopped_clock};

const WRONG: &str = "wrong-horse-battery";
const UNKNOWN: &str = "nobody@example.com";
const HERE: &str = "198.51.100.1";
const THERE: &str = "198.51.100.2";

async fn post_from(server: &Server, network: &str, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
    server.send("POST", path, &headers, body.to_string()).await
}

fn by_code(email: &str, password: &str, code: &str) -> Value {
    json!({"email": email, "password": password, "code": code})
}

async fn verify(server: &Server, email: &str, password: &str, code: &str) -> Answer {
    server.post_json("/verify-email", &by_code(email, password, code)).await
}

/// Another code than this one.
fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("a number") + 1) % 1_000_000)
}

/// A response without request id and date.
fn comparable(answer: &Answer) -> (u16, Vec<String>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
    let headers = headers.map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
    (answer.status, headers, answer.text().to_owned())
}

/// Where the wrong password is submitted: at a login, or with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Login,
    Code,
}

#[rstest]
#[tokio::test]
async fn a_wrong_password_with_a_code_is_a_failed_login(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("RATE_LIMIT_LOGIN", "RATE_LIMIT_LOGIN_PAIR", "RATE_LIMIT_LOGIN_ACCOUNT", "RATE_LIMIT_LOGIN_TOTAL")]
    rule: &str,
    #[values(ADA, UNKNOWN)] email: &str,
) {
    let mailbox = Mailbox::open();
    let (clock, url) = (stopped_clock(), mailbox.url());
    let settings = clock.with(&[("SMTP_URL", url.as_str()), (rule, "3/hour")]);
    let server = limited(backend, &settings);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let code = mailbox.newest(ADA, 1).await.code();
    for at in [At::Code, At::Login, At::Code] {
        let status = match at {
            At::Code => verify(&server, email, WRONG, &code).await.status,
            At::Login => log_in(&server, email, WRONG).await.status,
        };
        assert_eq!(status, if at == At::Code { 400 } else { 401 });
    }
    // Another instance counts the same.
    let mut all = settings.clone();
    all.push(("RATE_LIMITS", "on"));
    let second = Server::start_on(std::sync::Arc::clone(&server.database), &all);
    for server in [&server, &second] {
        for password in [WRONG, GOOD] {
            let refused = verify(server, email, password, &code).await;
            assert_eq!(retry_after(&refused), 1200, "{}", refused.text());
            assert_eq!(refused.json(), log_in(server, email, password).await.json());
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
}

/// With the default limits.
#[rstest]
#[tokio::test]
async fn fifty_passwords_are_compared_by_default_with_equal_responses(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let (clock, url) = (stopped_clock(), mailbox.url());
    let server = behind(backend, &clock.with(&[("SMTP_URL", &url)]));
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    mailbox.wait_for(ADA, 1).await;
    let mut all = Vec::new();
    for email in [ADA, UNKNOWN] {
        let mut answers = Vec::new();
        for number in 0..60 {
            // Twenty for each network, and thirty for each block.
            let network = format!("203.0.{}.1", number / 25);
            answers.push(comparable(
                &post_from(&server, &network, "/verify-email", &by_code(email, WRONG, "123456")).await,
            ));
        }
        let compared = answers.iter().filter(|(status, ..)| *status == 400).count();
        assert_eq!((compared, answers.len()), (50, 60), "{email}");
        all.push(answers);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(log_in_from(&server, "203.0.113.9", ADA, GOOD).await.status, 429);
}

#[rstest]
#[tokio::test]
async fn a_right_password_with_a_wrong_code_is_no_failed_login(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("RATE_LIMIT_LOGIN_PAIR", "2/day"), ("RATE_LIMIT_VERIFY", "9/day")];
    let server = limited(backend, &settings);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let code = mailbox.newest(ADA, 1).await.code();
    for _ in 0..8 {
        assert_eq!(verify(&server, ADA, GOOD, &other(&code)).await.status, 400);
    }
    // Each was an attempt at the code.
    assert_eq!(server.database.count("SELECT code_tries FROM mail_tokens"), 5);
    assert_eq!(verify(&server, ADA, GOOD, &code).await.status, 400);
    assert_eq!(verify(&server, ADA, GOOD, &code).await.status, 429, "the limit of the network for links and codes");
    for status in [401, 401, 429] {
        assert_eq!(log_in(&server, ADA, WRONG).await.status, status, "both attempts are left");
    }
}

#[rstest]
#[tokio::test]
async fn a_right_password_with_the_code_does_not_count(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = limited(backend, &[("SMTP_URL", url.as_str()), ("RATE_LIMIT_LOGIN_PAIR", "1/day")]);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let code = mailbox.newest(ADA, 1).await.code();
    assert_eq!(verify(&server, ADA, GOOD, &code).await.status, 204);
    assert_eq!(log_in(&server, ADA, WRONG).await.status, 401);
    assert_eq!(log_in(&server, ADA, GOOD).await.status, 429);
}

/// Counters must not reveal either whether the sign-up created the account.
#[rstest]
#[tokio::test]
async fn with_concealment_a_right_password_with_a_wrong_code_counts(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let (clock, url) = (stopped_clock(), mailbox.url());
    let server = limited(backend, &clock.with(&[("SMTP_URL", &url), ("CONCEAL_ACCOUNTS", "on")]));
    let verified = "proven@example.com";
    assert_eq!(server.post_json("/register", &address(verified)).await.status, 202);
    let code = mailbox.newest(verified, 1).await.code();
    assert_eq!(verify(&server, verified, GOOD, &code).await.status, 204);
    // An attacker signs up with both addresses, then attempts codes.
    let mut all = Vec::new();
    for email in [verified, ADA] {
        let body = json!({"email": email, "password": BETTER});
        assert_eq!(server.post_json("/register", &body).await.status, 202);
        mailbox.wait_for(email, 1).await;
        let mut answers = Vec::new();
        for _ in 0..25 {
            answers.push(verify(&server, email, BETTER, "000000").await.status);
        }
        all.push(answers);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0].iter().filter(|status| **status == 429).count(), 5, "{:?}", all[0]);
}

#[rstest]
#[tokio::test]
async fn a_known_browser_has_its_own_limit_with_a_code(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings: Settings =
        &[("SMTP_URL", url.as_str()), ("RATE_LIMIT_LOGIN_ACCOUNT", "1/day"), ("RATE_LIMIT_LOGIN_DEVICE", "2/day")];
    let server = limited(backend, settings);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let code = mailbox.newest(ADA, 1).await.code();
    ada.post("/logout", &[]).await;
    assert_eq!(verify(&server, ADA, WRONG, &code).await.status, 400);
    assert_eq!(verify(&server, ADA, GOOD, &code).await.status, 429, "an unknown browser");
    let cookie = format!("vestibule_devices={}", ada.cookie("vestibule_devices").expect("a known browser"));
    let in_browser = async |password: &str| {
        let headers = [("content-type", "application/json"), ("cookie", cookie.as_str())];
        server.send("POST", "/verify-email", &headers, by_code(ADA, password, &code).to_string()).await.status
    };
    assert_eq!(in_browser(WRONG).await, 400);
    assert_eq!(in_browser(WRONG).await, 400);
    assert_eq!(in_browser(GOOD).await, 429, "it has failed too often");
}

/// Passwords with a mailed link are limited per account over all networks, separately from logins.
#[rstest]
#[tokio::test]
async fn wrong_passwords_with_a_link_count_for_the_account(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let (clock, url) = (stopped_clock(), mailbox.url());
    let settings = clock.with(&[
        ("SMTP_URL", url.as_str()),
        ("RATE_LIMIT_CURRENT_PASSWORD", "3/hour"),
        ("TRUSTED_PROXIES", "127.0.0.0/8"),
        ("RATE_LIMITS", "on"),
    ]);
    let server = behind(backend, &settings);
    let second = Server::start_on(std::sync::Arc::clone(&server.database), &settings);
    for email in [ADA, "bob@example.com"] {
        assert_eq!(server.post_json("/register", &address(email)).await.status, 201);
    }
    let token = mailbox.newest(ADA, 1).await.token();
    let by_link = |password: &str| json!({"token": token, "password": password});
    for (server, network) in [(&server, HERE), (&second, THERE), (&server, THERE)] {
        let refused = post_from(server, network, "/verify-email", &by_link(WRONG)).await;
        assert_eq!(refused.json()["errors"][0]["code"], "password_wrong");
    }
    for server in [&server, &second] {
        for password in [WRONG, GOOD] {
            let refused = post_from(server, "203.0.113.7", "/verify-email", &by_link(password)).await;
            assert_eq!(retry_after(&refused), 1200);
        }
    }
    // A new link does not reset the counter.
    assert_eq!(post_from(&server, HERE, "/verify-email/resend", &json!({"email": ADA})).await.status, 202);
    let newer = json!({"token": mailbox.newest(ADA, 2).await.token(), "password": GOOD});
    assert_eq!(post_from(&server, HERE, "/verify-email", &newer).await.status, 429);
    // Logins, current passwords and other accounts have their own counters.
    let bearer = server.token(ADA, GOOD).await;
    let body = json!({"full_name": "Ada", "password": BETTER, "current_password": WRONG});
    assert_eq!(server.as_program(&bearer, "PATCH", "/api/v1/users/me", &body).await.status, 422);
    let bob = json!({"token": mailbox.newest("bob@example.com", 1).await.token(), "password": GOOD});
    assert_eq!(post_from(&server, HERE, "/verify-email", &bob).await.status, 204);
    clock.stand_still(1200);
    assert_eq!(post_from(&server, HERE, "/verify-email", &newer).await.status, 204);
}

/// The reader of a mail to a new address may not be the owner of the account.
#[rstest]
#[tokio::test]
async fn password_guesses_with_the_link_of_a_new_address_are_limited(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = behind(backend, &[("SMTP_URL", &url)]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let fields = [("email", "eve@example.com"), ("current_password", GOOD)];
    assert_eq!(ada.post("/account/email", &fields).await.status, 303);
    let token = mailbox.newest("eve@example.com", 1).await.token();
    let mut statuses = Vec::new();
    for number in 0..30 {
        let body = json!({"token": token, "password": WRONG});
        statuses.push(post_from(&server, &format!("203.0.113.{number}"), "/verify-email", &body).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 20, "{statuses:?}");
    // The browser of the account needs no password.
    assert_eq!(ada.post("/verify-email", &[("token", &token)]).await.status, 200);
}
