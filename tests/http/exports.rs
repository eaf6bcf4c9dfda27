//! Exports: complete at any length, one at a time and a few an hour for each account, over all instances.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, Backend, Browser, FakeClock, GOOD, Reader, Server, TestDatabase, eventually};
use Backend::{Postgres, Sqlite};

/// More than one page of lines, and more than socket buffers hold of an unread response.
const LINES: usize = 1543;

async fn export(server: &Server, token: &str) -> Answer {
    server.as_program(token, "GET", "/account/export", &Value::Null).await
}

/// A new account with this many lines of history, and its token.
async fn account_with_history(server: &Server, email: &str, lines: usize) -> String {
    server.sign_up(email).await;
    server.database.give_history(email, lines);
    server.token(email, GOOD).await
}

#[rstest]
#[tokio::test]
async fn an_export_has_every_line_once_during_concurrent_writes(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let token = account_with_history(&server, ADA, LINES).await;
    let mut reader = Reader::ask(&server, &token).await;
    assert_eq!(reader.status().await, 200);
    for number in 0..5 {
        let change = json!({"full_name": format!("Ada {number}")});
        assert_eq!(server.as_program(&token, "PATCH", "/api/v1/users/me", &change).await.status, 200);
    }
    let document = reader.document().await;
    let members: Vec<&String> = document.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["exported_at", "account", "language", "sessions", "activity"]);
    assert_eq!(document["account"]["email"], ADA);
    assert_eq!(document["sessions"].as_array().expect("a list").len(), 1);
    let lines = document["activity"].as_array().expect("a list").iter();
    // Lines added meanwhile may be included or not.
    let lines: Vec<&Value> = lines.filter(|line| line["event"] != "profile_changed").collect();
    let numbers: Vec<&str> =
        lines.iter().filter_map(|line| line["peer"].as_str()).filter(|peer| *peer != "127.0.0.1").collect();
    let expected: Vec<String> = (1..=LINES).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected);
    let events: Vec<&Value> = lines.iter().map(|line| &line["event"]).filter(|event| *event != "imported").collect();
    assert_eq!(events, ["data_exported", "login", "account_registered"]);
}

/// As text: order of members, no whitespace.
#[rstest]
#[tokio::test]
async fn the_export_document_is_exact(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(&[]));
    server.sign_up(ADA).await;
    let token = server.token(ADA, GOOD).await;
    let answer = export(&server, &token).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"account.json\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    let document = answer.json();
    let (now, id) = (document["exported_at"].as_str().expect("a time"), document["sessions"][0]["id"].clone());
    let expires = document["sessions"][0]["expires_at"].clone();
    let line = |event: &str| {
        format!(r#"{{"event":"{event}","succeeded":true,"at":"{now}","peer":"127.0.0.1","user_agent":null}}"#)
    };
    let lines = ["data_exported", "login", "account_registered"].map(line).join(",");
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"exported_at":"{now}","account":{{"id":1,"email":"{ADA}","username":null,"full_name":null,"is_active":true,"is_verified":false,"created_at":"{now}","pending_email":null}},"language":"en","sessions":[{{"id":{id},"is_current":true,"kind":"token","device":"","user_agent":null,"peer":"127.0.0.1","created_at":"{now}","last_seen_at":"{now}","expires_at":{expires}}}],"activity":[{lines}]}}"#
        )
    );
}

#[rstest]
#[tokio::test]
async fn one_export_at_a_time_for_each_account_over_all_instances(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let [one, other] = [(); 2].map(|()| Server::start_on(Arc::clone(&database), &[]));
    let token = account_with_history(&one, ADA, LINES).await;
    let mut reader = Reader::ask(&one, &token).await;
    assert_eq!(reader.status().await, 200);
    for server in [&one, &other] {
        let refused = export(server, &token).await;
        refused.assert_json(429, &json!({"detail": "Too many tries. Nothing was saved. Try again in 3 minutes."}));
        let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=180).contains(&seconds), "{seconds}");
    }
    let grace = account_with_history(&one, "grace@example.com", 1).await;
    assert_eq!(export(&one, &grace).await.status, 200, "other accounts have their own limit");
    reader.document().await;
    // The slot is released before the last page is sent.
    for server in [&other, &one, &other] {
        assert_eq!(export(server, &token).await.status, 200);
    }
    assert_eq!(database.count("SELECT count(*) FROM audit_log WHERE event = 'data_exported'"), 5);
}

#[rstest]
#[tokio::test]
async fn a_disconnect_releases_the_export(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let token = account_with_history(&server, ADA, LINES).await;
    let mut reader = Reader::ask(&server, &token).await;
    assert_eq!(reader.status().await, 200);
    drop(reader);
    eventually("the export is released", async || (export(&server, &token).await.status == 200).then_some(())).await;
}

/// The response is cut off, and what was sent is not a complete document.
#[rstest]
#[tokio::test]
async fn an_unread_export_is_cut_off_and_released(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let token = account_with_history(&server, ADA, LINES).await;
    let mut reader = Reader::ask(&server, &token).await;
    assert_eq!(reader.status().await, 200);
    eventually("the response is cut off", async || (export(&server, &token).await.status == 200).then_some(())).await;
    let rest = reader.read().await;
    assert!(!rest.is_ok_and(|rest| rest.ends_with("]}")), "the response was complete");
}

#[rstest]
#[tokio::test]
async fn exports_of_an_account_are_limited_by_the_hour(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(&[("RATE_LIMITS", "on")]));
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let token = server.token(ADA, GOOD).await;
    for _ in 0..5 {
        assert_eq!(export(&server, &token).await.status, 200);
    }
    let refused = export(&server, &token).await;
    refused.assert_json(429, &json!({"detail": "Too many tries. Nothing was saved. Try again in 12 minutes."}));
    assert_eq!(refused.header("retry-after"), "720");
    let page = ada.get("/account/export").await;
    assert_eq!(page.header("retry-after"), "720");
    assert_eq!(page.page(429).text("h1"), "That was too many tries");
    let authorization = format!("Bearer {token}");
    let head = server.send("HEAD", "/account/export", &[("authorization", &authorization)], "").await;
    assert_eq!(head.status, 200, "HEAD does not count as an export");
    server.sign_up("grace@example.com").await;
    let grace = server.token("grace@example.com", GOOD).await;
    assert_eq!(export(&server, &grace).await.status, 200, "other accounts have their own limit");
    assert_eq!(server.database.count("SELECT count(*) FROM audit_log WHERE event = 'data_exported'"), 6);
    clock.stand_still(720);
    assert_eq!(export(&server, &token).await.status, 200);
    assert_eq!(export(&server, &token).await.status, 429);
}
