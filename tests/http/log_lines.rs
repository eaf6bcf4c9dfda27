//! Log lines: one per event, whatever clients send.

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Server};
use Backend::{Postgres, Sqlite};

/// Log injection: forged lines, and escape sequences for the reader's terminal.
fn payloads() -> Vec<Vec<u8>> {
    let long = format!("{}{}", "x".repeat(9_000), "\n{\"level\":\"ERROR\",\"message\":\"injected\"}");
    let mut payloads: Vec<Vec<u8>> = [
        "\n{\"level\":\"ERROR\",\"message\":\"injected\"}",
        "\r\n2026-01-01T00:00:00.000000Z ERROR injected",
        "\r2026-01-01T00:00:00.000000Z ERROR injected",
        "\"}\n{\"level\":\"ERROR\",\"message\":\"injected\",\"x\":\"",
        "\",\"level\":\"ERROR\",\"message\":\"injected",
        "\\\",\\\"level\\\":\\\"ERROR\\\",\\\"message\\\":\\\"injected",
        "%0a%0dERROR injected",
        "\\n\\rERROR injected",
        "\\u000aERROR injected",
        "\u{1b}[2J\u{1b}[1;31minjected\u{1b}[0m",
        "\u{1b}]0;injected\u{7}",
        "\u{9b}31minjected",
        "\u{85}injected\u{c}\u{b}injected",
        "\u{2028}injected\u{2029}injected",
        "\u{202e}detcejni\u{2066}\u{200f}",
        "\u{8}\u{8}\u{8}\u{7f}injected\0injected",
        "{request_id} {} %s %n ${jndi:ldap://injected} $(injected)",
        "<script>injected</script>\u{feff}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    payloads.push(b"\xff\xfe\xc3\x28\xe2\x80injected\n\xf0\x90\x28\xbc".to_vec());
    payloads.push(long.into_bytes());
    assert_eq!(payloads.len(), 20);
    payloads
}

/// Sends these bytes; returns the number of responses of the program itself, without those of the HTTP parser.
fn send(server: &Server, request: &[u8]) -> usize {
    server.raw(request).matches("x-request-id: ").count()
}

fn request(line: &[u8], headers: &[u8], body: &[u8]) -> Vec<u8> {
    let length = format!("Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [line, b"\r\n", headers, length.as_bytes(), body].concat()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn log_injection_adds_no_lines(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("json", "text")] format: &str,
) {
    let settings = [("LOG_FORMAT", format), ("LOG_LEVEL", "trace"), ("PUBLIC_URL", "http://accounts.example.com")];
    let server = Server::start_with(backend, &settings);
    let json = b"Host: localhost\r\nContent-Type: application/json\r\n".as_slice();
    let mut answers = 0;
    let mut requests = 0;
    for payload in payloads() {
        let payload = payload.as_slice();
        let text = String::from_utf8_lossy(payload);
        let escaped = percent_encode(payload, NON_ALPHANUMERIC).to_string();
        let sign_up = json!({"email": format!("a{text}@example.com"), "password": text}).to_string();
        let login = json!({"identifier": text, "password": text}).to_string();
        let raw_body = [b"{\"email\":\"".as_slice(), payload, b"\"}"].concat();
        let form = b"Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n".as_slice();
        let get = b"GET /register HTTP/1.1".as_slice();
        for request in [
            request(b"POST /register HTTP/1.1", json, sign_up.as_bytes()),
            request(b"POST /login HTTP/1.1", json, login.as_bytes()),
            request(b"POST /register HTTP/1.1", json, &raw_body),
            request(b"POST /register HTTP/1.1", form, format!("email={escaped}&password={escaped}").as_bytes()),
            request(get, &[b"Host: localhost\r\nUser-Agent: ".as_slice(), payload, b"\r\n"].concat(), b""),
            request(
                get,
                &[b"Host: localhost\r\nCookie: vestibule_session=".as_slice(), payload, b"\r\n"].concat(),
                b"",
            ),
            request(get, &[b"Host: ".as_slice(), payload, b"\r\n"].concat(), b""),
            request(get, &[b"Host: localhost\r\n".as_slice(), payload, b": x\r\n"].concat(), b""),
            request(get, &[b"Host: localhost\r\nX-Request-Id: ".as_slice(), payload, b"\r\n"].concat(), b""),
            request(get, &[b"Host: localhost\r\ntraceparent: ".as_slice(), payload, b"\r\n"].concat(), b""),
            request(&[b"GET /", payload, b" HTTP/1.1"].concat(), b"Host: localhost\r\n", b""),
            request(format!("GET /{escaped} HTTP/1.1").as_bytes(), b"Host: localhost\r\n", b""),
            request(&[b"GET /register?", payload, b" HTTP/1.1"].concat(), b"Host: localhost\r\n", b""),
            request(format!("GET /verify-email?token={escaped} HTTP/1.1").as_bytes(), b"Host: localhost\r\n", b""),
            request(&[payload, b" /register HTTP/1.1"].concat(), b"Host: localhost\r\n", b""),
        ] {
            requests += 1;
            answers += send(&server, &request);
        }
    }
    let last = format!("{:0>1$}", "", 40);
    assert_eq!(
        send(&server, &request(format!("{last} /register HTTP/1.1").as_bytes(), b"Host: localhost\r\n", b"")),
        1
    );
    server.log_with("_OTHER").await;

    let log = server.log();
    let mut answered = 0;
    for line in log.lines() {
        assert!(line.chars().all(|c| c == ' ' || !(c.is_control() || c.is_whitespace())), "{line:?}");
        assert!(!line.contains("injected"), "{line:?}");
        assert!(line.len() < 2_000, "{line:?}");
        if format == "json" {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
            let time = event["timestamp"].as_str().expect("a time");
            assert_eq!(time.len(), 27, "{line}");
            assert!(time.ends_with('Z'), "{line}");
            assert!(event["level"].is_string(), "{line}");
            answered += usize::from(event["message"] == "answered" || event["message"] == "ended without an answer");
        } else {
            let (time, rest) = line.split_once(' ').expect("a time");
            assert_eq!(time.len(), 27, "{line}");
            assert!(time.ends_with('Z'), "{line}");
            let level = rest.split_whitespace().next().expect("a level");
            assert!(["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level), "{line}");
            answered += usize::from(line.contains(": answered ") || line.contains("ended without an answer"));
        }
    }
    println!("{format}: {requests} requests with payloads, {answers} answers of the program, {answered} request lines");
    assert!(answers > requests / 3);
    assert_eq!(answered, answers + 1);
}

#[rstest]
#[tokio::test]
async fn logs_contain_no_secrets_and_one_line_per_event(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("LOG_FORMAT", "json"), ("LOG_LEVEL", "trace")]);
    let canary = "Zx9-canary-for-the-logs";
    let email = "canary\u{e9}@secret-domain.example";
    server.post_json("/register", &json!({"email": email, "password": canary})).await;
    server.post_json("/users", &json!({"username": "canary-user", "password": canary})).await;
    server.post_form(&[("email", email), ("password", canary), ("full_name", "Canary Name")]).await;
    let path = "/nothing/canary@example.com/%0A%7B%22level%22%3A%22info%22%7D?token=canary-token";
    let headers = [("user-agent", "x\"}{\"level\":\"info\""), ("cookie", "a=canary-cookie")];
    let answer = server.send("GET", path, &headers, "").await;
    let log = server.log_with(&format!("\"{}\"", answer.header("x-request-id"))).await;
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["timestamp"].is_string(), "{line}");
        assert!(event["level"].is_string(), "{line}");
        assert!(event["message"].is_string(), "{line}");
    }
    for secret in
        [canary, email, "secret-domain", "canary-token", "canary-cookie", "canary@example.com", "Canary Name", "$2b$"]
    {
        assert!(!log.contains(secret), "{secret} in the log: {log}");
    }
    let answered: Vec<serde_json::Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|event: &serde_json::Value| event["message"] == "answered")
        .collect();
    assert_eq!(answered.len(), 4);
    assert_eq!(
        (&answered[0]["span"]["route"], &answered[0]["status"], &answered[0]["span"]["method"]),
        (&json!("/register"), &json!(201), &json!("POST"))
    );
    assert_eq!(answered[0]["span"]["request_id"].as_str().map(str::len), Some(32));
}
