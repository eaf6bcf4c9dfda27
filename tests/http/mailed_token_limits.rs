//! Invalid attempts with mailed links and codes count against the limit, valid ones do not: docs/limits.md.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const WRONG: &str = "wrong-horse-battery";
const BETTER: &str = "four crabs on a warm beach";

/// Three attempts at once.
fn limited(backend: Backend, mailbox: &Mailbox) -> Server {
    Server::mailing(backend, mailbox, &[("RATE_LIMITS", "on"), ("RATE_LIMIT_VERIFY", "3/day")])
}

/// Tokens and code mailed after a sign-up by JSON and a request for a password reset.
struct Mailed {
    verification: String,
    code: String,
    reset: String,
}

impl Mailed {
    async fn to_ada(server: &Server, mailbox: &Mailbox) -> Self {
        assert_eq!(server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
        let mail = mailbox.newest(ADA, 1).await;
        assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
        Self { verification: mail.token(), code: mail.code(), reset: mailbox.newest(ADA, 2).await.token() }
    }
}

#[track_caller]
fn refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.json()["errors"][0]["code"].as_str()), (400, Some(code)), "{}", answer.text());
}

/// What is wrong in an attempt.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    PasswordAtLink,
    VerificationLink,
    Code,
    PasswordAtCode,
    ResetLink,
}

impl Attempt {
    /// Path, invalid body, its error code, valid body.
    fn requests(self, mailed: &Mailed) -> (&'static str, Value, &'static str, Value) {
        let (Mailed { verification, code, reset }, unknown) = (mailed, "A".repeat(43));
        let other = format!("{:06}", (code.parse::<u32>().expect("a number") + 1) % 1_000_000);
        let by_link = json!({"token": verification, "password": GOOD});
        let by_code = json!({"code": code, "email": ADA, "password": GOOD});
        match self {
            Self::PasswordAtLink => {
                ("/verify-email", json!({"token": verification, "password": WRONG}), "password_wrong", by_link)
            }
            Self::VerificationLink => {
                ("/verify-email", json!({"token": unknown, "password": GOOD}), "token_expired", by_link)
            }
            Self::Code => {
                ("/verify-email", json!({"code": other, "email": ADA, "password": GOOD}), "code_wrong", by_code)
            }
            Self::PasswordAtCode => {
                ("/verify-email", json!({"code": code, "email": ADA, "password": WRONG}), "code_wrong", by_code)
            }
            Self::ResetLink => (
                "/reset-password",
                json!({"token": unknown, "password": BETTER}),
                "token_expired",
                json!({"token": reset, "password": BETTER}),
            ),
        }
    }
}

#[rstest]
#[tokio::test]
async fn invalid_attempts_count(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(
        Attempt::PasswordAtLink,
        Attempt::VerificationLink,
        Attempt::Code,
        Attempt::PasswordAtCode,
        Attempt::ResetLink
    )]
    attempt: Attempt,
) {
    let mailbox = Mailbox::open();
    let server = limited(backend, &mailbox);
    let mailed = Mailed::to_ada(&server, &mailbox).await;
    let (path, wrong, code, right) = attempt.requests(&mailed);
    for _ in 0..3 {
        refused(&server.post_json(path, &wrong).await, code);
    }
    for body in [&wrong, &right] {
        let answer = server.post_json(path, body).await;
        assert_eq!(answer.status, 429, "{}", answer.text());
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains("Too many tries. Nothing was saved. Try again in "), "{detail}");
        let wait: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=28_800).contains(&wait), "{wait}");
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    assert_eq!(server.post_json("/login", &json!({"identifier": ADA, "password": GOOD})).await.status, 200);
}

/// In a browser other than that of the sign-up.
#[rstest]
#[tokio::test]
async fn wrong_passwords_on_the_page_of_a_link_count(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = limited(backend, &mailbox);
    let mailed = Mailed::to_ada(&server, &mailbox).await;
    let browser = Browser::new(&server);
    let post = async |password: &str| {
        browser.post("/verify-email", &[("token", mailed.verification.as_str()), ("password", password)]).await
    };
    for _ in 0..3 {
        assert!(post(WRONG).await.page(400).has("input[name=password]"));
    }
    for password in [WRONG, GOOD] {
        let page = post(password).await.page(429);
        assert!(page.text(".summary li").starts_with("That was too many tries."), "{}", page.text(".summary li"));
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
}

/// Nor does input that fails validation.
#[rstest]
#[tokio::test]
async fn valid_attempts_do_not_count(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = limited(backend, &mailbox);
    let mailed = Mailed::to_ada(&server, &mailbox).await;
    for _ in 0..4 {
        let short = json!({"token": mailed.reset, "password": "short"});
        refused(&server.post_json("/reset-password", &short).await, "password_too_short");
        let common = json!({"token": mailed.reset, "password": "password1234"});
        refused(&server.post_json("/reset-password", &common).await, "password_common");
        refused(&server.post_json("/verify-email", &json!({"token": mailed.verification})).await, "password_missing");
        refused(&server.post_json("/verify-email", &json!({"code": "12"})).await, "code_format");
    }
    let verification = json!({"token": mailed.verification, "password": GOOD});
    assert_eq!(server.post_json("/verify-email", &verification).await.status, 204);
    for number in 0..4 {
        let email = format!("bob{number}@example.com");
        assert_eq!(server.post_json("/register", &json!({"email": email, "password": GOOD})).await.status, 201);
        let code = mailbox.newest(&email, 1).await.code();
        let body = json!({"code": code, "email": email, "password": GOOD});
        assert_eq!(server.post_json("/verify-email", &body).await.status, 204, "{number}");
    }
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let body = json!({"token": mailbox.newest(ADA, 3).await.token(), "password": BETTER});
    assert_eq!(server.post_json("/reset-password", &body).await.status, 204);
    // All three attempts are left.
    for _ in 0..3 {
        refused(&server.post_json("/verify-email", &verification).await, "token_used");
    }
    assert_eq!(server.post_json("/verify-email", &verification).await.status, 429);
}
