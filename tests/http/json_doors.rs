//! The doors for programs, line by line of what they promise.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, GOOD, Server, server::form};
use Backend::{Postgres, Sqlite};

fn error(field: &str, code: &str, message: &str) -> Value {
    json!({"field": field, "code": code, "message": message})
}

/// The codes of a refusal, whichever its form.
fn codes(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let list = body["errors"].as_array().or_else(|| body["detail"].as_array()).cloned().unwrap_or_default();
    list.iter()
        .map(|error| error["code"].as_str().or_else(|| error["type"].as_str()).expect("a code").to_owned())
        .collect()
}

/// Nor of its address: both are what somebody tries first.
#[rstest]
#[tokio::test]
async fn a_password_made_of_the_services_name_is_easy(#[values(Sqlite, Postgres)] backend: Backend) {
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
async fn register_answers_as_seeds_000_and_001_have_it(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let alice = json!({"email": "alice@example.com", "password": GOOD});
    server.post_json("/register", &alice).await.assert_json(201, &json!({"id": 1, "email": "alice@example.com"}));
    server.post_json("/register", &alice).await.assert_json(400, &json!({"detail": "Email already registered"}));

    // 001's own password has nine characters; the policy asks for twelve.
    let message = "Password must be 12 characters or more.";
    server
        .post_json("/register", &json!({"email": "bob@example.com", "password": "secret123"}))
        .await
        .assert_json(400, &json!({"detail": message, "errors": [error("password", "password_too_short", message)]}));
    assert_eq!(server.database.texts("SELECT email AS t FROM users"), ["alice@example.com"]);
}

#[rstest]
#[tokio::test]
async fn users_answers_as_seed_004_has_it(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let lorenzo = json!({"username": "Lorenzo", "password": GOOD});
    server.post_json("/users", &lorenzo).await.assert_json(201, &json!({"username": "Lorenzo"}));
    for name in ["Lorenzo", "lorenzo", "LORENZO"] {
        server
            .post_json("/users", &json!({"username": name, "password": GOOD}))
            .await
            .assert_json(400, &json!({"detail": "Username already registered"}));
    }
    // The tutorial's own password has seven characters.
    let udacity = server.post_json("/users", &json!({"username": "Lorenzo2", "password": "Udacity"})).await;
    assert_eq!((udacity.status, codes(&udacity)), (400, vec!["password_too_short".to_owned()]));
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
async fn users_register_answers_as_seed_002_has_it(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let driver = json!({"email": "Driver@Example.com", "password": GOOD, "full_name": "Test Driver"});
    let before = chrono::Utc::now().timestamp();
    let answer = server.post_json("/api/v1/users/register", &driver).await;
    let created_at = answer.json()["created_at"].as_str().expect("a time").to_owned();
    assert!(
        regex::Regex::new(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$").expect("a pattern").is_match(&created_at),
        "{created_at}"
    );
    let created = chrono::DateTime::parse_from_rfc3339(&created_at).expect("a time").timestamp();
    assert!((before..=chrono::Utc::now().timestamp()).contains(&created), "{created_at}");
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
async fn private_users_answers_as_seed_003_has_it(
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

    // Any password of 1 to 128 characters, even an easy one.
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
async fn the_private_door_is_not_there_in_production(#[values(Sqlite, Postgres)] backend: Backend) {
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
async fn every_fault_is_reported_at_once_under_its_code(#[values(Sqlite, Postgres)] backend: Backend) {
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
async fn problem_json_says_the_same_with_the_doors_status(#[values(Sqlite, Postgres)] backend: Backend) {
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

#[rstest]
#[tokio::test]
async fn a_body_that_cannot_be_read_is_malformed(#[values(Sqlite, Postgres)] backend: Backend) {
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
async fn members_that_are_not_asked_for_have_no_effect(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let greedy = json!({
        "email": "a@example.com", "password": GOOD, "id": 77, "is_active": false, "is_verified": true, "is_admin": true,
        "password_hash": "$2b$12$x", "created_at": "1999-01-01T00:00:00Z", "updated_at": null, "username": "root", "username_key": "x",
    });
    let answer = server.post_json("/register", &greedy).await;
    answer.assert_json(201, &json!({"id": 1, "email": "a@example.com"}));
    // Whatever their type.
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
async fn the_parser_follows_content_type_and_the_face_follows_accept(#[values(Sqlite, Postgres)] backend: Backend) {
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

/// One verdict for an address, whichever database keeps it: the form that is stored, or why it is not.
#[rstest]
#[tokio::test]
async fn both_databases_judge_addresses_alike(#[values(Sqlite, Postgres)] backend: Backend) {
    const FORMAT: &str = "Enter an email address in the correct format, like name@example.com.";
    const TAKEN: &str = "Email already registered";
    let server = Server::start(backend);
    for (address, verdict) in [
        ("mike@example.org", Ok("mike@example.org")),
        ("MIKE@example.org", Err(TAKEN)),
        (" mike@example.org ", Err(TAKEN)),
        ("mike@EXAMPLE.ORG", Err(TAKEN)),
        ("mike@\u{ff45}xample.org", Err(TAKEN)),
        ("mike@example\u{3002}org", Err(TAKEN)),
        ("mike@example.org.", Err(FORMAT)),
        // Letters that only look alike are other letters.
        ("m\u{131}ke@example.org", Ok("m\u{131}ke@example.org")),
        ("mi\u{212a}e@example.org", Ok("mi\u{212a}e@example.org")),
        ("mi\u{17f}e@example.org", Ok("mi\u{17f}e@example.org")),
        ("\u{ff4d}ike@example.org", Ok("\u{ff4d}ike@example.org")),
        ("mike+tag@example.org", Ok("mike+tag@example.org")),
        ("m.ike@example.org", Ok("m.ike@example.org")),
        ("straße@example.org", Ok("straße@example.org")),
        ("strasse@example.org", Ok("strasse@example.org")),
        ("STRASSE@example.org", Err(TAKEN)),
        ("É@example.org", Ok("É@example.org")),
        ("é@example.org", Ok("é@example.org")),
        ("ΣΑΣ@example.org", Ok("ΣΑΣ@example.org")),
        ("σας@example.org", Ok("σας@example.org")),
        ("İ@example.org", Ok("İ@example.org")),
        ("\u{fb01}sh@example.org", Ok("\u{fb01}sh@example.org")),
        ("fish@example.org", Ok("fish@example.org")),
        ("日本@example.org", Ok("日本@example.org")),
        ("a@straße.de", Ok("a@xn--strae-oqa.de")),
        ("a@xn--strae-oqa.de", Err(TAKEN)),
        ("a@strasse.de", Ok("a@strasse.de")),
        ("a@日本.jp", Ok("a@xn--wgv71a.jp")),
        ("a@xn--wgv71a.jp", Err(TAKEN)),
        ("a@münchen.de", Ok("a@xn--mnchen-3ya.de")),
        ("A@MÜNCHEN.de", Err(TAKEN)),
        ("a'or'1'='1@example.org", Ok("a'or'1'='1@example.org")),
        ("a%@example.org", Ok("a%@example.org")),
        ("a_@example.org", Ok("a_@example.org")),
        ("ab@example.org", Ok("ab@example.org")),
        ("{a}@example.org", Ok("{a}@example.org")),
        ("-oQ/x@example.org", Ok("-oq/x@example.org")),
        ("=1+1@example.org", Ok("=1+1@example.org")),
        ("a\u{0}@example.org", Err(FORMAT)),
        ("a\u{200d}b@example.org", Err(FORMAT)),
        ("a@b", Err(FORMAT)),
        ("a@1.2.3.4", Err(FORMAT)),
        ("a@[1.2.3.4]", Err(FORMAT)),
        ("\"a b\"@example.org", Err(FORMAT)),
        ("a@example.123", Err(FORMAT)),
        ("a@ex_ample.org", Err(FORMAT)),
        ("a@-example.org", Err(FORMAT)),
    ] {
        let answer = server.post_json("/register", &json!({"email": address, "password": GOOD})).await;
        let body = answer.json();
        let found = match answer.status {
            201 => Ok(body["email"].as_str().expect("an address")),
            status => {
                assert_eq!(status, 400, "{address:?}");
                Err(body["detail"].as_str().expect("a text"))
            }
        };
        assert_eq!(found, verdict, "{address:?}");
    }
}
