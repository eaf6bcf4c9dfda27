//! Totals over all clients: once one is exhausted, a proof of work lets a request through.

use crate::support::{
    ADA, Answer, BETTER, Backend, Browser, FakeClock, GOOD, Mailbox, Server, Settings, proof::Proof, server::BROWSER,
};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::{Value, json};

use super::{address, behind};

const HERE: &str = "203.0.113.7";
/// A proof of work that a test solves quickly.
const QUICK: (&str, &str) = ("BOT_CHECK_WORK", "2000");

/// Behind a trusted proxy, with a stopped clock.
fn full(backend: Backend, clock: &FakeClock, mailbox: &Mailbox, settings: Settings) -> Server {
    clock.stand_still(0);
    let url = mailbox.url();
    let mut all = vec![("SMTP_URL", url.as_str()), QUICK];
    all.extend_from_slice(settings);
    behind(backend, &clock.with(&all))
}

async fn post_from(server: &Server, from: &str, path: &str, proof: Option<&str>, body: &Value) -> Answer {
    let mut headers = vec![("content-type", "application/json"), ("x-forwarded-for", from)];
    headers.extend(proof.map(|proof| ("vestibule-proof", proof)));
    server.send("POST", path, &headers, body.to_string()).await
}

#[rstest]
#[case("/register", "RATE_LIMIT_SIGN_UP_TOTAL", 201)]
#[case("/login", "RATE_LIMIT_LOGIN_TOTAL", 401)]
#[case("/forgot-password", "RATE_LIMIT_FORGOT_PASSWORD_TOTAL", 202)]
#[case("/verify-email/resend", "RATE_LIMIT_RESEND_TOTAL", 202)]
#[case("/verify-email", "RATE_LIMIT_VERIFY_TOTAL", 400)]
#[case("/reset-password", "RATE_LIMIT_VERIFY_TOTAL", 400)]
#[tokio::test]
async fn a_program_passes_with_a_proof_of_work(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] path: &str,
    #[case] total: &str,
    #[case] done: u16,
) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = full(backend, &clock, &mailbox, &[(total, "2/day")]);
    let number = std::cell::Cell::new(0);
    let body = || {
        number.set(number.get() + 1);
        let email = format!("p{}@example.com", number.get());
        match path {
            "/login" => json!({"identifier": email, "password": GOOD}),
            "/verify-email" | "/reset-password" => json!({"token": "A".repeat(43), "password": GOOD}),
            _ => address(&email),
        }
    };
    // Clients of several blocks exhaust the total.
    for block in 1..=2 {
        let answer = post_from(&server, &format!("198.51.{block}.1"), path, None, &body()).await;
        assert_eq!((answer.status, answer.header("vestibule-challenge")), (done, ""));
    }
    let refused = post_from(&server, HERE, path, None, &body()).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let proof = Proof::asked(&refused).expect("a challenge");
    assert_eq!(proof.most, 2000);
    // Wrong and malformed solutions, and one from another network.
    let wrong = format!("{} {}", proof.challenge, proof.wrong());
    for (from, given) in [(HERE, wrong.as_str()), (HERE, "x"), (HERE, "x y"), ("203.0.113.8", &proof.header())] {
        let again = post_from(&server, from, path, Some(given), &body()).await;
        assert!(again.status == 429 && Proof::asked(&again).is_some(), "{given}");
    }
    let passed = post_from(&server, HERE, path, Some(&proof.header()), &body()).await;
    assert_eq!(passed.status, done, "{}", passed.text());
    // A solution is valid once.
    assert_eq!(post_from(&server, HERE, path, Some(&proof.header()), &body()).await.status, 429);
}

/// Login, requests for mails, and sign-up.
#[rstest]
#[tokio::test]
async fn a_form_passes_with_a_proof_of_work(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let totals = [
        ("RATE_LIMIT_LOGIN_TOTAL", "2/day"),
        ("RATE_LIMIT_FORGOT_PASSWORD_TOTAL", "2/day"),
        ("RATE_LIMIT_RESEND_TOTAL", "2/day"),
        ("RATE_LIMIT_SIGN_UP_TOTAL", "3/day"),
    ];
    let server = full(backend, &clock, &mailbox, &totals);
    for (block, email) in [ADA, "bob@example.com", "eve@example.com"].into_iter().enumerate() {
        let from = format!("198.51.{block}.1");
        assert_eq!(post_from(&server, &from, "/register", None, &address(email)).await.status, 201);
    }
    for block in 1..=2 {
        let from = format!("198.51.{block}.1");
        let wrong = json!({"identifier": "nobody@example.com", "password": BETTER});
        assert_eq!(post_from(&server, &from, "/login", None, &wrong).await.status, 401);
        for path in ["/forgot-password", "/verify-email/resend"] {
            assert_eq!(
                post_from(&server, &from, path, None, &json!({"email": "nobody@example.com"})).await.status,
                202
            );
        }
    }
    let fields = [("email", "new@example.com"), ("password", GOOD)];
    for (path, fields, done) in [
        ("/login", [("identifier", ADA), ("password", GOOD)].as_slice(), 303),
        ("/forgot-password", &[("email", ADA)], 200),
        ("/verify-email/resend", &[("email", ADA)], 200),
        ("/register", &fields, 303),
    ] {
        let browser = Browser::new(&server);
        let refused = browser.post(path, fields).await;
        assert_ne!(refused.header("retry-after"), "", "{path}");
        let page = refused.page(429);
        assert!(page.has("script[src*=proof]"), "{path}");
        assert!(page.text(".proof .notice").len() > 20, "{path}");
        let proof = Proof::solve(&page);
        let mut answered = fields.to_vec();
        answered.extend([("proof", proof.challenge.as_str()), ("proof_answer", &proof.answer)]);
        let passed = browser.post(path, &answered).await;
        assert_eq!(passed.status, done, "{path}: {}", passed.text());
        // Valid once. Tested with a new browser: a known one needs no proof of work.
        assert_eq!(Browser::new(&server).post(path, &answered).await.status, 429, "{path}");
    }
}

/// A page with several forms has the challenge in the submitted one.
#[rstest]
#[case::code_of_a_sign_up("on", "/verify-email/resend", &[], 200)]
#[case::code_of_an_account("off", "/verify-email/resend", &[], 200)]
#[case::change_of_address("off", "/account/email", &[("email", "new@example.com"), ("current_password", GOOD)], 303)]
#[tokio::test]
async fn the_submitted_form_is_challenged(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] require_verified: &str,
    #[case] path: &str,
    #[case] fields: &[(&str, &str)],
    #[case] done: u16,
) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let totals = [("RATE_LIMIT_RESEND_TOTAL", "1/day"), ("RATE_LIMIT_CHANGE_EMAIL_TOTAL", "1/day")];
    let server =
        full(backend, &clock, &mailbox, &[&totals[..], &[("REQUIRE_VERIFIED_EMAIL", require_verified)]].concat());
    let browser = Browser::new(&server);
    assert_eq!(browser.post("/register", &[("email", ADA), ("password", GOOD)]).await.status, 303);
    assert_eq!(browser.post(path, fields).await.status, done);
    let page = browser.post(path, fields).await.page(429);
    assert!(page.has(&format!("form[action='{path}'] .proof")), "in its own form");
    assert!(!page.has(&format!("form:not([action='{path}']) .proof")), "in no other form");
    let proof = Proof::solve(&page);
    let answered = [fields, &[("proof", &proof.challenge), ("proof_answer", &proof.answer)]].concat();
    let passed = browser.post(path, &answered).await;
    assert_eq!(passed.status, done, "{}", passed.text());
    assert_eq!(browser.post(path, &answered).await.status, 429, "once");
}

#[rstest]
#[tokio::test]
async fn a_program_changes_an_address_with_a_proof_of_work(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = full(backend, &clock, &mailbox, &[("RATE_LIMIT_CHANGE_EMAIL_TOTAL", "1/day")]);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let login = server.post_json("/login", &json!({"identifier": ADA, "password": GOOD})).await;
    let bearer = format!("Bearer {}", login.json()["access_token"].as_str().expect("a token"));
    let change = json!({"email": "new@example.com", "current_password": GOOD}).to_string();
    let patch = async |proof: &str| {
        let mut headers = vec![("content-type", "application/json"), ("authorization", bearer.as_str())];
        headers.extend((!proof.is_empty()).then_some(("vestibule-proof", proof)));
        server.send("PATCH", "/api/v1/users/me", &headers, change.clone()).await
    };
    assert_eq!(patch("").await.status, 200);
    let refused = patch("").await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let proof = Proof::asked(&refused).expect("a challenge").header();
    let passed = patch(&proof).await;
    assert_eq!(passed.status, 200, "{}", passed.text());
    assert_eq!(patch(&proof).await.status, 429, "once");
}

/// A code with address and password counts for two rules.
#[rstest]
#[tokio::test]
async fn one_proof_of_work_suffices_for_two_exhausted_totals(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let totals = [("RATE_LIMIT_LOGIN_TOTAL", "1/day"), ("RATE_LIMIT_VERIFY_TOTAL", "1/day")];
    let server = full(backend, &clock, &mailbox, &totals);
    assert_eq!(post_from(&server, "198.51.1.1", "/register", None, &address(ADA)).await.status, 201);
    let code = mailbox.newest(ADA, 1).await.code();
    let body = json!({"email": "nobody@example.com", "password": GOOD, "code": "123456"});
    assert_eq!(post_from(&server, "198.51.1.1", "/verify-email", None, &body).await.status, 400);
    let right = json!({"email": ADA, "password": GOOD, "code": code});
    let refused = post_from(&server, HERE, "/verify-email", None, &right).await;
    let proof = Proof::asked(&refused).expect("a challenge").header();
    let passed = post_from(&server, HERE, "/verify-email", Some(&proof), &right).await;
    assert_eq!(passed.status, 204, "{}", passed.text());
}

/// A sign-up without JavaScript is verified by mail; the total of sign-ups applies to it too.
#[rstest]
#[tokio::test]
async fn a_sign_up_verified_by_mail_consumes_the_total(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = full(backend, &clock, &mailbox, &[("RATE_LIMIT_SIGN_UP_TOTAL", "2/day")]);
    for number in 0..4 {
        let email = format!("p{number}@example.com");
        let browser = Browser::new(&server);
        // The filled honeypot causes a challenge whatever the counters are.
        let fields = [("email", email.as_str()), ("password", GOOD), ("topic", "x")];
        let page = browser.post("/register", &fields).await.page(403);
        let challenge = Proof::solve(&page).challenge;
        let unsolved = [&fields[..], &[("proof", challenge.as_str()), ("proof_answer", "")]].concat();
        let answer = browser.post("/register", &unsolved).await;
        if number < 2 {
            assert_eq!(answer.status, 303, "{}", answer.text());
        } else {
            assert_eq!(answer.status, 403, "{}", answer.text());
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 2);
}

#[rstest]
#[tokio::test]
async fn without_bot_checks_there_is_no_challenge(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let settings = [("RATE_LIMIT_FORGOT_PASSWORD_TOTAL", "1/day"), ("BOT_CHECKS", "off")];
    let server = full(backend, &clock, &mailbox, &settings);
    let body = json!({"email": ADA});
    assert_eq!(post_from(&server, "198.51.100.1", "/forgot-password", None, &body).await.status, 202);
    let refused = post_from(&server, HERE, "/forgot-password", None, &body).await;
    assert_eq!((refused.status, refused.header("vestibule-challenge")), (429, ""));
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("accept", BROWSER), ("x-forwarded-for", HERE)];
    let page = server.send("POST", "/forgot-password", &headers, "email=ada%40example.com").await.page(429);
    assert!(!page.has(".proof"));
}
