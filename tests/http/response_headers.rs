//! Response headers: content type, HSTS, size of cookies.

use rstest::rstest;
use serde_json::json;

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server, server::BROWSER};
use Backend::{Postgres, Sqlite};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Text types name their charset; JSON is UTF-8 by its standard.
#[rstest]
#[tokio::test]
async fn responses_have_a_content_type_with_charset(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let script = server.get("/register").await.page(200).attribute("script", "src").expect("a script");
    for (path, accept, content_type) in [
        ("/register", BROWSER, HTML),
        ("/login", BROWSER, HTML),
        ("/forgot-password", BROWSER, HTML),
        ("/verify-email", BROWSER, HTML),
        ("/docs", BROWSER, HTML),
        ("/nothing", BROWSER, HTML),
        ("/nothing", JSON, JSON),
        ("/nothing", "application/problem+json", "application/problem+json"),
        ("/api/v1/users/me", JSON, JSON),
        ("/openapi.json", "*/*", JSON),
        (script.as_str(), "*/*", "text/javascript; charset=utf-8"),
        ("/healthz", "*/*", JSON),
        ("/readyz", "*/*", JSON),
    ] {
        let answer = server.send("GET", path, &[("accept", accept)], "").await;
        assert_eq!(answer.header("content-type"), content_type, "{path} for {accept}");
        assert_eq!(answer.headers.get_all("content-type").iter().count(), 1, "{path} for {accept}");
    }
}

/// Folders of static files have no listing.
#[rstest]
#[tokio::test]
async fn static_directories_are_not_listed(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for path in ["/static", "/static/", "/static/.", "/static/custom", "/static/custom/", "/static/gallery/", "/docs/"]
    {
        let answer = server.get(path).await;
        assert_eq!(answer.page(404).text("h1"), "Page not found", "{path}");
        assert!(!answer.text().contains("app.css"), "{path}");
    }
}

/// Behind https every response has the header, success or error.
#[rstest]
#[tokio::test]
async fn every_response_has_hsts_behind_https(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("PUBLIC_URL", "https://accounts.example.com")]);
    let json = [("content-type", "application/json")];
    let long = "x".repeat(17_000);
    for (method, path, headers, body, status) in [
        ("GET", "/", &[][..], "", 303),
        ("GET", "/register", &[], "", 200),
        ("HEAD", "/register", &[], "", 200),
        ("GET", "/openapi.json", &[], "", 200),
        ("GET", "/healthz", &[], "", 200),
        ("GET", "/nothing", &[], "", 404),
        ("GET", "/static/nothing.js", &[], "", 404),
        ("GET", "/api/v1/users/me", &[], "", 401),
        ("PUT", "/register", &[], "", 405),
        ("POST", "/register", &[], "", 415),
        ("POST", "/register", &json, "{", 400),
        ("POST", "/register", &json, &long, 413),
        ("POST", "/login", &[("content-type", "application/x-www-form-urlencoded"), ("origin", "null")], "", 403),
        ("POST", "/api/v1/users/register", &json, "{}", 422),
    ] {
        let answer = server.send(method, path, headers, body.to_owned()).await;
        assert_eq!((answer.status, answer.header("strict-transport-security")), (status, HSTS), "{method} {path}");
    }
}

/// Browsers drop cookies over 4 KiB. Longest values: the longest address, and a browser with logins to many accounts.
#[rstest]
#[tokio::test]
async fn cookies_stay_below_4_kib(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let settings = [("RATE_LIMITS", "on"), ("PUBLIC_URL", "https://accounts.example.com"), ("BOT_CHECKS", "off")];
    let settings = [&settings[..], &[("REQUIRE_VERIFIED_EMAIL", "on"), ("RATE_LIMIT_REGISTER", "off")]].concat();
    let server = Server::mailing(backend, &mailbox, &settings);
    let browser = Browser::new(&server);
    let mut names = std::collections::BTreeSet::new();
    let mut check = |answer: &Answer| {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.len() < 4096, "{} bytes: {cookie}", cookie.len());
            names.insert(cookie.split('=').next().expect("a name").trim_start_matches("__Host-").to_owned());
        }
    };
    let longest = format!("{}@{}.{}.{}.com", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(57));
    assert_eq!(longest.len(), 254);
    let post = async |path: &str, fields: &[(&str, &str)]| {
        let cookies = browser.cookie_header();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", BROWSER),
            ("sec-fetch-site", "same-origin"),
            ("cookie", cookies.as_str()),
        ];
        server.send("POST", path, &headers, crate::support::server::form(fields)).await
    };
    check(&post("/register", &[("email", &longest), ("password", GOOD)]).await);
    for number in 0..12 {
        let email = format!("p{number}@example.com");
        assert_eq!(server.post_json("/register", &json!({"email": email, "password": GOOD})).await.status, 201);
        // The mail comes first: a verified account gets none.
        mailbox.wait_for(&email, 1).await;
        server.database.execute("UPDATE users SET is_verified = TRUE, must_prove = FALSE");
        let answer = post("/login", &[("identifier", &email), ("password", GOOD)]).await;
        assert_eq!(answer.status, 303, "{email}");
        check(&answer);
        for cookie in answer.headers.get_all("set-cookie") {
            let (pair, _) = cookie.to_str().expect("text").split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            browser.set_cookie(name, value);
        }
    }
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "p0@example.com"})).await.status, 202);
    let link = mailbox.newest("p0@example.com", 2).await.token();
    check(&server.get(&format!("/reset-password?token={link}")).await);
    let expected = ["devices", "flash", "pending", "reset", "session"].map(|name| format!("vestibule_{name}"));
    assert_eq!(names, expected.into());
}
