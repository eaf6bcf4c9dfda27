//! An account that an operator or an application disables by SQL, and enables again: it begins anew.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

#[rstest]
#[tokio::test]
async fn enabling_revives_no_session_and_no_link(#[values(Sqlite, Postgres)] backend: Backend) {
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

    assert!(!ada.is_signed_in().await, "the session of before");
    assert_eq!(server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    let body = json!({"token": reset, "password": "another-horse-battery"});
    let answer = server.post_json("/reset-password", &body).await;
    assert_eq!((answer.status, &answer.json()["errors"][0]["code"]), (400, &json!("token_replaced")));

    // It is as good as before, for whoever has the password.
    assert_eq!(Browser::location(&ada.log_in(ADA, GOOD).await), "/account");
    assert!(ada.is_signed_in().await && bob.is_signed_in().await, "and nobody else's");
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 400);
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    // What changes nothing ends nothing.
    server.database.execute("UPDATE users SET is_active = TRUE, full_name = 'Ada'");
    assert!(ada.is_signed_in().await && bob.is_signed_in().await);
}

/// Also by an application that may write this column and read its key, and nothing else.
#[tokio::test]
async fn who_may_only_disable_ends_the_sessions_too() {
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
