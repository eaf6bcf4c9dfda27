//! What is tried of a mail and is wrong counts, and what is right does not: docs/limits.md.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const WRONG: &str = "wrong-horse-battery";
const BETTER: &str = "four crabs on a warm beach";

/// Three at once.
fn limited(backend: Backend, mailbox: &Mailbox) -> Server {
    Server::mailing(backend, mailbox, &[("RATE_LIMITS", "on"), ("RATE_LIMIT_VERIFY", "3/day")])
}

/// What came to somebody who signed up by a program and forgot the password.
struct Mailed {
    proof: String,
    code: String,
    reset: String,
}

impl Mailed {
    async fn to_ada(server: &Server, mailbox: &Mailbox) -> Self {
        assert_eq!(server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
        let mail = mailbox.newest(ADA, 1).await;
        assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
        Self { proof: mail.token(), code: mail.code(), reset: mailbox.newest(ADA, 2).await.token() }
    }
}

#[track_caller]
fn refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.json()["errors"][0]["code"].as_str()), (400, Some(code)), "{}", answer.text());
}

/// What is wrong, and what would have been right.
#[derive(Debug, Clone, Copy)]
enum Tried {
    PasswordAtALink,
    LinkOfAProof,
    Code,
    PasswordAtACode,
    LinkOfAReset,
}

impl Tried {
    /// Where to, the wrong one with its code, and the right one.
    fn requests(self, mailed: &Mailed) -> (&'static str, Value, &'static str, Value) {
        let (Mailed { proof, code, reset }, dead) = (mailed, "A".repeat(43));
        let other = format!("{:06}", (code.parse::<u32>().expect("a number") + 1) % 1_000_000);
        let by_link = json!({"token": proof, "password": GOOD});
        let by_code = json!({"code": code, "email": ADA, "password": GOOD});
        match self {
            Self::PasswordAtALink => {
                ("/verify-email", json!({"token": proof, "password": WRONG}), "password_wrong", by_link)
            }
            Self::LinkOfAProof => ("/verify-email", json!({"token": dead, "password": GOOD}), "token_expired", by_link),
            Self::Code => {
                ("/verify-email", json!({"code": other, "email": ADA, "password": GOOD}), "code_wrong", by_code)
            }
            Self::PasswordAtACode => {
                ("/verify-email", json!({"code": code, "email": ADA, "password": WRONG}), "code_wrong", by_code)
            }
            Self::LinkOfAReset => (
                "/reset-password",
                json!({"token": dead, "password": BETTER}),
                "token_expired",
                json!({"token": reset, "password": BETTER}),
            ),
        }
    }
}

#[rstest]
#[tokio::test]
async fn what_is_wrong_counts(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Tried::PasswordAtALink, Tried::LinkOfAProof, Tried::Code, Tried::PasswordAtACode, Tried::LinkOfAReset)]
    tried: Tried,
) {
    let mailbox = Mailbox::open();
    let server = limited(backend, &mailbox);
    let mailed = Mailed::to_ada(&server, &mailbox).await;
    let (path, wrong, code, right) = tried.requests(&mailed);
    for _ in 0..3 {
        refused(&server.post_json(path, &wrong).await, code);
    }
    for body in [&wrong, &right] {
        let answer = server.post_json(path, body).await;
        assert_eq!(answer.status, 429, "{}", answer.text());
        let said = answer.json()["detail"].to_string();
        assert!(said.contains("Too many tries. Nothing was saved. Try again in "), "{said}");
        let wait: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=28_800).contains(&wait), "{wait}");
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    assert_eq!(server.post_json("/login", &json!({"identifier": ADA, "password": GOOD})).await.status, 200);
}

/// As somebody else's browser shows the link.
#[rstest]
#[tokio::test]
async fn wrong_passwords_on_the_page_of_a_link_count(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = limited(backend, &mailbox);
    let mailed = Mailed::to_ada(&server, &mailbox).await;
    let stranger = Browser::new(&server);
    let post = async |password: &str| {
        stranger.post("/verify-email", &[("token", mailed.proof.as_str()), ("password", password)]).await
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

/// Nor does what breaks a rule of the form.
#[rstest]
#[tokio::test]
async fn what_is_right_does_not_count(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = limited(backend, &mailbox);
    let mailed = Mailed::to_ada(&server, &mailbox).await;
    for _ in 0..4 {
        let short = json!({"token": mailed.reset, "password": "short"});
        refused(&server.post_json("/reset-password", &short).await, "password_too_short");
        let easy = json!({"token": mailed.reset, "password": "password1234"});
        refused(&server.post_json("/reset-password", &easy).await, "password_common");
        refused(&server.post_json("/verify-email", &json!({"token": mailed.proof})).await, "password_missing");
        refused(&server.post_json("/verify-email", &json!({"code": "12"})).await, "code_format");
    }
    let proof = json!({"token": mailed.proof, "password": GOOD});
    assert_eq!(server.post_json("/verify-email", &proof).await.status, 204);
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
    // All three are left.
    for _ in 0..3 {
        refused(&server.post_json("/verify-email", &proof).await, "token_used");
    }
    assert_eq!(server.post_json("/verify-email", &proof).await.status, 429);
}
