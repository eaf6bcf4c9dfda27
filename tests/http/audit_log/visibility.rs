//! What the export and the account page show of the audit log.

use rstest::rstest;

use super::{ADA, BETTER, Backend, Client, GOOD, Mailbox, PROXY, Postgres, Server, Sqlite, Value, json};

const OWNERS_PEER: &str = "198.51.100.23";
const OWNERS_AGENT: &str = "Owner's own browser";

/// Lines of an export, without their times.
fn lines(export: &Value) -> Vec<Value> {
    let lines = export["activity"].as_array().expect("a list").iter();
    lines.map(|line| json!([line["event"], line["succeeded"], line["peer"], line["user_agent"]])).collect()
}

/// An attacker signed up with the owner's address. The owner's failed attempts do not reveal the owner.
#[rstest]
#[tokio::test]
async fn failed_clients_of_an_unverified_account_are_not_shown(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[PROXY]);
    let attacker = Client::new(&server, "203.0.113.9", "Stranger's browser");
    let owner = Client::new(&server, OWNERS_PEER, OWNERS_AGENT);
    assert_eq!(attacker.post("/register", &[("email", ADA), ("password", GOOD)]).await, 303);
    let login = json!({"identifier": ADA, "password": GOOD});
    let token =
        attacker.json("POST", "/login", "", &login).await.json()["access_token"].as_str().expect("one").to_owned();
    let verification = mailbox.newest(ADA, 1).await.token();

    assert_eq!(owner.post("/login", &[("identifier", ADA), ("password", BETTER)]).await, 403);
    let login = json!({"identifier": ADA, "password": BETTER});
    assert_eq!(owner.json("POST", "/login", "", &login).await.status, 401);
    assert_eq!(owner.post("/api/v1/login/access-token", &[("username", ADA), ("password", BETTER)]).await, 400);
    assert_eq!(owner.post("/verify-email", &[("token", &verification), ("password", BETTER)]).await, 400);
    assert_eq!(owner.post("/forgot-password", &[("email", ADA)]).await, 200);
    let reset = mailbox.newest(ADA, 2).await.token();

    let export = attacker.get("/account/export").await;
    let own = |event: &str| json!([event, true, "203.0.113.9", "Stranger's browser"]);
    let failed = |event: &str| json!([event, false, null, null]);
    let expected = [
        own("data_exported"),
        failed("email_verified"),
        failed("login"),
        failed("login"),
        failed("login"),
        own("login"),
        own("account_registered"),
    ];
    assert_eq!(lines(&export.json()), expected);
    let page = attacker.get("/account").await;
    let shown = page.page(200).texts("#activity li");
    assert_eq!(shown.len(), expected.len(), "{shown:?}");
    let failures: Vec<&String> = shown.iter().filter(|line| line.contains("Not successful")).collect();
    assert_eq!(failures.len(), 4, "{shown:?}");
    assert_eq!(shown.iter().filter(|line| line.contains("203.0.113.9")).count(), 3, "{shown:?}");
    for (what, answer) in [
        ("the page", page),
        ("the export", export),
        ("the account", attacker.json("GET", "/api/v1/users/me", &token, &Value::Null).await),
        ("its sessions", attacker.json("GET", "/api/v1/users/me/sessions", &token, &Value::Null).await),
        ("the session", attacker.json("GET", "/api/v1/session", &token, &Value::Null).await),
    ] {
        assert!(answer.status < 300, "{what}: {}", answer.status);
        let whole = format!("{:?} {}", answer.headers, answer.text());
        for secret in [OWNERS_PEER, OWNERS_AGENT, "Owner&#39;s own browser", "password_reset_requested"] {
            assert!(!whole.contains(secret), "{what} shows {secret}");
        }
    }

    // The owner has the account now, and sees the clients of failed logins.
    let fields = [("token", reset.as_str()), ("password", BETTER)];
    assert_eq!(owner.post("/reset-password", &fields).await, 200);
    assert_eq!(attacker.post("/login", &[("identifier", ADA), ("password", GOOD)]).await, 403);
    assert_eq!(owner.post("/login", &[("identifier", ADA), ("password", BETTER)]).await, 303);
    let owners = |event: &str| json!([event, true, OWNERS_PEER, OWNERS_AGENT]);
    let attackers = json!(["login", false, "203.0.113.9", "Stranger's browser"]);
    let expected = [owners("data_exported"), owners("login"), attackers, owners("password_reset")];
    assert_eq!(lines(&owner.get("/account/export").await.json()), expected);
    let shown = owner.get("/account").await.page(200).texts("#activity li");
    assert!(shown[2].contains("203.0.113.9") && shown[2].contains("Not successful"), "{shown:?}");
}
