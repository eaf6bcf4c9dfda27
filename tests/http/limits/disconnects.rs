//! Clients that disconnect before the response: what they consumed is refunded.

use std::{
    collections::BTreeMap,
    io::Write as _,
    net::TcpStream,
    time::{Duration, SystemTime},
};

use crate::support::{ADA, BETTER, Backend, GOOD, Mailbox, Server, eventually, random};
use Backend::{Postgres, Sqlite};
use chrono::{DateTime, Utc};
use rand::RngExt as _;
use rstest::rstest;
use serde_json::{Value, json};

use super::{address, limited, stopped_clock};

/// A hash that takes longer than a client stays connected.
const SLOW: [(&str, &str); 2] = [("BCRYPT_COST", "15"), ("HASH_QUEUE_SECONDS", "60")];

/// The number of counters from which something is consumed.
fn consumed(server: &Server) -> i64 {
    let now: DateTime<Utc> = SystemTime::now().into();
    let now = now.timestamp_micros();
    server.database.count(&format!("SELECT count(*) FROM rate_limits WHERE tat > {now}"))
}

/// Sends a request and disconnects once something is consumed for it.
async fn disconnect(server: &Server, target: &str, headers: &str, body: &Value) {
    assert_eq!(consumed(server), 0, "{target}: before");
    let mut stream = TcpStream::connect(server.address).expect("a connection");
    let body = body.to_string();
    let request = format!(
        "{target} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("a request");
    eventually("something is consumed", async || (consumed(server) > 0).then_some(())).await;
    drop(stream);
    eventually("it is refunded", async || (consumed(server) == 0).then_some(())).await;
}

/// 23,000 abandoned sign-ups once exhausted the limit for all clients.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_sign_up_is_refunded(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[&SLOW[..], &[("RATE_LIMIT_SIGN_UP", "2/hour")]].concat());
    for number in 0..3 {
        disconnect(&server, "POST /register", "", &address(&format!("p{number}@example.com"))).await;
    }
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);
    assert!(consumed(&server) > 0, "this one counts");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_login_is_refunded(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[&SLOW[..], &[("RATE_LIMIT_LOGIN_PAIR", "2/hour")]].concat());
    for password in [GOOD, BETTER, BETTER] {
        disconnect(&server, "POST /login", "", &json!({"identifier": ADA, "password": password})).await;
    }
    let wrong = json!({"identifier": ADA, "password": BETTER});
    assert_eq!(server.post_json("/login", &wrong).await.status, 401);
    assert!(consumed(&server) > 0, "this one counts");
}

/// The counters by key.
fn counters(server: &Server) -> BTreeMap<String, i64> {
    let key = if server.database.backend == Sqlite { "hex(key)" } else { "encode(key, 'hex')" };
    let rows = server.database.texts(&format!("SELECT {key} || ' ' || tat AS t FROM rate_limits"));
    let row = |row: &String| row.split_once(' ').map(|(key, tat)| (key.to_owned(), tat.parse().expect("a number")));
    rows.iter().filter_map(row).collect()
}

/// Sends so many requests and disconnects each after a random time.
async fn disconnect_often(server: &Server, path: &str, times: usize, body: impl Fn(usize) -> Value) {
    let mut random = random();
    for number in 0..times {
        let body = body(number).to_string();
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            server.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("a request");
        tokio::time::sleep(Duration::from_millis(random.random_range(1..80))).await;
    }
}

/// What a client consumed is refunded once, by its transaction or by its disconnect. A second refund would be of what
/// others have consumed.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_right_login_is_refunded_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[("HASH_QUEUE_SECONDS", "60")]));
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    for number in 0..30 {
        let wrong = json!({"identifier": format!("p{number}@example.com"), "password": BETTER});
        assert_eq!(server.post_json("/login", &wrong).await.status, 401);
    }
    let before = counters(&server);
    disconnect_often(&server, "/login", 150, |_| json!({"identifier": ADA, "password": GOOD})).await;
    eventually("the attempts of others stay consumed", async || {
        let after = counters(&server);
        before.iter().all(|(key, tat)| after.get(key) == Some(tat)).then_some(())
    })
    .await;
}

/// Committed sign-ups count, and nothing else does.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn committed_sign_ups_of_disconnected_clients_count(#[values(Sqlite, Postgres)] backend: Backend) {
    const INTERVAL: i64 = 864_000_000;
    let clock = stopped_clock();
    let rules = [
        ("RATE_LIMIT_SIGN_UP", "100/day"),
        ("RATE_LIMIT_SIGN_UP_BLOCK", "off"),
        ("RATE_LIMIT_SIGN_UP_TOTAL", "off"),
        ("HASH_QUEUE_SECONDS", "60"),
    ];
    let server = limited(backend, &clock.with(&rules));
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let [first] = counters(&server).into_values().collect::<Vec<_>>()[..] else { panic!("one counter") };
    let now = first - INTERVAL;
    disconnect_often(&server, "/register", 60, |number| address(&format!("p{number}@example.com"))).await;
    eventually("as many are counted as there are accounts", async || {
        let accounts = server.database.count("SELECT count(*) FROM users");
        let counted = counters(&server).into_values().next().map(|tat| (tat - now) / INTERVAL);
        (counted == Some(accounts)).then_some(())
    })
    .await;
}

/// Links, codes and current passwords.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn abandoned_attempts_with_links_and_passwords_are_refunded(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = limited(backend, &[&SLOW[..], &[("SMTP_URL", url.as_str())]].concat());
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let bearer = server.token(ADA, GOOD).await;
    let link = mailbox.newest(ADA, 1).await.token();
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let reset = mailbox.newest(ADA, 2).await.token();
    server.database.execute("DELETE FROM rate_limits");
    let authorization = format!("Authorization: Bearer {bearer}\r\n");
    for (target, headers, body) in [
        ("POST /reset-password", "", json!({"token": reset, "password": BETTER})),
        ("POST /verify-email", "", json!({"token": link, "password": BETTER})),
        (
            "PATCH /api/v1/users/me",
            authorization.as_str(),
            json!({"current_password": GOOD, "email": "other@example.com"}),
        ),
    ] {
        disconnect(&server, target, headers, &body).await;
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
}
