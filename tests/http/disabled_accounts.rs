//! Accounts that an operator or an application disables and enables by SQL.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

#[rstest]
#[tokio::test]
async fn enabling_an_account_restores_no_sessions_or_links(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let code = mailbox.newest(ADA, 1).await.code();
    let bearer = server.token(ADA, GOOD).await;
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let reset = mailbox.newest(ADA, 2).await.token();
    let bob = Browser::new(&server);
    bob.sign_up(BOB, GOOD).await;

    server.database.execute(&format!("UPDATE users SET is_active = FALSE WHERE email = '{ADA}'"));
    assert!(!ada.is_signed_in().await);
    server.database.execute(&format!("UPDATE users SET is_active = TRUE WHERE email = '{ADA}'"));

    assert!(!ada.is_signed_in().await, "the previous session");
    assert_eq!(server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    let body = json!({"token": reset, "password": "another-horse-battery"});
    let answer = server.post_json("/reset-password", &body).await;
    assert_eq!((answer.status, &answer.json()["errors"][0]["code"]), (400, &json!("token_replaced")));

    // The password still works.
    assert_eq!(Browser::location(&ada.log_in(ADA, GOOD).await), "/account");
    assert!(ada.is_signed_in().await && bob.is_signed_in().await, "the sessions of other accounts stay");
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 400);
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    // An update without a change ends no session.
    server.database.execute("UPDATE users SET is_active = TRUE, full_name = 'Ada'");
    assert!(ada.is_signed_in().await && bob.is_signed_in().await);
}

/// Also by a role that may only write this column and read its key.
#[tokio::test]
async fn a_role_that_may_only_disable_accounts_ends_sessions() {
    let server = Server::start(Postgres);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let role = format!("application_{:016x}", rand::random::<u64>());
    server.database.execute(&format!(
        "CREATE ROLE {role}; GRANT SELECT (id), UPDATE (is_active) ON users TO {role}; SET ROLE {role}; \
         CREATE TEMPORARY TABLE sessions (user_id BIGINT); \
         UPDATE users SET is_active = FALSE WHERE id = 1; UPDATE users SET is_active = TRUE WHERE id = 1; \
         RESET ROLE; DROP TABLE pg_temp.sessions; DROP OWNED BY {role}; DROP ROLE {role}"
    ));
    assert!(!ada.is_signed_in().await);
    assert_eq!(server.database.count("SELECT count(*) FROM sessions"), 0);
}
