//! Rate limits: over all instances and in every response format, whatever address a client claims.

mod changes;
mod delayed_refunds;
mod disconnects;
mod exhaustion;
mod floods;
mod known_browsers;
mod mails;
mod networks;
mod passwords;
mod passwords_with_tokens;
mod proxies;
mod totals;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, Backend, FakeClock, GOOD, Server, Settings};
use Backend::{Postgres, Sqlite};

fn limited(backend: Backend, settings: Settings) -> Server {
    let mut all = vec![("RATE_LIMITS", "on")];
    all.extend_from_slice(settings);
    Server::start_with(backend, &all)
}

/// All clients are behind a trusted proxy.
fn behind(backend: Backend, settings: Settings) -> Server {
    let mut all = vec![("TRUSTED_PROXIES", "127.0.0.0/8")];
    all.extend_from_slice(settings);
    limited(backend, &all)
}

fn credentials(identifier: &str, password: &str) -> Value {
    json!({"identifier": identifier, "password": password})
}

fn address(email: &str) -> Value {
    json!({"email": email, "password": GOOD})
}

async fn log_in(server: &Server, identifier: &str, password: &str) -> Answer {
    server.post_json("/login", &credentials(identifier, password)).await
}

/// From the network that the trusted proxy reports; see [`behind`].
async fn log_in_from(server: &Server, network: &str, identifier: &str, password: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
    server.send("POST", "/login", &headers, credentials(identifier, password).to_string()).await
}

#[track_caller]
fn retry_after(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 429, "{}", answer.text());
    answer.header("retry-after").parse().expect("seconds")
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// A stopped clock: no limit refills during a test.
fn stopped_clock() -> FakeClock {
    let clock = FakeClock::new();
    clock.stand_still(0);
    clock
}

#[rstest]
#[tokio::test]
async fn a_sign_up_counts_only_after_validation(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[("RATE_LIMIT_SIGN_UP", "4/hour")]);
    // Invalid forms and weak passwords do not count.
    for _ in 0..6 {
        for body in
            [json!({}), json!({"email": "x", "password": GOOD}), json!({"email": ADA, "password": "password123456"})]
        {
            assert_eq!(server.post_json("/register", &body).await.status, 400);
        }
    }
    // A registered address counts: this bounds enumeration.
    for status in [201, 400, 400] {
        assert_eq!(server.post_json("/register", &address(ADA)).await.status, status);
    }
    assert_eq!(server.post_json("/users", &json!({"username": "ada", "password": GOOD})).await.status, 201);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 429);
    // Validation errors are still returned; the development endpoint has no limit.
    assert_eq!(server.post_json("/register", &json!({})).await.status, 400);
    let own = json!({"email": "dev@example.com", "password": "x", "full_name": "Dev"});
    assert_eq!(server.post_json("/api/v1/private/users/", &own).await.status, 200);
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 3);
}

#[rstest]
#[tokio::test]
async fn sign_ups_over_the_limit_get_429_in_every_response_format(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[("RATE_LIMIT_SIGN_UP", "1/15minutes")]));
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let detail = "Too many tries. Nothing was saved. Try again in 15 minutes.";
    for (path, body) in [
        ("/register", address(ADA)),
        ("/register", address("bob@example.com")),
        ("/users", json!({"username": "bob", "password": GOOD})),
        ("/api/v1/users/register", address("bob@example.com")),
    ] {
        let answer = server.post_json(path, &body).await;
        answer.assert_json(429, &json!({"detail": detail}));
        assert_eq!(retry_after(&answer), 900, "{path}");
    }
    let headers =
        [("content-type", "application/json"), ("accept", "application/problem+json"), ("accept-language", "de")];
    let problem = server.send("POST", "/register", &headers, address("bob@example.com").to_string()).await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(retry_after(&problem), 900);
    assert_eq!(
        problem.json(),
        json!({
            "type": server.url("/docs#too_many_requests"),
            "title": "Das waren zu viele Versuche",
            "status": 429,
            "detail": "Zu viele Versuche. Es wurde nichts gespeichert. Versuchen Sie es in 15 Minuten noch einmal.",
            "code": "too_many_requests",
        })
    );
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);
}

#[rstest]
#[tokio::test]
async fn a_form_over_the_limit_returns_all_fields_but_the_password(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[("RATE_LIMIT_SIGN_UP", "1/15minutes")]));
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let page = server.post_form(&[("full_name", "Bob"), ("email", "bob@example.com"), ("password", GOOD)]).await;
    assert_eq!(retry_after(&page), 900);
    assert!(!page.text().contains(GOOD));
    let page = page.page(429);
    assert_eq!(
        page.text(".summary li"),
        "That was too many tries. Nothing was saved. Try again in 15 minutes. Your password is not kept, so enter it again."
    );
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("bob@example.com"));
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("Bob"));
}

/// Two failures in ten minutes; one refills every five.
const PAIRS_ALONE: Settings = &[
    ("RATE_LIMITS", "on"),
    ("RATE_LIMIT_LOGIN_PAIR", "2/10minutes"),
    ("RATE_LIMIT_LOGIN_BLOCK_PAIR", "off"),
    ("RATE_LIMIT_LOGIN_ACCOUNT", "off"),
    ("RATE_LIMIT_LOGIN", "off"),
    ("RATE_LIMIT_LOGIN_BLOCK", "off"),
    ("RATE_LIMIT_LOGIN_TOTAL", "off"),
];

/// `Retry-After` is exact.
#[rstest]
#[tokio::test]
async fn retry_after_is_exact(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    let server = Server::start_with(backend, &clock.with(PAIRS_ALONE));
    let try_at = async |seconds: i64| {
        clock.stand_still(seconds);
        log_in(&server, ADA, GOOD).await
    };
    for _ in 0..2 {
        assert_eq!(try_at(0).await.status, 401);
    }
    let wait = i64::try_from(retry_after(&try_at(0).await)).expect("seconds");
    assert_eq!(wait, 300);
    assert_eq!(try_at(wait - 1).await.status, 429);
    assert_eq!(try_at(wait).await.status, 401);
    assert_eq!(try_at(wait).await.status, 429);
}

#[rstest]
#[tokio::test]
async fn retry_after_is_bounded_when_the_clock_jumps(#[values(Sqlite, Postgres)] backend: Backend) {
    const DAY: i64 = 24 * 3600;
    let clock = FakeClock::new();
    let server = Server::start_with(backend, &clock.with(PAIRS_ALONE));
    // Set back by an hour, by over a year, from after 2038: at worst as if the limit had just been exhausted.
    for (number, (from, to)) in
        [(0, -3600), (3600, 0), (400 * DAY, 0), (15 * 365 * DAY, 0), (0, -400 * DAY)].into_iter().enumerate()
    {
        let identifier = format!("p{number}@example.com");
        let try_at = async |seconds: i64| {
            clock.stand_still(seconds);
            log_in(&server, &identifier, GOOD).await
        };
        let mut tries = 0;
        while try_at(from).await.status == 401 {
            tries += 1;
        }
        assert_eq!(tries, 2, "from {from}");
        assert!(retry_after(&try_at(to).await) <= 300, "from {from} to {to}");
        let mut waited = 0;
        while try_at(to + waited).await.status == 429 {
            waited += 20;
        }
        println!("{backend:?}: from {from} to {to} s, accepted again after {waited} s of 600");
        assert!(waited <= 660, "from {from} to {to}: {waited} s");
    }
}

#[test]
fn an_invalid_rule_is_reported_with_its_setting_name() {
    for (name, value) in [
        ("RATE_LIMITS", "yes"),
        ("RATE_LIMIT_SIGN_UP", "100"),
        ("RATE_LIMIT_LOGIN_PAIR", "0/hour"),
        ("RATE_LIMIT_VERIFY_TOTAL", "5/week"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("CLIENT_ADDRESS_HEADER", "X-Real-IP, X-Forwarded-For"),
    ] {
        let output = crate::support::server::command("sqlite://x", &[(name, value)]).output().expect("vestibule");
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.starts_with(&format!("vestibule: {name}: use ")), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
