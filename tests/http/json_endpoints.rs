//! The JSON endpoints: exact responses.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, GOOD, Server};
use Backend::{Postgres, Sqlite};

fn error(field: &str, code: &str, message: &str) -> Value {
    json!({"field": field, "code": code, "message": message})
}

/// The error codes of a response, in either format.
fn codes(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let list = body["errors"].as_array().or_else(|| body["detail"].as_array()).cloned().unwrap_or_default();
    list.iter()
        .map(|error| error["code"].as_str().or_else(|| error["type"].as_str()).expect("a code").to_owned())
        .collect()
}

/// Also of its host: attackers try both first.
#[rstest]
#[tokio::test]
async fn a_password_made_of_the_service_name_is_common(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [("BRAND_NAME", "Harbour Lights"), ("PUBLIC_URL", "https://accounts.example.com")];
    let server = Server::start_with(backend, &settings);
    for password in ["harbour lights", "Harbour Lights 1!", "accounts.example.com"] {
        let answer = server.post_json("/register", &json!({"email": "ada@example.org", "password": password})).await;
        assert_eq!(
            (answer.status, answer.json()["errors"][0]["code"].as_str()),
            (400, Some("password_common")),
            "{password}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn register_responses_are_exact(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let alice = json!({"email": "alice@example.com", "password": GOOD});
    server.post_json("/register", &alice).await.assert_json(201, &json!({"id": 1, "email": "alice@example.com"}));
    server.post_json("/register", &alice).await.assert_json(400, &json!({"detail": "Email already registered"}));

    // Nine characters; the policy requires twelve.
    let message = "Password must be 12 characters or more.";
    server
        .post_json("/register", &json!({"email": "bob@example.com", "password": "secret123"}))
        .await
        .assert_json(400, &json!({"detail": message, "errors": [error("password", "password_too_short", message)]}));
    assert_eq!(server.database.texts("SELECT email AS t FROM users"), ["alice@example.com"]);
}

#[rstest]
#[tokio::test]
async fn users_responses_are_exact(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let lorenzo = json!({"username": "Lorenzo", "password": GOOD});
    server.post_json("/users", &lorenzo).await.assert_json(201, &json!({"username": "Lorenzo"}));
    for name in ["Lorenzo", "lorenzo", "LORENZO"] {
        server
            .post_json("/users", &json!({"username": name, "password": GOOD}))
            .await
            .assert_json(400, &json!({"detail": "Username already registered"}));
    }
    // Seven characters.
    let short = server.post_json("/users", &json!({"username": "Lorenzo2", "password": "Udacity"})).await;
    assert_eq!((short.status, codes(&short)), (400, vec!["password_too_short".to_owned()]));
    let answer = server.post_json("/users", &json!({"username": null})).await;
    answer.assert_json(
        400,
        &json!({"detail": "Enter a username. Enter a password.", "errors": [
            error("username", "username_missing", "Enter a username."),
            error("password", "password_missing", "Enter a password."),
        ]}),
    );
    assert_eq!(server.database.texts("SELECT username AS t FROM users"), ["Lorenzo"]);
    assert_eq!(server.database.texts("SELECT email AS t FROM users"), ["NULL"]);
}

#[rstest]
#[tokio::test]
async fn users_register_responses_are_exact(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let driver = json!({"email": "Driver@Example.com", "password": GOOD, "full_name": "Test Driver"});
    let now = || i64::try_from(std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs()).expect("seconds");
    let before = now();
    let answer = server.post_json("/api/v1/users/register", &driver).await;
    let created_at = answer.json()["created_at"].as_str().expect("a time").to_owned();
    assert!(
        regex::Regex::new(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$").expect("a pattern").is_match(&created_at),
        "{created_at}"
    );
    let created = chrono::DateTime::parse_from_rfc3339(&created_at).expect("a time").timestamp();
    assert!((before..=now()).contains(&created), "{created_at}");
    let members = json!({"id": 1, "email": "driver@example.com", "full_name": "Test Driver", "is_active": true, "created_at": created_at});
    answer.assert_json(201, &members);

    server
        .post_json("/api/v1/users/register", &driver)
        .await
        .assert_json(400, &json!({"detail": "User email is already registered."}));

    let nameless =
        server.post_json("/api/v1/users/register", &json!({"email": "n@example.com", "password": GOOD})).await;
    assert_eq!((nameless.status, &nameless.json()["full_name"]), (201, &Value::Null));
    assert!(nameless.json().as_object().expect("an object").contains_key("full_name"));

    server
        .post_json("/api/v1/users/register", &json!({"email": "not an address", "password": "short", "full_name": "X"}))
        .await
        .assert_json(
            422,
            &json!({"detail": [
                {"type": "full_name_too_short", "loc": ["body", "full_name"], "msg": "Full name must be 2 characters or more."},
                {"type": "email_format", "loc": ["body", "email"], "msg": "Enter an email address in the correct format, like name@example.com."},
                {"type": "password_too_short", "loc": ["body", "password"], "msg": "Password must be 12 characters or more."},
            ]}),
        );
}

#[rstest]
#[tokio::test]
async fn private_users_responses_are_exact(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("/api/v1/private/users/", "/api/v1/private/users")] path: &str,
) {
    let server = Server::start(backend);
    let dev = json!({"email": "dev@example.com", "password": "securepassword123", "full_name": "Development User", "is_verified": true});
    let answer = server.post_json(path, &dev).await;
    let created_at = answer.json()["created_at"].clone();
    answer.assert_json(
        200,
        &json!({"id": 1, "email": "dev@example.com", "full_name": "Development User", "is_active": true,
                "created_at": created_at, "is_verified": true}),
    );
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 1);
    server.post_json(path, &dev).await.assert_json(400, &json!({"detail": "User email is already registered."}));

    // Any password of 1 to 128 characters, even a weak one.
    let easy = json!({"email": "easy@example.com", "password": "x", "full_name": "Easy"});
    let answer = server.post_json(path, &easy).await;
    assert_eq!((answer.status, &answer.json()["is_verified"]), (200, &json!(false)));
    for (password, code) in
        [("", "password_missing"), ("a\0b", "password_nul"), (&"x".repeat(129), "password_too_long")]
    {
        let answer =
            server.post_json(path, &json!({"email": "e@example.com", "password": password, "full_name": "Easy"})).await;
        assert_eq!((answer.status, codes(&answer)), (422, vec![code.to_owned()]));
    }
    let answer = server.post_json(path, &json!({"email": "e@example.com", "password": "x"})).await;
    assert_eq!((answer.status, codes(&answer)), (422, vec!["full_name_missing".to_owned()]));
    let answer = server
        .post_json(path, &json!({"email": "e@example.com", "password": "x", "full_name": "E E", "is_verified": "yes"}))
        .await;
    assert_eq!((answer.status, codes(&answer)), (422, vec!["malformed_body".to_owned()]));
}

#[rstest]
#[tokio::test]
async fn the_private_endpoint_is_absent_in_production(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("ENVIRONMENT", "production"), ("BCRYPT_COST", "10")]);
    for path in ["/api/v1/private/users/", "/api/v1/private/users", "/api/v1/private/", "/_gallery"] {
        for method in ["GET", "POST", "DELETE"] {
            assert_eq!(
                server.send(method, path, &[("content-type", "application/json")], "{}").await.status,
                404,
                "{method} {path}"
            );
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
}

#[rstest]
#[tokio::test]
async fn all_validation_errors_are_reported_with_their_codes(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let long_name = "x".repeat(121);
    let long_email = format!("{0}@{0}.{0}.{0}.{0}.com", "e".repeat(63));
    let long_password = "x".repeat(129);
    let long_username = "u".repeat(65);
    for (path, body, expected) in [
        ("/register", json!({}), vec!["email_missing", "password_missing"]),
        (
            "/register",
            json!({"email": " ", "password": null, "full_name": " "}),
            vec!["email_missing", "password_missing"],
        ),
        (
            "/register",
            json!({"email": "a@b", "password": "x", "full_name": "x"}),
            vec!["full_name_too_short", "email_format", "password_too_short"],
        ),
        (
            "/register",
            json!({"email": long_email, "password": long_password, "full_name": long_name}),
            vec!["full_name_too_long", "email_too_long", "password_too_long"],
        ),
        (
            "/register",
            json!({"email": "a@b.com", "password": "correct horse\0battery", "full_name": "A\u{0}a"}),
            vec!["full_name_format", "password_nul"],
        ),
        ("/register", json!({"email": "a@b.com", "password": "passwordpassword"}), vec!["password_common"]),
        ("/register", json!({"email": "a@b.com", "password": "!@#$%^&*()_+"}), vec!["password_common"]),
        ("/register", json!({"email": "a@b", "password": "vestibule123"}), vec!["email_format", "password_common"]),
        (
            "/register",
            json!({"email": "fahrer@b\u{fc}cher.example", "password": "fahrer@b\u{fc}cher.example"}),
            vec!["password_like_identifier"],
        ),
        (
            "/register",
            json!({"email": "driver@example.com", "password": "driver@example.com"}),
            vec!["password_like_identifier"],
        ),
        ("/users", json!({"username": "no spaces", "password": GOOD}), vec!["username_format"]),
        ("/users", json!({"username": long_username, "password": GOOD}), vec!["username_too_long"]),
        ("/users", json!({"username": "Admin", "password": GOOD}), vec!["username_reserved"]),
        (
            "/users",
            json!({"username": "lorenzo-medici", "password": "Lorenzo-Medici1"}),
            vec!["password_like_identifier"],
        ),
    ] {
        let answer = server.post_json(path, &body).await;
        assert_eq!(
            (answer.status, codes(&answer)),
            (400, expected.iter().map(|code| (*code).to_owned()).collect()),
            "{body}"
        );
        let messages: Vec<String> = answer.json()["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| error["message"].as_str().expect("a message").to_owned())
            .collect();
        assert_eq!(answer.json()["detail"], messages.join(" "));
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
}

#[rstest]
#[tokio::test]
async fn problem_json_has_the_status_and_detail_of_the_endpoint(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let headers = [("content-type", "application/json"), ("accept", "application/problem+json, application/json")];
    let post = async |path: &str, body: Value| server.send("POST", path, &headers, body.to_string()).await;

    let good = json!({"email": "a@example.com", "username": "ann", "password": GOOD, "full_name": "Ann A."});
    assert_eq!(post("/register", good.clone()).await.json(), json!({"id": 1, "email": "a@example.com"}));
    assert_eq!(post("/users", good.clone()).await.status, 201);

    for (path, detail, code) in [
        ("/register", "Email already registered", "email_taken"),
        ("/users", "Username already registered", "username_taken"),
        ("/api/v1/users/register", "User email is already registered.", "email_taken"),
        ("/api/v1/private/users/", "User email is already registered.", "email_taken"),
    ] {
        let answer = post(path, good.clone()).await;
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let body = answer.json();
        assert_eq!((answer.status, &body["status"]), (400, &json!(400)));
        assert_eq!((&body["detail"], &body["code"]), (&json!(detail), &json!(code)));
        assert_eq!(body["type"], format!("{}#{code}", server.url("/docs")));
        assert!(body["title"].is_string());
        assert_eq!(body["errors"][0]["code"], code);
    }
    for (path, status) in
        [("/register", 400), ("/users", 400), ("/api/v1/users/register", 422), ("/api/v1/private/users/", 422)]
    {
        let body = post(path, json!({})).await.json();
        assert_eq!((&body["status"], &body["code"]), (&json!(status), &json!("input_not_accepted")), "{path}");
        assert!(body["errors"].as_array().expect("errors").len() > 1);
        let answer = server.send("POST", path, &headers, "{").await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!("malformed_body")), "{path}");
    }
    let nowhere = server.send("GET", "/nowhere", &headers, "").await;
    assert_eq!((nowhere.status, nowhere.header("content-type")), (404, "application/problem+json"));
}
