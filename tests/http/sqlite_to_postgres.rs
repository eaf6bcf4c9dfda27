//! Moving an installation from SQLite to PostgreSQL as docs/operations.md describes.

use std::{
    process::{Command, Stdio},
    sync::Arc,
};

use serde_json::json;
use url::Url;

use crate::support::{Backend, GOOD, Server, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_moves_from_sqlite_to_postgres() {
    let old = Arc::new(TestDatabase::new(Backend::Sqlite));
    let server = Server::start_on(Arc::clone(&old), &[]);
    // Names that look like terminators, NULL and escapes of the export formats.
    let names = [r"\N", r"\.", "O'Brien \"Bob\" \\t", "Łukasz, 山田"];
    for (number, name) in names.iter().enumerate() {
        let body = json!({"email": format!("p{number}@example.com"), "password": GOOD, "full_name": name});
        assert_eq!(server.post_json("/register", &body).await.status, 201, "{name}");
    }
    let token = server.token("p1@example.com", GOOD).await;
    let deleted = server.as_program(&token, "DELETE", "/api/v1/users/me", &json!({"current_password": GOOD})).await;
    assert_eq!(deleted.status, 204);
    let token = server.token("p2@example.com", GOOD).await;
    server.kill();

    let new = Arc::new(TestDatabase::new(Backend::Postgres));
    assert_eq!(run(&old, &new).0, Some(1), "a target without tables is refused");
    Server::start_on(Arc::clone(&new), &[]).kill();
    let (code, output) = run(&old, &new);
    assert_eq!((code, output.contains("users: 3")), (Some(0), true), "{output}");
    for table in ["users", "sessions", "audit_log", "outbox", "installation_secrets"] {
        let rows = [&old, &new].map(|database| database.count(&format!("SELECT count(*) FROM {table}")));
        assert_eq!(rows[0], rows[1], "{table}");
    }
    let full_names = "SELECT full_name AS t FROM users ORDER BY id";
    assert_eq!(new.texts(full_names), old.texts(full_names));
    assert_eq!(run(&old, &new).0, Some(1), "a target with accounts is refused");

    let server = Server::start_on(new, &[]);
    let me = server.as_program(&token, "GET", "/api/v1/users/me", &json!(null)).await;
    assert_eq!((me.status, &me.json()["full_name"]), (200, &json!(names[2])), "the old token stays valid");
    server.token("p3@example.com", GOOD).await;
    let next = server.post_json("/register", &json!({"email": "next@example.com", "password": GOOD})).await;
    next.assert_json(201, &json!({"id": 5, "email": "next@example.com"}));
}

fn run(old: &TestDatabase, new: &TestDatabase) -> (Option<i32>, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/sqlite-to-postgres");
    let url = Url::parse(&new.url).expect("a URL");
    let output = Command::new(script)
        .stderr(Stdio::inherit())
        .arg(old.url.strip_prefix("sqlite://").expect("a file"))
        .env("PGHOST", url.host_str().expect("a host"))
        .env("PGPORT", url.port().expect("a port").to_string())
        .env("PGUSER", url.username())
        .env("PGPASSWORD", url.password().unwrap_or_default())
        .env("PGDATABASE", url.path().trim_start_matches('/'))
        .output()
        .expect(script);
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}
