//! sqlmap against every field of every endpoint, with the database system named to it.

use std::process::Command;

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, Browser, Mailbox, PYTHON, Server};
use Backend::{Postgres, Sqlite};

const ADDRESS: &str = "sqlmap@example.com";
const PASSWORD: &str = "a quiet night in November";

/// Method, path and body. `*` marks an injection point outside the body.
const ENDPOINTS: &[(&str, &str, &str)] = &[
    ("POST", "/register", r#"{"email":"a@example.com","password":"short","full_name":"Ada"}"#),
    ("POST", "/users", r#"{"username":"ada","password":"short","full_name":"Ada"}"#),
    ("POST", "/api/v1/users/register", r#"{"email":"a@example.com","password":"short"}"#),
    ("POST", "/api/v1/private/users/", r#"{"email":"a@example.com","password":"","full_name":"Ada"}"#),
    ("POST", "/login", r#"{"identifier":"sqlmap@example.com","password":"wrong","next":"/account"}"#),
    ("POST", "/login?next=/account&lang=de", "identifier=sqlmap%40example.com&password=wrong&next=/"),
    ("POST", "/api/v1/login/access-token", "username=sqlmap%40example.com&password=wrong"),
    ("POST", "/forgot-password", "email=sqlmap%40example.com"),
    ("POST", "/reset-password", r#"{"token":"a","password":"short"}"#),
    ("POST", "/verify-email", r#"{"token":"a","code":"123456","email":"sqlmap@example.com","password":"wrong"}"#),
    ("POST", "/verify-email/resend", "email=sqlmap%40example.com"),
    ("GET", "/reset-password?token=a&lang=de", ""),
    ("GET", "/verify-email?token=a", ""),
    ("PATCH", "/api/v1/users/me", r#"{"full_name":"Ada","email":"b@example.com","current_password":"wrong"}"#),
    ("DELETE", "/api/v1/users/me", r#"{"current_password":"wrong"}"#),
    ("DELETE", "/api/v1/users/me/sessions/9000000*", ""),
    ("POST", "/account/profile", "full_name=Ada"),
    ("POST", "/account/email", "email=b%40example.com&current_password=wrong"),
    ("POST", "/account/sessions/revoke", "id=9000000"),
];

#[rstest]
#[tokio::test]
#[ignore = "takes some minutes: ./scripts/test full"]
async fn sqlmap_finds_nothing(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let settings = [("HASH_QUEUE_SECONDS", "60"), ("RATE_LIMITS", "off")];
    let server = Server::mailing(backend, &mailbox, &settings);
    let browser = Browser::new(&server);
    browser.sign_up(ADDRESS, PASSWORD).await;
    let session = browser.cookie_header();
    let authorization = format!("Authorization: Bearer {}", server.token(ADDRESS, PASSWORD).await);
    let output = tempfile::tempdir().expect("a folder");
    for (method, path, body) in ENDPOINTS {
        let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let mut command = Command::new(PYTHON.with_file_name("sqlmap"));
        command
            .args(["--batch", "--level", "3", "--risk", "2", "--threads", "2", "--flush-session", "--disable-coloring"])
            .args(["--dbms", if backend == Sqlite { "SQLite" } else { "PostgreSQL" }, "--method", method])
            .args(["--url", &server.url(path), "--output-dir", output.path().to_str().expect("a path")])
            // Error statuses are expected. The level includes cookies, so the session is tested too.
            .args(["--ignore-code", "*", "--drop-set-cookie", "--cookie", &session])
            .args(["--headers", &format!("Content-Type: {kind}\nAccept: application/json\n{authorization}")]);
        if !body.is_empty() {
            command.args(["--data", body]);
        }
        let outcome = tokio::task::spawn_blocking(move || command.output().expect("sqlmap")).await.expect("an outcome");
        let report = String::from_utf8_lossy(&outcome.stdout);
        assert!(report.contains("do not appear to be injectable"), "{method} {path}: {report}");
        assert!(!report.contains("identified the following injection point"), "{method} {path}: {report}");
    }
    let log = server.log();
    println!("{backend:?}: {} requests to {} endpoints", log.matches("answered").count(), ENDPOINTS.len());
    assert!(!log.contains(" ERROR "), "an internal error");
    assert!(!log.contains("status=5"), "an internal error");
    assert_eq!(server.database.count(&format!("SELECT count(*) FROM users WHERE email = '{ADDRESS}'")), 1);
    let login = server.post_json("/login", &json!({"identifier": ADDRESS, "password": PASSWORD})).await;
    assert_eq!(login.status, 200);
}
