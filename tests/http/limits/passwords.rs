//! Right passwords, and wrong current passwords.

use crate::support::{ADA, Answer, BETTER, Backend, Browser, GOOD, Server};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::json;

use super::{address, limited, log_in, retry_after, stopped_clock};

/// A signed-in user changes the password.
async fn change(server: &Server, token: &str, current: &str) -> Answer {
    let body = json!({"password": BETTER, "current_password": current});
    server.as_program(token, "PATCH", "/api/v1/users/me", &body).await
}

#[rstest]
#[tokio::test]
async fn right_passwords_do_not_count(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[("RATE_LIMIT_LOGIN_PAIR", "3/hour")]);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    for _ in 0..20 {
        assert_eq!(log_in(&server, ADA, GOOD).await.status, 200);
    }
    for (password, status) in [("wrong", 401), ("wrong", 401), (GOOD, 200), ("wrong", 401), (GOOD, 429)] {
        assert_eq!(log_in(&server, ADA, password).await.status, status, "{password}");
    }
    // A missing password does not count.
    assert_eq!(log_in(&server, ADA, "").await.status, 400);
}

#[rstest]
#[tokio::test]
async fn wrong_current_passwords_count_separately_from_logins(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[("RATE_LIMIT_CURRENT_PASSWORD", "2/hour")]));
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let token = server.token(ADA, GOOD).await;
    for _ in 0..2 {
        assert_eq!(change(&server, &token, "wrong").await.status, 422);
    }
    assert_eq!(retry_after(&change(&server, &token, GOOD).await), 1800);
    assert_eq!(log_in(&server, ADA, GOOD).await.status, 200);
}

/// The account page is returned with its form.
#[rstest]
#[tokio::test]
async fn the_account_page_over_the_limit_shows_the_error(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("/account/password", "/account/delete")] path: &str,
) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[("RATE_LIMIT_CURRENT_PASSWORD", "1/hour")]));
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let wrong = [("current_password", "wrong"), ("password", BETTER), ("confirm", "on")];
    assert_eq!(ada.post("/account/password", &wrong).await.status, 400);
    let answer = ada.post(path, &wrong).await;
    assert_eq!(retry_after(&answer), 3600);
    let page = answer.page(429);
    assert!(page.text(".summary li").starts_with("That was too many tries."));
    assert!(page.has(&format!("form[action='{path}']")));
}
