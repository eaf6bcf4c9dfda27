//! Known browsers, which have logged in to an account before: a new password forgets them, a new hash of the same
//! password does not.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;

use crate::support::{Answer, Backend, Browser, GOOD, Server, TestDatabase};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const NEW: &str = "another-horse-battery";

/// One failed login of unknown clients a day; after it only known browsers may log in.
fn start(database: &Arc<TestDatabase>, cost: &str) -> Server {
    let settings = [("RATE_LIMITS", "on"), ("RATE_LIMIT_LOGIN_ACCOUNT", "1/day"), ("BCRYPT_COST", cost)];
    Server::start_on(Arc::clone(database), &settings)
}

async fn log_in_by_json(server: &Server, password: &str) -> u16 {
    server.post_json("/login", &json!({"identifier": ADA, "password": password})).await.status
}

/// Consumes the login attempts of unknown clients.
async fn block_unknown_clients(server: &Server, password: &str) {
    assert_eq!(log_in_by_json(server, "wrong-horse-battery").await, 401);
    assert_eq!(log_in_by_json(server, password).await, 429);
}

#[rstest]
#[tokio::test]
async fn a_rehashed_password_keeps_browsers_known(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let before = start(&database, "4");
    let desk = Browser::new(&before);
    desk.sign_up(ADA, GOOD).await;
    let phone = Browser::new(&before);
    assert_eq!(Browser::location(&phone.log_in(ADA, GOOD).await), "/account");

    let server = start(&database, "5");
    let (desk, phone) = (desk.at(&server), phone.at(&server));
    let tablet = Browser::new(&server);
    assert_eq!(Browser::location(&tablet.log_in(ADA, GOOD).await), "/account");
    assert_eq!(database.count("SELECT count(*) FROM users WHERE password_hash LIKE '$2b$05$%'"), 1);
    block_unknown_clients(&server, GOOD).await;
    for browser in [&desk, &phone, &tablet] {
        assert_eq!(Browser::location(&browser.log_in(ADA, GOOD).await), "/account", "only the hash has changed");
    }

    // After a second renewal: cookies from before the first one still count.
    let server = start(&database, "6");
    let (desk, phone) = (desk.at(&server), phone.at(&server));
    assert_eq!(Browser::location(&phone.log_in(ADA, GOOD).await), "/account");
    assert_eq!(Browser::location(&desk.log_in(ADA, GOOD).await), "/account");

    let fields = [("current_password", GOOD), ("password", NEW)];
    assert_eq!(desk.post("/account/password", &fields).await.status, 303);
    assert_eq!(phone.log_in(ADA, NEW).await.status, 429, "a new password forgets all other browsers");
    assert_eq!(Browser::location(&desk.log_in(ADA, NEW).await), "/account");
}

/// As an application or an operator may do.
#[rstest]
#[tokio::test]
async fn a_password_set_by_sql_forgets_known_browsers(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let server = start(&database, "4");
    let desk = Browser::new(&server);
    desk.sign_up(ADA, GOOD).await;
    let eve = json!({"email": "eve@example.com", "password": NEW});
    assert_eq!(server.post_json("/register", &eve).await.status, 201);
    let hash = "(SELECT password_hash FROM users WHERE email = 'eve@example.com')";
    database.execute(&format!("UPDATE users SET password_hash = {hash} WHERE email = '{ADA}'"));
    block_unknown_clients(&server, NEW).await;
    assert_eq!(desk.log_in(ADA, NEW).await.status, 429);
}

#[rstest]
#[case::by_patch("PATCH", "/api/v1/users/me", json!({"current_password": GOOD, "password": NEW}), 200)]
#[case::by_json("POST", "/account/password", json!({"current_password": GOOD, "password": NEW}), 204)]
#[tokio::test]
async fn a_password_changed_by_json_keeps_its_browser_known(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] method: &str,
    #[case] path: &str,
    #[case] body: serde_json::Value,
    #[case] status: u16,
) {
    let server = start(&Arc::new(TestDatabase::new(backend)), "4");
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let cookies = ada.cookie_header();
    let headers =
        [("content-type", "application/json"), ("cookie", cookies.as_str()), ("sec-fetch-site", "same-origin")];
    let answer = server.send(method, path, &headers, body.to_string()).await;
    assert_eq!(answer.status, status, "{}", answer.text());
    for name in ["vestibule_session", "vestibule_devices"] {
        let set = answer.set_cookie(name);
        assert!(!set.is_empty(), "{name} is not renewed");
        ada.set_cookie(name, value_of(set));
    }
    assert!(ada.is_signed_in().await);
    block_unknown_clients(&server, NEW).await;
    assert_eq!(Browser::location(&ada.log_in(ADA, NEW).await), "/account");
}

fn value_of(set: &str) -> &str {
    set.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair").1
}

/// A program that changes the password with its token needs no cookie.
#[rstest]
#[tokio::test]
async fn a_program_gets_no_known_browser_cookie(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = start(&Arc::new(TestDatabase::new(backend)), "4");
    assert_eq!(server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
    let token = server.token(ADA, GOOD).await;
    let body = json!({"current_password": GOOD, "password": NEW});
    let answer: Answer = server.as_program(&token, "PATCH", "/api/v1/users/me", &body).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (200, ""));
}
