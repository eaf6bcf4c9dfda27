//! The activity of an unverified account hides other clients from its holder: one may be the owner of the address.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Answer, Backend, GOOD, Mailbox, Server, TestDatabase, server::BROWSER};
use Backend::{Postgres, Sqlite};

const HOLDER: (&str, &str) = ("198.51.100.7", "Holder/1.0");
const OWNER: (&str, &str) = ("192.0.2.44", "Owner/2.0");
const OWNERS: &str = "owls in the old barn";

/// Posts JSON as one of these two clients.
async fn post(server: &Server, (peer, agent): (&str, &str), path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", peer), ("user-agent", agent)];
    server.send("POST", path, &headers, body.to_string()).await
}

async fn log_in(server: &Server, client: (&str, &str), password: &str) -> Answer {
    post(server, client, "/login", &json!({"identifier": ADA, "password": password})).await
}

/// The activity on the account page and in the export, and the whole text of both.
struct Shown {
    page: Vec<String>,
    export: Vec<Value>,
    text: String,
}

async fn shown(server: &Server, password: &str) -> Shown {
    let answer = log_in(server, HOLDER, password).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let bearer = format!("Bearer {}", answer.json()["access_token"].as_str().expect("a token"));
    let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", HOLDER.0), ("user-agent", HOLDER.1)];
    let export = server.send("GET", "/account/export", &headers, "").await;
    assert_eq!(export.status, 200);
    // The page requires the cookie of a browser.
    let origin = server.url("");
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", BROWSER),
        ("sec-fetch-site", "same-origin"),
        ("origin", origin.as_str()),
        ("x-forwarded-for", HOLDER.0),
        ("user-agent", HOLDER.1),
    ];
    let fields = crate::support::server::form(&[("identifier", ADA), ("password", password)]);
    let cookie = server.send("POST", "/login", &form, fields).await.cookie("vestibule_session").pair();
    let page = server.send("GET", "/account", &[("accept", BROWSER), ("cookie", &cookie)], "").await;
    let text = format!("{}{}", page.text(), export.text());
    let entries = export.json()["activity"].as_array().expect("a list").clone();
    Shown { page: page.page(200).texts("#activity li"), export: entries, text }
}

/// An entry of the export without its time.
fn line(entry: &Value) -> (String, bool, Option<String>, Option<String>) {
    let text = |name: &str| entry[name].as_str().map(str::to_owned);
    (text("event").expect("an event"), entry["succeeded"] == true, text("peer"), text("user_agent"))
}

fn entry(event: &str, succeeded: bool, client: Option<(&str, &str)>) -> (String, bool, Option<String>, Option<String>) {
    (event.to_owned(), succeeded, client.map(|(peer, _)| peer.to_owned()), client.map(|(_, agent)| agent.to_owned()))
}

#[rstest]
#[tokio::test]
async fn clients_of_failed_logins_are_shown_only_to_the_owner(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("TRUSTED_PROXIES", "127.0.0.1")]);
    assert_eq!(post(&server, HOLDER, "/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
    let mail = mailbox.newest(ADA, 1).await;

    // The owner tries to log in, to verify and to reset the password.
    assert_eq!(log_in(&server, OWNER, OWNERS).await.status, 401);
    let body = json!({"token": mail.token(), "password": OWNERS});
    assert_eq!(post(&server, OWNER, "/verify-email", &body).await.status, 400);
    assert_eq!(post(&server, OWNER, "/forgot-password", &json!({"email": ADA})).await.status, 202);
    let reset = mailbox.newest(ADA, 2).await;

    let Shown { page, export, text } = shown(&server, GOOD).await;
    let expected = [
        entry("data_exported", true, Some(HOLDER)),
        entry("login", true, Some(HOLDER)),
        entry("email_verified", false, None),
        entry("login", false, None),
        entry("account_registered", true, Some(HOLDER)),
    ];
    assert_eq!(export.iter().map(line).collect::<Vec<_>>(), expected);
    assert!(!text.contains(OWNER.0) && !text.contains(OWNER.1), "{text}");
    assert_eq!(page.len(), 6, "{page:?}");
    assert!(page[4].starts_with("Somebody tried to sign in Not successful"), "{page:?}");
    assert!(page[5].contains(HOLDER.0), "{page:?}");

    // The account is the owner's now, and shows the clients of failed logins.
    let body = json!({"token": reset.token(), "password": OWNERS});
    assert_eq!(post(&server, OWNER, "/reset-password", &body).await.status, 204);
    server.database.execute("UPDATE users SET is_verified = TRUE");
    assert_eq!(log_in(&server, ("203.0.113.5", "Thief/3.0"), GOOD).await.status, 401);
    let Shown { page, export, .. } = shown(&server, OWNERS).await;
    let failed = export.iter().map(line).find(|(_, succeeded, ..)| !succeeded);
    assert_eq!(failed, Some(entry("login", false, Some(("203.0.113.5", "Thief/3.0")))));
    assert!(page.iter().any(|line| line.contains("203.0.113.5")), "{page:?}");
}

/// Also if login required verification when the owner signed up and no longer does.
#[rstest]
#[tokio::test]
async fn clients_of_later_sign_ups_are_not_shown_to_the_holder(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let database = Arc::new(TestDatabase::new(backend));
    let settings = [("SMTP_URL", url.as_str()), ("TRUSTED_PROXIES", "127.0.0.1"), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::start_on(Arc::clone(&database), &settings);
    for (client, password) in [(HOLDER, GOOD), (OWNER, OWNERS)] {
        assert_eq!(post(&server, client, "/register", &json!({"email": ADA, "password": password})).await.status, 201);
    }
    mailbox.wait_for(ADA, 2).await;
    server.kill();
    let server = Server::start_on(database, &settings[..2]);
    let Shown { export, text, .. } = shown(&server, GOOD).await;
    assert_eq!(line(&export[2]), entry("account_claimed", true, None));
    assert!(!text.contains(OWNER.0) && !text.contains(OWNER.1), "{text}");
}
