//! `/openapi.json` is the committed document, it is valid, and the endpoints respond as it says.

use std::process::Command;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, Backend, GOOD, PYTHON, Server};
use Backend::{Postgres, Sqlite};

const COMMITTED: &str = include_str!("../../openapi.json");

#[rstest]
#[tokio::test]
async fn the_served_document_equals_the_committed_one(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let served = server.get("/openapi.json").await;
    assert_eq!((served.status, served.header("content-type")), (200, "application/json"));
    let committed: Value = serde_json::from_str(COMMITTED).expect("JSON");
    assert_eq!(served.json(), committed, "run ./scripts/openapi and review the difference");
    assert_eq!(committed["openapi"], "3.1.0");
    assert_eq!(committed["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_document_is_valid_openapi_3_1() {
    let output = Command::new(&*PYTHON)
        .args(["-m", "openapi_spec_validator", "--schema", "3.1", concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json")])
        .output()
        .expect("python");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[rstest]
#[tokio::test]
async fn the_docs_page_shows_operations_and_error_codes(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let page = server.get("/docs").await.page(200);
    assert_eq!(page.text("h1"), "The API");
    let routes = page.texts(".route");
    for route in [
        "POST /register",
        "POST /users",
        "POST /api/v1/users/register",
        "POST /api/v1/private/users/",
        "GET /healthz",
        "GET /readyz",
    ] {
        assert!(routes.iter().any(|known| known == route), "{route}: {routes:?}");
    }
    // The target of a problem's `type`.
    let problem = server
        .send(
            "POST",
            "/users",
            &[("content-type", "application/json"), ("accept", "application/problem+json")],
            "{\"username\":\"x\"}",
        )
        .await;
    let kind = problem.json()["type"].as_str().expect("a type").to_owned();
    assert!(page.has(&format!("[id='{}']", kind.rsplit_once('#').expect("an anchor").1)));
    assert!(page.has("#email_taken"));
    assert!(page.has("#malformed_body"));
    assert!(page.has("#busy"));
}

/// The response has a documented status, and its body the members that its schema names.
fn assert_documented(path: &str, answer: &Answer) {
    let document: Value = serde_json::from_str(COMMITTED).expect("JSON");
    let responses = &document["paths"][path]["post"]["responses"];
    let content = &responses[answer.status.to_string()]["content"];
    assert!(content.is_object(), "{path} {} is not documented", answer.status);
    let mut schema = &content[answer.header("content-type")]["schema"];
    assert!(schema.is_object(), "{path} {} {} is not documented", answer.status, answer.header("content-type"));
    if let Some(pointer) = schema["$ref"].as_str() {
        schema = document.pointer(pointer.trim_start_matches('#')).expect("a schema");
    }
    let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    let parts: Vec<Value> = parts
        .into_iter()
        .map(|part| {
            part["$ref"]
                .as_str()
                .and_then(|pointer| document.pointer(pointer.trim_start_matches('#')))
                .cloned()
                .unwrap_or(part)
        })
        .collect();
    let body = answer.json();
    let members = body.as_object().expect("an object");
    for part in &parts {
        for required in part["required"].as_array().into_iter().flatten() {
            assert!(
                members.contains_key(required.as_str().expect("a name")),
                "{path} {}: {required} is missing in {body}",
                answer.status
            );
        }
    }
    for member in members.keys() {
        assert!(
            parts.iter().any(|part| part["properties"][member].is_object()),
            "{path} {}: {member} is not documented",
            answer.status
        );
    }
}

#[rstest]
#[tokio::test]
async fn endpoints_respond_as_documented(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let document: Value = serde_json::from_str(COMMITTED).expect("JSON");
    for path in ["/register", "/users", "/api/v1/users/register", "/api/v1/private/users/"] {
        let body = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let schema = document.pointer(body.as_str().expect("a schema").trim_start_matches('#')).expect("a schema");
        let mut example = schema["example"].clone();
        if path.contains("api") {
            example["email"] = json!(format!("{}@example.com", path.replace('/', "")));
        }
        for accept in ["application/json", "application/problem+json"] {
            let headers = [("content-type", "application/json"), ("accept", accept)];
            for body in [example.to_string(), example.to_string(), "{}".into(), "{".into(), " ".repeat(20_000)] {
                assert_documented(path, &server.send("POST", path, &headers, body).await);
            }
        }
        let answer =
            server.send("POST", path, &[("content-type", "text/plain"), ("accept", "application/json")], "").await;
        assert_documented(path, &answer);
    }
}

/// Every member that a request schema names is read, and a missing required one is an error. Other members are ignored.
#[rstest]
#[tokio::test]
async fn request_schemas_match_the_parser(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("SMTP_URL", "smtp://127.0.0.1:1")]);
    server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await;
    let token = server.post_json("/login", &json!({"identifier": ADA, "password": GOOD})).await.json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let document: Value = serde_json::from_str(COMMITTED).expect("JSON");
    let mut count = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let Some(pointer) = schema.as_str() else { continue };
            let schema = document.pointer(pointer.trim_start_matches('#')).expect("a schema");
            let send = async |body: Value| {
                let answer = server.send(&method.to_uppercase(), path, &headers, body.to_string()).await;
                (answer.status, answer.text().to_owned())
            };
            let without = send(json!({})).await;
            assert_eq!(send(json!({"unknown": []})).await, without, "{method} {path}");
            for name in schema["required"].as_array().into_iter().flatten() {
                let mut body = schema["example"].clone();
                body.as_object_mut().expect("an example").remove(name.as_str().expect("a name"));
                let answer = send(body).await;
                assert!([400, 401, 422].contains(&answer.0), "{method} {path} without {name}: {answer:?}");
            }
            for name in schema["properties"].as_object().expect("members").keys() {
                assert_ne!(send(json!({name: []})).await, without, "{method} {path}: {name}");
                count += 1;
            }
        }
    }
    assert!(count > 25, "{count}");
}
