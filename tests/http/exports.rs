//! Exports: whole however long, one at a time and a few an hour for each account, over all instances.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, Backend, Browser, FakeClock, GOOD, Reader, Server, TestDatabase, eventually};
use Backend::{Postgres, Sqlite};

/// More than one page of lines, and more than the system keeps of an answer that nobody reads.
const LINES: usize = 1543;

async fn ask(server: &Server, token: &str) -> Answer {
    server.as_program(token, "GET", "/account/export", &Value::Null).await
}

/// Somebody with so many lines of history, and their token.
async fn make(server: &Server, email: &str, lines: usize) -> String {
    server.sign_up(email).await;
    server.database.give_history(email, lines);
    server.token(email, GOOD).await
}

#[rstest]
#[tokio::test]
async fn every_line_is_there_once_while_others_are_added(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let token = make(&server, ADA, LINES).await;
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
    // Those that were added meanwhile may be there or not.
    let lines: Vec<&Value> = lines.filter(|line| line["event"] != "profile_changed").collect();
    let numbers: Vec<&str> =
        lines.iter().filter_map(|line| line["peer"].as_str()).filter(|peer| *peer != "127.0.0.1").collect();
    let expected: Vec<String> = (1..=LINES).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected);
    let events: Vec<&Value> = lines.iter().map(|line| &line["event"]).filter(|event| *event != "imported").collect();
    assert_eq!(events, ["data_exported", "login", "account_registered"]);
}

/// As text: order of members, no space, no line.
#[rstest]
#[tokio::test]
async fn the_document_is_as_it_always_was(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(&[]));
    server.sign_up(ADA).await;
    let token = server.token(ADA, GOOD).await;
    let export = ask(&server, &token).await;
    assert_eq!((export.status, export.header("content-type")), (200, "application/json"));
    assert_eq!(export.header("content-disposition"), "attachment; filename=\"account.json\"");
    assert_eq!(export.header("cache-control"), "no-store");
    let document = export.json();
    let (now, id) = (document["exported_at"].as_str().expect("a time"), document["sessions"][0]["id"].clone());
    let expires = document["sessions"][0]["expires_at"].clone();
    let line = |event: &str| {
        format!(r#"{{"event":"{event}","succeeded":true,"at":"{now}","peer":"127.0.0.1","user_agent":null}}"#)
    };
    let lines = ["data_exported", "login", "account_registered"].map(line).join(",");
    assert_eq!(
        export.text(),
        format!(
            r#"{{"exported_at":"{now}","account":{{"id":1,"email":"{ADA}","username":null,"full_name":null,"is_active":true,"is_verified":false,"created_at":"{now}","pending_email":null}},"language":"en","sessions":[{{"id":{id},"is_current":true,"kind":"token","device":"","user_agent":null,"peer":"127.0.0.1","created_at":"{now}","last_seen_at":"{now}","expires_at":{expires}}}],"activity":[{lines}]}}"#
        )
    );
}

#[rstest]
#[tokio::test]
async fn an_account_has_one_export_at_a_time_over_all_instances(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let [one, other] = [(); 2].map(|()| Server::start_on(Arc::clone(&database), &[]));
    let token = make(&one, ADA, LINES).await;
    let mut reader = Reader::ask(&one, &token).await;
    assert_eq!(reader.status().await, 200);
    for server in [&one, &other] {
        let refused = ask(server, &token).await;
        refused.assert_json(429, &json!({"detail": "Too many tries. Nothing was saved. Try again in 3 minutes."}));
        let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=180).contains(&seconds), "{seconds}");
    }
    let grace = make(&one, "grace@example.com", 1).await;
    assert_eq!(ask(&one, &grace).await.status, 200, "others have their own");
    reader.document().await;
    // At once, since its end was sent last.
    for server in [&other, &one, &other] {
        assert_eq!(ask(server, &token).await.status, 200);
    }
    assert_eq!(database.count("SELECT count(*) FROM audit_log WHERE event = 'data_exported'"), 5);
}

#[rstest]
#[tokio::test]
async fn who_leaves_may_ask_again(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let token = make(&server, ADA, LINES).await;
    let mut reader = Reader::ask(&server, &token).await;
    assert_eq!(reader.status().await, 200);
    drop(reader);
    eventually("the export is given back", async || (ask(&server, &token).await.status == 200).then_some(())).await;
}

/// It is no longer served, and what came so far does not look like the whole.
#[rstest]
#[tokio::test]
async fn who_does_not_read_is_cut_and_may_ask_again(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let token = make(&server, ADA, LINES).await;
    let mut reader = Reader::ask(&server, &token).await;
    assert_eq!(reader.status().await, 200);
    eventually("it is cut", async || (ask(&server, &token).await.status == 200).then_some(())).await;
    let rest = reader.read().await;
    assert!(!rest.is_ok_and(|rest| rest.ends_with("]}")), "it was given all of it");
}

#[rstest]
#[tokio::test]
async fn an_account_has_a_few_exports_an_hour(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(&[("RATE_LIMITS", "on")]));
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let token = server.token(ADA, GOOD).await;
    for _ in 0..5 {
        assert_eq!(ask(&server, &token).await.status, 200);
    }
    let refused = ask(&server, &token).await;
    refused.assert_json(429, &json!({"detail": "Too many tries. Nothing was saved. Try again in 12 minutes."}));
    assert_eq!(refused.header("retry-after"), "720");
    let page = ada.get("/account/export").await;
    assert_eq!(page.header("retry-after"), "720");
    assert_eq!(page.page(429).text("h1"), "That was too many tries");
    let authorization = format!("Bearer {token}");
    let looked = server.send("HEAD", "/account/export", &[("authorization", &authorization)], "").await;
    assert_eq!(looked.status, 200, "a look at the head is no export");
    server.sign_up("grace@example.com").await;
    let grace = server.token("grace@example.com", GOOD).await;
    assert_eq!(ask(&server, &grace).await.status, 200, "others have their own");
    assert_eq!(server.database.count("SELECT count(*) FROM audit_log WHERE event = 'data_exported'"), 6);
    clock.stand_still(720);
    assert_eq!(ask(&server, &token).await.status, 200);
    assert_eq!(ask(&server, &token).await.status, 429);
}
