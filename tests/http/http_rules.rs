//! HTTP rules of every path: methods, limits, hosts, headers.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, Backend, GOOD, METRICS, Server,
    server::{BROWSER, form},
};
use Backend::{Postgres, Sqlite};

const JSON: (&str, &str) = ("content-type", "application/json");

/// The headers of every response, success or error.
#[track_caller]
fn assert_secured(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    let (styles, others): (Vec<&str>, Vec<&str>) = policy.split("; ").partition(|part| part.starts_with("style-src "));
    assert_eq!(
        others,
        [
            "default-src 'none'",
            "script-src 'self'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        ]
    );
    // The inline style sheet only.
    let style = regex::Regex::new("^style-src 'sha256-[A-Za-z0-9+/]{43}='$").expect("a pattern");
    assert_eq!(styles.len(), 1, "{policy}");
    assert!(style.is_match(styles[0]), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    assert_eq!(answer.header("x-request-id").len(), 32);
    assert!(!answer.header("cache-control").is_empty());
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "no CORS");
    assert_eq!(answer.header("server"), "");
}

#[rstest]
#[tokio::test]
async fn every_response_has_the_security_headers(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let css_and_script = server.get("/register").await;
    let script = css_and_script.page(200).attribute("script", "src").expect("a script");
    for (method, path, status) in [
        ("GET", "/", 303),
        ("GET", "/register", 200),
        ("HEAD", "/register", 200),
        ("GET", "/welcome", 303),
        ("GET", "/docs", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", &script, 200),
        ("GET", "/nothing", 404),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/%FF", 404),
        ("GET", "/%FF%00", 404),
        ("PUT", "/register", 405),
        ("POST", "/register", 415),
    ] {
        let answer = server.send(method, path, &[], "").await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_secured(&answer);
        assert_eq!(answer.header("strict-transport-security"), "", "no HSTS over http");
    }
    let ids = [server.get("/register").await, server.get("/register").await]
        .map(|answer| answer.header("x-request-id").to_owned());
    assert_ne!(ids[0], ids[1]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_in_static_paths_is_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for target in [
        "/static/../Cargo.toml",
        "/static/../../../../../../etc/passwd",
        "/static/%2e%2e/Cargo.toml",
        "/static/%2e%2e%2fCargo.toml",
        "/static/..%2f..%2f..%2fetc%2fpasswd",
        "/static/..%5cCargo.toml",
        "/static/....//Cargo.toml",
        "/static/%252e%252e%252fCargo.toml",
        "/static//etc/passwd",
        "/../etc/passwd",
        "//etc/passwd",
    ] {
        let answer = server.raw_get(target);
        assert_eq!(answer.split(' ').nth(1), Some("404"), "{target}: {answer}");
        for content in ["[package]", "root:"] {
            assert!(!answer.contains(content), "{target}: {answer}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_unsupported_method_is_405_with_allow(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for (path, allow) in [
        ("/", "GET, HEAD"),
        ("/register", "GET, HEAD, POST"),
        ("/welcome", "GET, HEAD"),
        ("/users", "POST"),
        ("/api/v1/users/register", "POST"),
        ("/api/v1/private/users/", "POST"),
        ("/openapi.json", "GET, HEAD"),
        ("/docs", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let answer = server.send(method, path, &[("accept", "application/json")], "").await;
            assert_eq!((answer.status, answer.header("allow")), (405, allow), "{method} {path}");
            answer.assert_json(
                405,
                &json!({"detail": "This address does not take that method. The Allow header lists those it takes."}),
            );
        }
    }
    let page = server.send("DELETE", "/register", &[("accept", BROWSER)], "").await.page(405);
    assert_eq!(page.text("h1"), "This page cannot be used like that");
}

#[rstest]
#[tokio::test]
async fn request_bodies_are_limited_to_16_kib(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let body_of = |length: usize| {
        let body = json!({"email": "a@example.com", "password": GOOD, "padding": ""}).to_string();
        body.replace("\"\"", &format!("\"{}\"", "x".repeat(length - body.len())))
    };
    assert_eq!(server.send("POST", "/register", &[JSON], body_of(16 * 1024)).await.status, 201);
    for path in ["/register", "/users", "/api/v1/users/register", "/api/v1/private/users/"] {
        let answer = server.send("POST", path, &[JSON], body_of(16 * 1024 + 1)).await;
        answer.assert_json(413, &json!({"detail": "Nothing was saved. Send 16 KiB or less."}));
    }
    let long = form(&[("email", "b@example.com"), ("password", GOOD), ("x", &"x".repeat(20_000))]);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", BROWSER)];
    assert_eq!(
        server.send("POST", "/register", &headers, long).await.page(413).text("h1"),
        "That was more than fits in the form"
    );

    // Declared, but never sent: answered before a byte of it is read.
    let head = "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let answer = server.raw(format!("{head}Content-Length: 10000000000\r\n\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    // Not declared: counted while it streams. The client keeps sending, and can still read the response.
    let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..64 {
        chunked.extend(format!("1000\r\n{}\r\n", "x".repeat(0x1000)).into_bytes());
    }
    let answer = server.raw(&chunked);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);
}

#[rstest]
#[tokio::test]
async fn an_overlong_password_is_refused_without_hashing(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[METRICS]);
    for _ in 0..20 {
        let answer =
            server.post_json("/register", &json!({"email": "a@example.com", "password": "x".repeat(15_000)})).await;
        assert_eq!(answer.json()["errors"][0]["code"], "password_too_long");
    }
    let metrics = server.metrics().await;
    for outcome in ["finished", "failed", "refused", "expired", "left_waiting", "left_computing"] {
        metrics.assert(&[(&format!("vestibule_hashes_total{{outcome=\"{outcome}\"}}"), 0.0)]);
    }
}

#[rstest]
#[tokio::test]
async fn exactly_one_host_is_required_and_must_be_allowed(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for (head, status) in [
        ("GET /register HTTP/1.1\r\nHost: localhost\r\n", "200"),
        ("GET /register HTTP/1.1\r\nHost: anything.example\r\n", "421"),
        ("GET /register HTTP/1.0\r\n", "200"),
        ("GET /register HTTP/1.1\r\n", "400"),
        ("GET /register HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400"),
        ("GET /register HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "400"),
    ] {
        let answer = server.raw(format!("{head}Connection: close\r\n\r\n").as_bytes());
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head:?}: {answer}");
    }

    let settings =
        [("ENVIRONMENT", "production"), ("BCRYPT_COST", "10"), ("PUBLIC_URL", "https://accounts.example.com")];
    let server = Server::start_with(backend, &settings);
    for (host, status) in [
        ("accounts.example.com", "200"),
        ("Accounts.Example.com", "200"),
        ("accounts.example.com:443", "200"),
        ("accounts.example.com:8443", "421"),
        ("evil.example", "421"),
        ("accounts.example.com.evil.example", "421"),
        ("accounts.example.com@evil.example", "421"),
        ("x@accounts.example.com", "421"),
        ("accounts.example.com/x", "421"),
        ("accounts.example.com?x", "421"),
        ("%61ccounts.example.com", "421"),
        ("", "421"),
    ] {
        let answer =
            server.raw(format!("GET /register HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes());
        assert_eq!(answer.split(' ').nth(1), Some(status), "{host}: {answer}");
    }
    let absolute =
        b"GET http://evil.example/register HTTP/1.1\r\nHost: accounts.example.com\r\nConnection: close\r\n\r\n";
    assert!(server.raw(absolute).starts_with("HTTP/1.1 421 "));
    // Health checks use the address.
    assert_eq!((server.get("/healthz").await.status, server.get("/readyz").await.status), (200, 200));
    assert_eq!(server.get("/api/v1/session").await.status, 421, "a reverse proxy sends the host of its client");
    let answer = server.get("/register").await;
    assert_eq!(answer.page(421).text("h1"), "This is not the address of this service");
    assert_secured(&answer);
}

#[rstest]
#[tokio::test]
async fn https_enables_hsts_and_host_prefixed_cookies(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("PUBLIC_URL", "https://accounts.example.com")]);
    let content_type = ("content-type", "application/x-www-form-urlencoded");
    let body = form(&[("email", "a@example.com"), ("password", GOOD)]);
    // PUBLIC_URL alone defines the service's origin.
    let own = server.url("");
    let foreign = server.send("POST", "/register", &[content_type, ("origin", &own)], body.clone()).await;
    assert_eq!(foreign.status, 403);
    let answer = server
        .send(
            "POST",
            "/register",
            &[content_type, ("origin", "https://accounts.example.com"), ("accept", BROWSER)],
            body,
        )
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains");
    let cookie = answer.cookie("__Host-vestibule_flash");
    cookie.assert_attributes(&["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=300"]);
    assert_eq!(server.send("GET", "/welcome", &[("cookie", &cookie.pair())], "").await.status, 200);

    let problem = server.send("POST", "/users", &[JSON, ("accept", "application/problem+json")], "{}").await;
    assert_eq!(problem.json()["type"], "https://accounts.example.com/docs#input_not_accepted");
}

#[rstest]
#[tokio::test]
async fn hostile_strings_cause_no_server_error(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for text in [
        "undefined",
        "NULL",
        "1E+308",
        "0x0",
        "', DROP TABLE users; --",
        "' OR 1=1 -- ",
        "\u{feff}",
        "\u{202e}test",
        "Ω≈ç√∫",
        "田中さん",
        "👩‍👩‍👧‍👦",
        "\u{0}",
        "\u{1}\u{2}\u{1f}\u{7f}\u{85}",
        "<script>alert(0)</script>",
        "../../../etc/passwd%00",
        "$HOME",
        "{0}",
        "%s%s%s%n",
        "Power لُلُصّبُلُلصّبُررً ॣ ॣh ॣ ॣ冗",
        "\u{d7ff}\u{e000}\u{10ffff}",
        "\r\nSet-Cookie: a=b",
        "a@b.com\r\nBcc: c@d.com",
    ] {
        for (path, members) in [
            ("/register", json!({"email": text, "password": text, "full_name": text})),
            ("/users", json!({"username": text, "password": text, "full_name": text})),
            (
                "/api/v1/users/register",
                json!({"email": format!("{text}@example.com"), "password": format!("{text} long enough"), "full_name": text}),
            ),
            (
                "/api/v1/private/users/",
                json!({"email": format!("{text}@example.com"), "password": text, "full_name": format!("Ann {text}")}),
            ),
        ] {
            let answer = server.post_json(path, &members).await;
            assert!(answer.status < 500, "{path} {members}: {}", answer.text());
        }
        let answer = server.post_form(&[("email", text), ("password", text), ("full_name", text), (text, text)]).await;
        assert!(answer.status < 500, "{text}: {}", answer.text());
    }
}
