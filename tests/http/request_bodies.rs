//! Request bodies: parsing, and ignored members.

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, GOOD, Server, server::form};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn unreadable_json_bodies_are_malformed(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let deep = format!("{{\"email\":{}", "[".repeat(10_000));
    let bodies: [&[u8]; 14] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"text\"",
        b"{\"email\":1,\"username\":1,\"password\":\"correct-horse-battery\"}",
        b"{\"email\":[\"a@example.com\",\"b@example.com\"],\"username\":[\"a\"],\"password\":\"correct-horse-battery\"}",
        b"{\"email\":\"a@example.com\",\"password\":true}",
        b"{\"email\":\"a@example.com\",\"email\":\"b@example.com\",\"password\":\"correct-horse-battery\"}",
        b"{\"email\":\"a@example.com\",\"password\":\"correct-horse-battery\",\"x\":1,\"x\":2}",
        b"{\"email\":\"\\ud800@example.com\",\"password\":\"correct-horse-battery\"}",
        b"{\"email\":\"\xff@example.com\",\"password\":\"correct-horse-battery\"}",
        b"{\"email\":\"a@example.com\",\"password\":\"correct-horse-battery\"} trailing",
        deep.as_bytes(),
    ];
    for body in bodies {
        for (path, status) in
            [("/register", 400), ("/users", 400), ("/api/v1/users/register", 422), ("/api/v1/private/users/", 422)]
        {
            let answer = server.send("POST", path, &[("content-type", "application/json")], body.to_vec()).await;
            assert_eq!(
                answer.status,
                status,
                "{path} {}: {}",
                String::from_utf8_lossy(&body[..body.len().min(80)]),
                answer.text()
            );
            let body = answer.json();
            let detail = if status == 422 { &body["detail"][0]["msg"] } else { &body["detail"] };
            let detail = detail.as_str().expect("a text");
            assert!(
                detail.starts_with("The body") || detail.starts_with("The member") || detail.starts_with("A member"),
                "{detail}"
            );
            assert!(!detail.contains("serde"), "{detail}");
            assert!(!detail.contains("expected"), "{detail}");
            if status == 422 {
                assert_eq!(body["detail"][0]["loc"], json!(["body"]));
            }
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
}

#[rstest]
#[tokio::test]
async fn unknown_members_are_ignored(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let extended = json!({
        "email": "a@example.com", "password": GOOD, "id": 77, "is_active": false, "is_verified": true, "is_admin": true,
        "password_hash": "$2b$12$x", "created_at": "1999-01-01T00:00:00Z", "updated_at": null, "username": "root", "username_key": "x",
    });
    let answer = server.post_json("/register", &extended).await;
    answer.assert_json(201, &json!({"id": 1, "email": "a@example.com"}));
    // Whatever the types of the ignored members.
    for (path, body) in [
        ("/users", json!({"username": "ann", "password": GOOD, "email": 1, "is_verified": [], "id": {}})),
        ("/register", json!({"email": "c@example.com", "password": GOOD, "username": {"$ne": null}, "x": [[1]]})),
        (
            "/api/v1/users/register",
            json!({"email": "d@example.com", "password": GOOD, "username": 5, "is_verified": "yes"}),
        ),
    ] {
        let answer = server.post_json(path, &body).await;
        assert_eq!(answer.status, 201, "{path} {}", answer.text());
    }
    let rows = "SELECT count(*) FROM users WHERE id = 1 AND is_active AND NOT is_verified AND username IS NULL \
                AND username_key IS NULL AND created_at > '2026-01-01' AND password_hash LIKE '$2b$04$%' AND length(password_hash) = 60";
    assert_eq!(server.database.count(rows), 1);

    let fields = [("email", "b@example.com"), ("password", GOOD), ("is_verified", "true"), ("id", "99")];
    assert_eq!(server.post_form(&fields).await.status, 303);
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified OR id > 5"), 0);
}

#[rstest]
#[tokio::test]
async fn content_type_selects_the_parser_and_accept_the_response_format(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let json_accept = ("accept", "application/json");

    let body = form(&[("email", "a@example.com"), ("password", GOOD)]);
    let answer = server.send("POST", "/register", &[form_type, json_accept], body.clone()).await;
    answer.assert_json(201, &json!({"id": 1, "email": "a@example.com"}));
    let answer = server.send("POST", "/register", &[form_type, json_accept], body).await;
    answer.assert_json(400, &json!({"detail": "Email already registered"}));

    let body = json!({"email": "b@example.com", "password": GOOD}).to_string();
    for content_type in ["application/json;charset=UTF-8", "Application/JSON", "application/json ; charset=\"utf-8\""] {
        let answer = server
            .send("POST", "/register", &[("content-type", content_type), ("accept", "text/html")], body.clone())
            .await;
        assert!([201, 400].contains(&answer.status));
        assert_eq!(answer.header("content-type"), "application/json");
    }

    for (path, content_type) in [
        ("/register", ""),
        ("/register", "text/plain"),
        ("/register", "multipart/form-data; boundary=x"),
        ("/register", "application/json; charset=latin1"),
        ("/register", "application/x-www-form-urlencoded; charset=utf-16"),
        ("/register", "application/problem+json"),
        ("/users", "application/x-www-form-urlencoded"),
        ("/api/v1/users/register", "text/plain"),
        ("/api/v1/private/users/", "application/x-www-form-urlencoded"),
    ] {
        let headers: &[(&str, &str)] =
            if content_type.is_empty() { &[json_accept] } else { &[json_accept, ("content-type", content_type)] };
        let answer = server.send("POST", path, headers, "{}").await;
        answer.assert_json(415, &json!({"detail": "Send application/json, or where there is a form application/x-www-form-urlencoded, in UTF-8."}));
    }
    let answer = server
        .send("POST", "/users", &[("content-type", "application/json"), ("content-encoding", "gzip")], "{}")
        .await;
    assert_eq!(answer.status, 415);
}
