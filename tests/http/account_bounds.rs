//! Bounds for each account: lines of the audit log, sessions, length of the user agent.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Backend, Browser, GOOD, Server, eventually, server::BROWSER};
use Backend::{Postgres, Sqlite};

/// Numbers from `max` down to 1.
fn count_down(max: usize) -> String {
    format!("WITH RECURSIVE n (n) AS (SELECT {max} UNION ALL SELECT n - 1 FROM n WHERE n > 1)")
}

/// SQL for the time this many seconds from now.
fn seconds_from_now(backend: Backend, seconds: &str) -> String {
    match backend {
        Sqlite => format!("strftime('%Y-%m-%d %H:%M:%S', 'now', ({seconds}) || ' seconds')"),
        Postgres => format!("(now() AT TIME ZONE 'utc') + ({seconds}) * interval '1 second'"),
    }
}

fn add_lines(server: &Server, user_id: i64, kind: &str, lines: usize) {
    server.database.execute(&format!(
        "INSERT INTO audit_log (user_id, event, succeeded, peer, at) {} SELECT {user_id}, {kind}, CAST(n AS TEXT), {} FROM n",
        count_down(lines),
        seconds_from_now(server.database.backend, "-60 - n"),
    ));
}

fn add_sessions(server: &Server, kind: &str, sessions: usize) {
    let bytes = match server.database.backend {
        Sqlite => format!("CAST('{kind}' || n AS BLOB)"),
        Postgres => format!("('{kind}' || n)::bytea"),
    };
    server.database.execute(&format!(
        "INSERT INTO sessions (token_hash, kind, user_id, peer, created_at, last_seen_at, expires_at) {} \
         SELECT {bytes}, '{kind}', 1, CAST(n AS TEXT), {used}, {used}, {expires} FROM n",
        count_down(sessions),
        used = seconds_from_now(server.database.backend, "-60 - n"),
        expires = seconds_from_now(server.database.backend, "86400"),
    ));
}

/// Lines of one kind do not displace lines of another kind or account.
#[rstest]
#[tokio::test]
async fn the_newest_audit_lines_of_each_kind_are_stored(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for email in [ADA, "grace@example.com"] {
        server.sign_up(email).await;
    }
    let kinds = [("'login', TRUE", 730), ("'login', FALSE", 640), ("'password_changed', TRUE", 3)];
    for (kind, lines) in kinds {
        add_lines(&server, 1, kind, lines);
        add_lines(&server, 2, kind, lines);
    }
    let count = |user: i64, kind: &str| {
        let condition = format!("user_id = {user} AND (event, succeeded) = ({kind})");
        server.database.count(&format!("SELECT count(*) FROM audit_log WHERE {condition}"))
    };
    server.token(ADA, GOOD).await;
    eventually("successful logins are bounded", async || (count(1, "'login', TRUE") == 500).then_some(())).await;
    assert_eq!([count(1, "'login', FALSE"), count(1, "'password_changed', TRUE")], [640, 3]);
    // The newest remain: the line of the login, and 499 earlier ones.
    let remaining = "user_id = 1 AND event = 'login' AND succeeded";
    let oldest = format!("SELECT max(CAST(peer AS BIGINT)) FROM audit_log WHERE {remaining} AND peer <> '127.0.0.1'");
    assert_eq!(server.database.count(&oldest), 499);
    let wrong = json!({"identifier": ADA, "password": "not the password"});
    assert_eq!(server.post_json("/login", &wrong).await.status, 401);
    eventually("failed logins are bounded", async || (count(1, "'login', FALSE") == 500).then_some(())).await;
    assert_eq!(count(1, "'login', TRUE"), 500);
    assert_eq!(kinds.map(|(kind, _)| count(2, kind)), [730, 640, 3]);
}

/// Of each kind, so that many logins of programs end no browser session.
#[rstest]
#[tokio::test]
async fn sessions_of_each_kind_are_limited(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    server.sign_up(ADA).await;
    add_sessions(&server, "token", 130);
    add_sessions(&server, "browser", 100);
    let count = |kind: &str| server.database.count(&format!("SELECT count(*) FROM sessions WHERE kind = '{kind}'"));
    let oldest = |kind: &str| {
        server.database.count(&format!(
            "SELECT max(CAST(peer AS BIGINT)) FROM sessions WHERE kind = '{kind}' AND peer <> '127.0.0.1'"
        ))
    };
    let token = server.token(ADA, GOOD).await;
    assert_eq!([count("token"), count("browser")], [100, 100]);
    assert_eq!([oldest("token"), oldest("browser")], [99, 100], "the most recently used remain");
    let sessions = server.as_program(&token, "GET", "/api/v1/users/me/sessions", &Value::Null).await.json();
    assert_eq!(sessions.as_array().expect("a list").len(), 200, "all are listed");
    let ada = Browser::new(&server);
    assert_eq!(Browser::location(&ada.log_in(ADA, GOOD).await), "/account");
    assert_eq!([count("token"), count("browser")], [100, 100]);
    assert_eq!([oldest("token"), oldest("browser")], [99, 99]);
    assert_eq!(server.as_program(&token, "GET", "/api/v1/users/me", &Value::Null).await.status, 200);
    assert!(ada.is_signed_in().await);
}

/// In characters, not bytes.
#[rstest]
#[tokio::test]
async fn long_user_agents_are_truncated(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    server.sign_up(ADA).await;
    let long = "\u{1f980}".repeat(3000);
    let headers = [("content-type", "application/json"), ("accept", BROWSER), ("user-agent", long.as_str())];
    let body = json!({"identifier": ADA, "password": GOOD}).to_string();
    assert_eq!(server.send("POST", "/login", &headers, body).await.status, 200);
    for table in ["sessions", "audit_log"] {
        let stored = server.database.texts(&format!("SELECT max(user_agent) AS t FROM {table}"));
        assert_eq!(stored, ["\u{1f980}".repeat(256)], "{table}");
    }
}
