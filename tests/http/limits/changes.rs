//! Changes of an account by its signed-in user.

use crate::support::{ADA, Answer, BETTER, Backend, Browser, GOOD, Server};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::{Value, json};

use super::{address, limited, retry_after, stopped_clock};

async fn change(server: &Server, token: &str, body: &Value) -> Answer {
    server.as_program(token, "PATCH", "/api/v1/users/me", body).await
}

#[rstest]
#[tokio::test]
async fn changes_of_an_account_are_limited_per_hour(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[]));
    for email in [ADA, "grace@example.com"] {
        assert_eq!(server.post_json("/register", &address(email)).await.status, 201);
    }
    let [ada, grace] = [server.token(ADA, GOOD).await, server.token("grace@example.com", GOOD).await];
    for number in 0..60 {
        let body = json!({"full_name": format!("Ada {number}")});
        assert_eq!(change(&server, &ada, &body).await.status, 200, "{number}");
    }
    let refused = change(&server, &ada, &json!({"full_name": "Ada King"})).await;
    assert_eq!(retry_after(&refused), 60);
    let account = server.as_program(&ada, "GET", "/api/v1/users/me", &Value::Null).await;
    assert_eq!((account.status, &account.json()["full_name"]), (200, &json!("Ada 59")));
    let lines = "SELECT count(*) FROM audit_log WHERE event = 'profile_changed'";
    assert_eq!(server.database.count(lines), 60);
    assert_eq!(change(&server, &grace, &json!({"full_name": "Grace Hopper"})).await.status, 200);
    clock.stand_still(60);
    assert_eq!(change(&server, &ada, &json!({"full_name": "Ada King"})).await.status, 200);
    assert_eq!(change(&server, &ada, &json!({"full_name": "Ada Lovelace"})).await.status, 429);
}

/// Changes of passwords and of names are counted separately.
#[rstest]
#[tokio::test]
async fn requests_without_a_change_do_not_count(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[("RATE_LIMIT_CHANGE", "2/hour")]));
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let token = server.token(ADA, GOOD).await;
    let password = |current: &str| json!({"password": BETTER, "current_password": current});
    for (body, status) in [
        (json!({}), 200),
        (json!({"full_name": "A"}), 422),
        (json!({"password": "short", "current_password": GOOD}), 422),
        (password("not the password"), 422),
        (json!({"email": "king@example.com", "current_password": GOOD}), 501),
        (json!({"full_name": "Ada King"}), 200),
        (json!({"full_name": "Ada Byron"}), 200),
        (json!({"full_name": "Ada Lovelace"}), 429),
        // A client with only a session cannot block a change of password.
        (password(GOOD), 200),
        (json!({"password": GOOD, "current_password": BETTER}), 200),
        (password(GOOD), 429),
        (json!({}), 200),
    ] {
        assert_eq!(change(&server, &token, &body).await.status, status, "{body}");
    }
}

#[rstest]
#[tokio::test]
async fn the_account_page_over_the_limit_keeps_submitted_values(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[("RATE_LIMIT_CHANGE", "1/hour")]));
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    assert_eq!(Browser::location(&ada.post("/account/profile", &[("full_name", "Ada King")]).await), "/account");
    let refused = ada.post("/account/profile", &[("full_name", "Ada Lovelace")]).await;
    assert_eq!(retry_after(&refused), 3600);
    let page = refused.page(429);
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("Ada Lovelace"));
    assert!(page.text(".summary li").contains("too many tries") || page.text(".summary li").starts_with("Too many"));
}
