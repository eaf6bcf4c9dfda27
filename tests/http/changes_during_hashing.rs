//! Accounts that change during a request: after its password was compared or hashed, before anything is written.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Backend, Browser, GOOD, Held, METRICS, Mailbox, Server,
    server::{BROWSER, form},
    verifies,
};
use Backend::{Postgres, Sqlite};

const FINISHED: &str = "vestibule_hashes_total{outcome=\"finished\"}";
const ADA: &str = "ada@example.com";
const NEW: &str = "four crabs on a warm beach";
const DISABLED: &str = "UPDATE users SET is_active = FALSE";
const DELETED: &str = "DELETE FROM users";
/// As after a change of password.
const SIGNED_OUT: &str = "DELETE FROM sessions";

/// A low bcrypt cost and the configured one; the service rehashes at login if the cost is low.
const LOW_COST: u32 = 4;
const COST: u32 = 5;

fn hash(password: &str, cost: u32) -> String {
    bcrypt::non_truncating_hash_with_result(password, cost).expect("a hash").to_string()
}

fn password_set(password: &str, cost: u32) -> String {
    format!("UPDATE users SET password_hash = '{}'", hash(password, cost))
}

fn server(backend: Backend, mailbox: &Mailbox) -> Server {
    Server::mailing(backend, mailbox, &[METRICS, ("BCRYPT_COST", "5")])
}

async fn sign_up(server: &Server) {
    assert_eq!(server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
}

/// The response to a request during which `sql` is executed, once the service has hashed or compared `passwords`
/// passwords for it and before it can write.
async fn meanwhile(server: &Server, request: impl Future<Output = Answer>, passwords: u32, sql: &str) -> Answer {
    let before = server.metrics().await.value(FINISHED).expect("a number");
    let mut held = Held::accounts(&server.database);
    let change = async {
        server.metrics_with(FINISHED, before + f64::from(passwords)).await;
        held.execute(sql);
        held.release();
    };
    let (answer, ()) = tokio::join!(request, change);
    answer
}

#[derive(Debug, Clone, Copy)]
enum LogIn {
    Json,
    Form,
    OAuth,
}

impl LogIn {
    async fn with(self, server: &Server, password: &str) -> Answer {
        let origin = server.url("");
        let posted = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", if matches!(self, Self::Form) { BROWSER } else { "application/json" }),
            ("origin", origin.as_str()),
        ];
        match self {
            Self::Json => server.post_json("/login", &json!({"identifier": ADA, "password": password})).await,
            Self::Form => {
                let fields = form(&[("identifier", ADA), ("password", password)]);
                server.send("POST", "/login", &posted, fields).await
            }
            Self::OAuth => {
                let fields = form(&[("username", ADA), ("password", password)]);
                server.send("POST", "/api/v1/login/access-token", &posted, fields).await
            }
        }
    }

    fn refusal(self) -> u16 {
        match self {
            Self::Json => 401,
            Self::Form => 403,
            Self::OAuth => 400,
        }
    }
}

fn stored(server: &Server) -> String {
    server.database.texts("SELECT password_hash AS t FROM users").remove(0)
}

fn sessions(server: &Server) -> i64 {
    server.database.count("SELECT count(*) FROM sessions")
}

fn refused_logins(server: &Server) -> i64 {
    server.database.count("SELECT count(*) FROM audit_log WHERE event = 'login' AND NOT succeeded")
}

/// With a stored hash of the configured cost, or of a lower one, which is rehashed first.
#[rstest]
#[tokio::test]
async fn a_login_is_refused_if_the_password_changes_meanwhile(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(LogIn::Json, LogIn::Form, LogIn::OAuth)] log_in: LogIn,
    #[values(COST, LOW_COST)] cost: u32,
) {
    let mailbox = Mailbox::open();
    let server = server(backend, &mailbox);
    sign_up(&server).await;
    server.database.execute(&password_set(GOOD, cost));
    let change = format!("{}; {SIGNED_OUT}", password_set(NEW, COST));
    let passwords = if cost < COST { 2 } else { 1 };
    let answer = meanwhile(&server, log_in.with(&server, GOOD), passwords, &change).await;
    assert_eq!((answer.status, answer.set_cookie("vestibule_session")), (log_in.refusal(), ""), "{}", answer.text());
    assert_eq!((sessions(&server), refused_logins(&server)), (0, 1));
    assert!(verifies(NEW, &stored(&server)).await, "the old password was restored");
    assert_eq!(log_in.with(&server, GOOD).await.status, log_in.refusal());
    assert!(log_in.with(&server, NEW).await.status < 400);
}

#[rstest]
#[tokio::test]
async fn a_login_to_an_account_disabled_or_deleted_meanwhile_is_refused(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(DISABLED, DELETED)] end: &str,
    #[values(COST, LOW_COST)] cost: u32,
) {
    let mailbox = Mailbox::open();
    let server = server(backend, &mailbox);
    sign_up(&server).await;
    server.database.execute(&password_set(GOOD, cost));
    let passwords = if cost < COST { 2 } else { 1 };
    let answer = meanwhile(&server, LogIn::Json.with(&server, GOOD), passwords, end).await;
    answer.assert_json(401, &json!({"detail": "Incorrect email or password"}));
    assert_eq!((sessions(&server), refused_logins(&server)), (0, 1));
}

/// Another login may rehash the same password.
#[rstest]
#[tokio::test]
async fn a_login_succeeds_if_another_login_rehashes_meanwhile(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(COST, LOW_COST)] cost: u32,
) {
    let mailbox = Mailbox::open();
    let server = server(backend, &mailbox);
    sign_up(&server).await;
    server.database.execute(&password_set(GOOD, cost));
    let rehashed = hash(GOOD, COST);
    let change = format!("UPDATE users SET password_hash = '{rehashed}'");
    let passwords = if cost < COST { 2 } else { 1 };
    let answer = meanwhile(&server, LogIn::Json.with(&server, GOOD), passwords, &change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((stored(&server), sessions(&server), refused_logins(&server)), (rehashed, 1, 0));
}

async fn reset_link(server: &Server, mailbox: &Mailbox) -> String {
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    mailbox.newest(ADA, 2).await.token()
}

async fn reset(server: &Server, token: &str) -> Answer {
    server.post_json("/reset-password", &json!({"token": token, "password": NEW})).await
}

#[track_caller]
fn code(answer: &Answer) -> (u16, String) {
    let body = if answer.body.is_empty() { Value::Null } else { answer.json() };
    (answer.status, body["errors"][0]["code"].as_str().unwrap_or_default().to_owned())
}

/// Disabled, deleted, or with another address, before the link is used or while its password is hashed.
#[rstest]
#[tokio::test]
async fn a_reset_link_is_refused_if_the_account_has_changed(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(DISABLED, DELETED, "UPDATE users SET email = 'king@example.com'")] change: &str,
    #[values(false, true)] is_under_way: bool,
    #[values(false, true)] is_verified: bool,
) {
    let mailbox = Mailbox::open();
    let server = server(backend, &mailbox);
    sign_up(&server).await;
    mailbox.wait_for(ADA, 1).await;
    server.database.execute(&format!("UPDATE users SET is_verified = {is_verified}"));
    let token = reset_link(&server, &mailbox).await;
    let answer = if is_under_way {
        meanwhile(&server, reset(&server, &token), 1, change).await
    } else {
        server.database.execute(change);
        reset(&server, &token).await
    };
    // The links of an account are deleted with it.
    let expected = match change {
        DELETED if !is_under_way => "token_expired",
        // A trigger invalidates the links of a disabled account.
        DISABLED if is_under_way => "token_used",
        _ => "token_replaced",
    };
    assert_eq!(code(&answer), (400, expected.to_owned()), "{}", answer.text());
    assert_eq!(sessions(&server), 0);
    let done = server.database.count("SELECT count(*) FROM audit_log WHERE event = 'password_reset' AND succeeded");
    assert_eq!(done, 0);
    if change != DELETED {
        assert!(verifies(GOOD, &stored(&server)).await, "the password was replaced");
    }
    let active = server.database.count("SELECT count(*) FROM users WHERE is_active");
    assert_eq!(active, i64::from(change != DISABLED && change != DELETED), "the account was enabled");
    assert_eq!(LogIn::Json.with(&server, NEW).await.status, 401);
}

/// Changes by a session whose account is disabled meanwhile.
#[rstest]
#[case::another_password("PATCH", json!({"password": NEW, "current_password": GOOD}), 2)]
#[case::another_address("PATCH", json!({"email": "king@example.com", "current_password": GOOD}), 1)]
#[case::deletion("DELETE", json!({"current_password": GOOD}), 1)]
#[tokio::test]
async fn an_account_disabled_meanwhile_is_not_changed(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(false, true)] is_program: bool,
    #[case] method: &str,
    #[case] body: Value,
    #[case] passwords: u32,
) {
    let mailbox = Mailbox::open();
    let server = server(backend, &mailbox);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    mailbox.wait_for(ADA, 1).await;
    let cookie = ada.cookie_header();
    let bearer = if is_program { format!("Bearer {}", server.token(ADA, GOOD).await) } else { String::new() };
    let held_by = if is_program { ("authorization", bearer.as_str()) } else { ("cookie", cookie.as_str()) };
    let old = stored(&server);
    let headers = [("content-type", "application/json"), held_by];
    let request = server.send(method, "/api/v1/users/me", &headers, body.to_string());
    let answer = meanwhile(&server, request, passwords, DISABLED).await;
    answer.assert_json(401, &json!({"detail": "Not authenticated"}));
    assert_eq!((sessions(&server), stored(&server)), (0, old));
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE NOT is_active"), 1);
    let done = "SELECT count(*) FROM audit_log WHERE event IN ('password_changed', 'email_change_requested', 'account_deleted')";
    assert_eq!(server.database.count(done), 0);
    assert_eq!(server.database.count("SELECT count(*) FROM outbox"), 1, "only the mail of the sign-up");
}
