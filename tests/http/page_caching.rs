//! Pages that browsers may store and that are compressed: those without tokens, secrets and data of a session.

use rstest::rstest;

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server, server::BROWSER};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const STORABLE: &str = "private, no-cache";
const NO_STORE: &str = "no-store";

/// The page for a client that accepts gzip.
async fn get_compressed(browser: &Browser<'_>, path: &str) -> Answer {
    let cookies = browser.cookie_header();
    let headers = [("accept", BROWSER), ("accept-encoding", "gzip, br"), ("cookie", cookies.as_str())];
    browser.server.send("GET", path, &headers, "").await
}

#[track_caller]
fn assert_storable(answer: &Answer, status: u16, what: &str) {
    assert_eq!((answer.status, answer.header("cache-control")), (status, STORABLE), "{what}");
}

#[track_caller]
fn assert_no_store(answer: &Answer, status: u16, what: &str) {
    assert_eq!((answer.status, answer.header("cache-control")), (status, NO_STORE), "{what}");
}

#[rstest]
#[tokio::test]
async fn pages_with_tokens_or_account_data_are_not_stored(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let visitor = Browser::new(&server);
    for path in ["/register", "/login", "/forgot-password", "/verify-email"] {
        assert_storable(&visitor.get(path).await, 200, path);
        let answer = get_compressed(&visitor, path).await;
        assert_eq!(answer.header("content-encoding"), "gzip", "{path}");
    }
    for (path, fields, status) in [
        ("/register", vec![("email", "ada.example.com"), ("password", "short")], 400),
        ("/login", vec![("identifier", ADA)], 400),
        ("/login", vec![("identifier", ADA), ("password", "wrong")], 403),
        ("/forgot-password", vec![("email", "ada.example.com")], 400),
        ("/forgot-password", vec![("email", "nobody@example.com")], 200),
        ("/verify-email/resend", vec![("email", "ada.example.com")], 400),
        ("/verify-email/resend", vec![("email", "nobody@example.com")], 200),
    ] {
        assert_storable(&visitor.post(path, &fields).await, status, &format!("{path} {fields:?}"));
    }
    assert_storable(&visitor.get("/nothing").await, 404, "an unknown path");
    assert_storable(&visitor.get("/verify-email?token=x").await, 400, "an invalid link");
    assert_storable(&visitor.get("/reset-password").await, 400, "no link");

    // With a session.
    let ada = Browser::new(&server);
    let signed_up = ada.post("/register", &[("email", ADA), ("password", GOOD)]).await;
    assert_no_store(&signed_up, 303, "a redirect with a session");
    assert_no_store(&ada.get("/welcome").await, 200, "/welcome");
    for path in ["/account", "/account/export", "/verify-email"] {
        assert_no_store(&ada.get(path).await, 200, path);
        assert_eq!(get_compressed(&ada, path).await.header("content-encoding"), "", "{path}");
    }
    assert_no_store(&ada.post("/account/profile", &[("full_name", &"x".repeat(500))]).await, 400, "the account's form");
    assert_no_store(&ada.post("/verify-email", &[("code", "000000")]).await, 400, "a wrong code with a session");

    // Links: the page contains the token.
    let link = format!("/verify-email?token={}", mailbox.newest(ADA, 1).await.token());
    let pages = [link.as_str(), "/reset-password"];
    assert_eq!(visitor.post("/forgot-password", &[("email", ADA)]).await.status, 200);
    let token = mailbox.newest(ADA, 2).await.token();
    let opened = visitor.get(&format!("/reset-password?token={token}")).await;
    assert_no_store(&opened, 303, "the link itself");
    for path in pages {
        let answer = get_compressed(&visitor, path).await;
        assert_no_store(&answer, 200, path);
        assert_eq!(answer.header("content-encoding"), "", "{path}");
        assert!(answer.text().contains("name=\"token\" value=\""), "{path} contains its token");
    }
    let wrong = [("token", token.as_str()), ("password", "short")];
    assert_no_store(&visitor.post("/reset-password", &wrong).await, 400, "the form with the token");
    let right = [("token", token.as_str()), ("password", "another-horse-battery")];
    assert_storable(&visitor.post("/reset-password", &right).await, 200, "the result");
}

#[rstest]
#[tokio::test]
async fn the_code_page_without_a_session_may_be_stored(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    assert_storable(&ada.get("/verify-email").await, 200, "the form");
    let code = mailbox.newest(ADA, 1).await.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_storable(&ada.post("/verify-email", &[("code", wrong)]).await, 400, "a wrong code");
    assert_storable(&ada.post("/verify-email/resend", &[]).await, 200, "another mail");
    let code = mailbox.newest(ADA, 2).await.code();
    assert_storable(&ada.post("/verify-email", &[("code", &code)]).await, 200, "the result");
}

/// Programs must not store responses.
#[rstest]
#[tokio::test]
async fn responses_to_programs_are_not_stored(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for (path, status) in [("/register", 400), ("/login", 400), ("/users", 400), ("/nothing", 404)] {
        let answer = server.post_json(path, &serde_json::json!({})).await;
        assert_no_store(&answer, status, path);
    }
}
