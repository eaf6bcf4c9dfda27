//! Hostile input: the Big List of Naughty Strings and more, in every field of every endpoint, in headers, queries and
//! cookies.

use std::collections::BTreeMap;

use naughty_strings::BLNS;
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::support::{
    Answer, Backend, Browser, Mailbox, Server, is_full,
    server::{BROWSER, form},
};
use Backend::{Postgres, Sqlite};

const PASSWORD: &str = "a quiet night in November";
const ADDRESS: &str = "naughty@example.com";

/// Every endpoint with a request body: method, path, fields, and whether it accepts JSON, a form or both.
const ENDPOINTS: &[(&str, &str, &[&str], Kinds)] = &[
    ("POST", "/register", &["email", "password", "full_name", "terms"], Kinds::Both),
    ("POST", "/users", &["username", "password", "full_name"], Kinds::Json),
    ("POST", "/api/v1/users/register", &["email", "password", "full_name"], Kinds::Json),
    ("POST", "/api/v1/private/users/", &["email", "password", "full_name", "is_verified"], Kinds::Json),
    ("POST", "/login", &["identifier", "password", "next"], Kinds::Both),
    ("POST", "/api/v1/login/access-token", &["username", "password"], Kinds::Form),
    ("POST", "/forgot-password", &["email"], Kinds::Both),
    ("POST", "/reset-password", &["token", "password"], Kinds::Both),
    ("POST", "/verify-email", &["token", "code", "email", "identifier", "password"], Kinds::Both),
    ("POST", "/verify-email/resend", &["email"], Kinds::Both),
    ("POST", "/account/profile", &["full_name"], Kinds::Form),
    ("POST", "/account/email", &["email", "current_password"], Kinds::Form),
    ("POST", "/account/password", &["current_password", "password"], Kinds::Form),
    ("POST", "/account/sessions/revoke", &["id"], Kinds::Form),
    ("POST", "/account/delete", &["current_password", "confirm"], Kinds::Form),
    ("PATCH", "/api/v1/users/me", &["full_name", "email", "password", "current_password"], Kinds::Json),
    ("DELETE", "/api/v1/users/me", &["current_password"], Kinds::Json),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kinds {
    Json,
    Form,
    Both,
}

/// A server, a session by cookie and by token, and the number of responses by status.
struct Visit<'a> {
    server: &'a Server,
    cookies: String,
    authorization: String,
    statuses: BTreeMap<u16, usize>,
}

impl<'a> Visit<'a> {
    async fn begin(server: &'a Server) -> Self {
        let browser = Browser::new(server);
        browser.sign_up(ADDRESS, PASSWORD).await;
        let authorization = format!("Bearer {}", server.token(ADDRESS, PASSWORD).await);
        Self { server, cookies: browser.cookie_header(), authorization, statuses: BTreeMap::new() }
    }

    async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>, what: &str) -> Answer {
        let answer = self.server.send(method, path, headers, body).await;
        let shown: String = what.chars().take(80).collect();
        assert!(answer.status < 500, "{method} {path} {shown:?}: {} {}", answer.status, answer.text());
        assert!(!answer.body.is_empty() || matches!(answer.status, 204 | 303), "{method} {path} {shown:?}: empty");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        *self.statuses.entry(answer.status).or_default() += 1;
        answer
    }

    async fn post_form(&mut self, path: &str, body: Vec<u8>, what: &str) -> Answer {
        let cookies = self.cookies.clone();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", BROWSER),
            ("sec-fetch-site", "same-origin"),
            ("cookie", cookies.as_str()),
        ];
        self.send("POST", path, &headers, body, what).await
    }

    async fn send_json(&mut self, method: &str, path: &str, body: Vec<u8>, what: &str) -> Answer {
        let authorization = self.authorization.clone();
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        self.send(method, path, &headers, body, what).await
    }

    /// Sends one string in one field, with valid values in the others, in each format that the endpoint accepts.
    async fn submit(&mut self, endpoint: usize, field: usize, text: &str, number: usize) {
        let (method, path, fields, kinds) = ENDPOINTS[endpoint];
        let name = fields[field];
        if name == "id" && text.trim().parse::<i64>().is_ok() {
            // It might be the id of this session.
            return;
        }
        let value = |other: &str| -> String {
            match other {
                _ if other == name => text.to_owned(),
                "email" => format!("n{number}@example.com"),
                "username" => format!("n{number}"),
                "identifier" => ADDRESS.to_owned(),
                "full_name" => "Ada Lovelace".to_owned(),
                // Wrong, so that nothing is deleted or changed.
                "current_password" => "not the password".to_owned(),
                "password" => PASSWORD.to_owned(),
                _ => String::new(),
            }
        };
        if kinds != Kinds::Form {
            let body: Map<String, Value> = fields
                .iter()
                .filter(|other| **other != "is_verified" || **other == name)
                .map(|other| ((*other).to_owned(), json!(value(other))))
                .collect();
            let answer = self.send_json(method, path, Value::Object(body).to_string().into_bytes(), text).await;
            if name == "full_name" && method == "POST" && (answer.status == 200 || answer.status == 201) {
                assert_reads_back(&answer, text);
            }
        }
        if kinds != Kinds::Json {
            let pairs: Vec<(&str, String)> = fields.iter().map(|other| (*other, value(other))).collect();
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.post_form(path, form(&pairs).into_bytes(), text).await;
        }
    }
}

/// Asserts that an accepted value is returned as typed, without surrounding white space.
#[track_caller]
fn assert_reads_back(answer: &Answer, text: &str) {
    if let Some(name) = answer.json().get("full_name") {
        let expected = text.trim();
        assert_eq!(name, &if expected.is_empty() { Value::Null } else { json!(expected) });
    }
}

/// Asserts that the log is valid JSON whatever was sent, with one line for each request since the start.
async fn assert_log_is_whole(server: &Server, requests: usize) {
    // The log comes through a pipe, in order.
    let last = server.get("/nothing-more").await;
    let log = server.log_with(last.header("x-request-id")).await;
    let mut answered = 0;
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["level"] != "ERROR", "{line}");
        answered += usize::from(event["message"] == "answered");
    }
    assert_eq!(answered, requests + 1, "one line for each request, and for the last");
}

fn hostile_strings() -> Vec<String> {
    vec![
        "a".repeat(5000),
        "\u{301}".repeat(2000),
        format!("{}@example.com", "a".repeat(5000)),
        format!("a@{}com", "a.".repeat(2000)),
        format!("a@xn--{}.com", "9".repeat(4000)),
        format!("a@{}.com", "\u{fdfa}".repeat(1000)),
        "1".repeat(128),
        "\u{0}".repeat(64),
        "=1+1@example.com".to_owned(),
        "-oQ/x@example.com".to_owned(),
        "x\r\nBcc: victim@example.com <a@b.com>".to_owned(),
        "\u{1b}[2J\u{7}\n{\"level\":\"INFO\"}".to_owned(),
        "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}".to_owned(),
    ]
}

/// Sends exact bytes, which HTTP client libraries do not allow.
fn raw(server: &Server, method: &str, target: &[u8], headers: &[u8], body: &[u8]) -> String {
    let length = format!("\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let host = format!("\r\nHost: {}\r\n", server.address);
    let begin = [method.as_bytes(), b" ", target, b" HTTP/1.1", host.as_bytes()].concat();
    let answer = server.raw(&[&begin, headers, length.as_bytes(), body].concat());
    let status: u16 = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| {
        panic!("no answer to {}: {answer:?}", headers.escape_ascii().to_string().chars().take(200).collect::<String>())
    });
    assert!(status < 500, "{}: {answer}", headers.escape_ascii());
    answer
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[rstest]
#[tokio::test]
async fn naughty_strings_in_headers_queries_and_paths_cause_no_server_error(
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    const NAMES: &[&str] = &[
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "Cookie",
        "User-Agent",
        "Authorization",
        "Origin",
        "Referer",
        "Forwarded",
        "X-Forwarded-For",
        "X-Real-IP",
        "X-Request-Id",
        "Sec-Fetch-Site",
        "If-None-Match",
        "Range",
    ];
    let server = Server::start_with(backend, &[("LOG_FORMAT", "json")]);
    let hostile_strings = hostile_strings();
    let strings: Vec<&str> = BLNS.iter().copied().chain(hostile_strings.iter().map(String::as_str)).collect();
    let mut requests = 0;
    for (place, text) in strings.iter().enumerate() {
        let is_line = !text.contains(['\r', '\n', '\0']);
        for (number, name) in NAMES.iter().enumerate() {
            if is_line && (is_full() || (place + number) % NAMES.len() == 0) {
                let value = if *name == "Cookie" {
                    format!("vestibule_session={text}; vestibule_flash={text}")
                } else {
                    (*text).to_owned()
                };
                raw(&server, "GET", b"/register", format!("{name}: {value}").as_bytes(), b"");
                requests += 1;
            }
        }
        let text = encoded(text);
        let paths =
            ["/login?next=", "/verify-email?token=", "/reset-password?token=", "/register?lang=", "/static/", "/"];
        for (number, path) in paths.iter().enumerate() {
            if is_full() || (place + number) % paths.len() == 0 {
                let answer = raw(&server, "GET", format!("{path}{text}").as_bytes(), b"Accept: text/html", b"");
                assert!(!answer.contains("\r\nset-cookie: a=b"));
                requests += 1;
            }
        }
    }
    println!("{backend:?}: {} strings, {requests} requests", strings.len());
    let last = server.get("/nothing-more").await;
    for line in server.log_with(last.header("x-request-id")).await.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["level"] != "ERROR", "{line}");
    }
}

/// Bodies that are not UTF-8, not JSON, nested too deeply or too long.
#[rstest]
#[tokio::test]
async fn malformed_bodies_are_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("RATE_LIMITS", "off")]);
    let mut visit = Visit::begin(&server).await;
    let users = server.database.count("SELECT count(*) FROM users");
    let deep = |open: &str| format!("{{\"email\":{}", open.repeat(8000 / open.len())).into_bytes();
    let member = |value: &[u8]| {
        let fields = ["email", "username", "identifier", "full_name", "token", "code", "current_password", "password"];
        let pairs = fields.map(|name| [b"\"", name.as_bytes(), b"\":\"", value, b"\""].concat());
        [&b"{"[..], &pairs.join(&b","[..]), b"}"].concat()
    };
    let jsons: Vec<(Vec<u8>, &[u16])> = vec![
        (deep("["), &[400, 422]),
        (deep("{\"a\":"), &[400, 422]),
        (member(b"\xff\xfe\xfd\xfc"), &[400, 422]),
        (member(b"\xc0\x80\xed\xa0\x80"), &[400, 422]),
        (member(br"\ud800\udbff"), &[400, 422]),
        (member(br"\udc00 lonely surrogate"), &[400, 422]),
        (member(br"a nul \u0000 in the middle"), &[400, 401, 422]),
        (member(b"\n\x01\x02"), &[400, 422]),
        (b"\xef\xbb\xbf{}".to_vec(), &[400, 422]),
        (b"null".to_vec(), &[400, 422]),
        (b"{\"email\":1e999}".to_vec(), &[400, 422]),
        (b"".to_vec(), &[400, 422]),
    ];
    let forms: Vec<(Vec<u8>, &[u16])> = vec![
        (b"email=%ff%fe&password=%c0%80".to_vec(), &[400, 422]),
        (b"email=\xff\xfe".to_vec(), &[400, 422]),
        (b"email=a&email=b".to_vec(), &[400, 422]),
        ("a&".repeat(5000).into_bytes(), &[400, 422]),
    ];
    for (method, path, _, kinds) in ENDPOINTS {
        for (body, statuses) in jsons.iter().filter(|_| *kinds != Kinds::Form) {
            let answer = visit.send_json(method, path, body.clone(), "a body").await;
            let begin: String = String::from_utf8_lossy(body).chars().take(80).collect();
            assert!(statuses.contains(&answer.status), "{method} {path} {begin}: {}", answer.status);
        }
        // The service responds before it has received the whole body, and closes the connection.
        let nested = "[".repeat(100_000).into_bytes();
        for (kind, body) in [
            ("json", nested),
            ("json", member(&vec![b'x'; 1_000_000])),
            ("x-www-form-urlencoded", vec![b'x'; 1_000_000]),
        ] {
            let headers = format!("Content-Type: application/{kind}\r\nAuthorization: {}", visit.authorization);
            let answer = raw(&server, method, path.as_bytes(), headers.as_bytes(), &body);
            assert!(answer.contains(" 413 ") || answer.contains(" 415 "), "{method} {path}: {answer}");
        }
        for (body, statuses) in forms.iter().filter(|_| *kinds != Kinds::Json) {
            let answer = visit.post_form(path, body.clone(), "a body").await;
            assert!(statuses.contains(&answer.status), "{method} {path}: {}", answer.status);
        }
    }
    println!("{backend:?}: by status: {:?}", visit.statuses);
    assert_eq!(server.database.count("SELECT count(*) FROM users"), users);
    assert!(mailbox.all().iter().all(|mail| mail.to == [ADDRESS]));
}

/// Every string in every field with `VESTIBULE_TEST_FULL`; by default a sample that varies the fields.
#[rstest]
#[tokio::test]
async fn naughty_strings_in_every_field_cause_no_server_error(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(
        backend,
        &mailbox,
        &[("LOG_FORMAT", "json"), ("HASH_QUEUE_SECONDS", "60"), ("RATE_LIMITS", "off")],
    );
    let mut visit = Visit::begin(&server).await;
    let hostile_strings = hostile_strings();
    let strings: Vec<&str> = BLNS.iter().copied().chain(hostile_strings.iter().map(String::as_str)).collect();
    let mut number = 0;
    for (place, text) in strings.iter().enumerate() {
        for (endpoint, (_, _, fields, _)) in ENDPOINTS.iter().enumerate() {
            for field in 0..fields.len() {
                number += 1;
                if is_full() || (number + place) % 29 == 0 {
                    visit.submit(endpoint, field, text, number).await;
                }
            }
        }
    }
    let requests = visit.statuses.values().sum::<usize>();
    println!("{backend:?}: {} strings, {requests} requests, by status: {:?}", strings.len(), visit.statuses);
    assert_log_is_whole(&server, requests + 2).await;
    assert_eq!(server.database.count(&format!("SELECT count(*) FROM users WHERE email = '{ADDRESS}'")), 1);
}

/// In production there are no undocumented endpoints and no default accounts, and no response names the software.
#[rstest]
#[tokio::test]
async fn a_new_installation_has_no_hidden_endpoints_or_default_accounts(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("ENVIRONMENT", "production"), ("BCRYPT_COST", "10")]);
    for path in [
        "/_gallery",
        "/_gallery/events",
        "/_gallery/register/empty",
        "/api/v1/private/users",
        "/api/v1/private/users/",
        "/metrics",
        "/debug/pprof",
        "/admin",
        "/.env",
        "/.git/config",
    ] {
        for method in ["GET", "POST"] {
            let answer = server.send(method, path, &[("content-type", "application/json")], "{}").await;
            assert_eq!(answer.status, 404, "{method} {path}");
        }
    }
    for path in ["/register", "/login", "/healthz", "/nothing"] {
        let answer = server.get(path).await;
        assert!(!answer.headers.contains_key("server"));
        assert!(!answer.headers.contains_key("x-powered-by"));
        let text = answer.text().to_lowercase();
        for word in ["poem", "hyper", "rust", concat!("v", env!("CARGO_PKG_VERSION"))] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
    let log_in = [json!({"identifier": "admin", "password": "admin"}), json!({"identifier": "root", "password": ""})];
    for credentials in log_in {
        assert_ne!(server.post_json("/login", &credentials).await.status, 200);
    }
}
