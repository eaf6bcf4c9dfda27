//! Expiry of unverified accounts, where a login needs a verified address.

use std::sync::Arc;

use crate::support::{ADA, Backend, FakeClock, Mailbox, Server, TestDatabase, eventually};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::json;

use super::ownership::{OWNERS, log_in};

#[rstest]
#[tokio::test]
async fn unverified_accounts_expire_where_verification_is_required(#[values(Sqlite, Postgres)] backend: Backend) {
    const DAY: i64 = 24 * 3600;
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let mut all = clock.with(&[("SMTP_URL", &url)]);
    let open = Server::start_on(Arc::clone(&database), &all);
    let body = |email: &str| json!({"email": email, "password": OWNERS});
    assert_eq!(open.post_json("/register", &body("before@example.com")).await.status, 201);
    open.mails_are_settled().await;
    open.kill();

    all.push(("REQUIRE_VERIFIED_EMAIL", "on"));
    let strict = Server::start_on(Arc::clone(&database), &all);
    for email in ["never@example.com", "soon@example.com"] {
        assert_eq!(strict.post_json("/register", &body(email)).await.status, 201);
    }
    let token = mailbox.newest("soon@example.com", 1).await.token();
    assert_eq!(strict.post_json("/verify-email", &json!({"token": token, "password": OWNERS})).await.status, 204);
    strict.mails_are_settled().await;
    strict.kill();

    let emails = "SELECT email AS t FROM users ORDER BY email";
    for (days, remaining) in [
        (6, &["before@example.com", "never@example.com", "soon@example.com"][..]),
        // One made while verification was not required stays.
        (8, &["before@example.com", "soon@example.com"][..]),
    ] {
        let server = Server::start_on(Arc::clone(&database), &all);
        assert_eq!(server.post_json("/register", &body("sentinel@example.com")).await.status, 201);
        // Maintenance skips an account whose mail is in progress.
        server.mails_are_settled().await;
        server.kill();
        database.execute("UPDATE users SET proof_due = '2020-01-01 00:00:00' WHERE email = 'sentinel@example.com'");
        clock.set(days * DAY);
        let server = Server::start_on(Arc::clone(&database), &all);
        // Maintenance runs at the start, and deletes the overdue sentinel with all other expired accounts.
        eventually("expired accounts are deleted", async || {
            let sentinels = "SELECT count(*) FROM users WHERE email = 'sentinel@example.com'";
            (database.count(sentinels) == 0).then_some(())
        })
        .await;
        assert_eq!(database.texts(emails), remaining, "after {days} days");
        server.kill();
    }
    let server = Server::start_on(Arc::clone(&database), &all);
    assert_eq!(server.post_json("/register", &body("never@example.com")).await.status, 201);
    assert_eq!(database.count("SELECT count(*) FROM audit_log WHERE event = 'account_expired'"), 3);
}

/// An account used while verification is not required is not deleted once it is.
#[rstest]
#[tokio::test]
async fn an_account_in_use_does_not_expire(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let database = Arc::new(TestDatabase::new(backend));
    let url = mailbox.url();
    let strict = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::start_on(Arc::clone(&database), &strict);
    for email in [ADA, "idle@example.com"] {
        assert_eq!(server.post_json("/register", &json!({"email": email, "password": OWNERS})).await.status, 201);
    }
    server.mails_are_settled().await;
    server.kill();
    let server = Server::start_on(Arc::clone(&database), &strict[..1]);
    assert_eq!(log_in(&server, OWNERS).await, 200);
    server.kill();
    database.execute("UPDATE users SET proof_due = '2020-01-01 00:00:00' WHERE proof_due IS NOT NULL");
    let _server = Server::start_on(Arc::clone(&database), &strict);
    eventually("the idle account is deleted", async || {
        (database.count("SELECT count(*) FROM users WHERE email = 'idle@example.com'") == 0).then_some(())
    })
    .await;
    assert_eq!(database.texts("SELECT email AS t FROM users"), [ADA]);
}
