//! Which pages a browser's history may keep, and which are compressed: those that hold no token, no secret and nothing of
//! an account that is signed in to.

use rstest::rstest;

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server, server::BROWSER};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const KEPT: &str = "private, no-cache";
const CLOSED: &str = "no-store";

/// The page again, for a client that takes gzip.
async fn zipped(browser: &Browser<'_>, path: &str) -> Answer {
    let cookies = browser.cookie_header();
    let headers = [("accept", BROWSER), ("accept-encoding", "gzip, br"), ("cookie", cookies.as_str())];
    browser.server.send("GET", path, &headers, "").await
}

#[track_caller]
fn assert_kept(answer: &Answer, status: u16, what: &str) {
    assert_eq!((answer.status, answer.header("cache-control")), (status, KEPT), "{what}");
}

#[track_caller]
fn assert_closed(answer: &Answer, status: u16, what: &str) {
    assert_eq!((answer.status, answer.header("cache-control")), (status, CLOSED), "{what}");
}

#[rstest]
#[tokio::test]
async fn what_was_typed_is_kept_and_what_is_secret_is_not(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let visitor = Browser::new(&server);
    for path in ["/register", "/login", "/forgot-password", "/verify-email"] {
        assert_kept(&visitor.get(path).await, 200, path);
        let answer = zipped(&visitor, path).await;
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
        assert_kept(&visitor.post(path, &fields).await, status, &format!("{path} {fields:?}"));
    }
    assert_kept(&visitor.get("/nothing").await, 404, "what is not there");
    assert_kept(&visitor.get("/verify-email?token=x").await, 400, "a dead link");
    assert_kept(&visitor.get("/reset-password").await, 400, "no link");

    // Somebody who is signed in, and their address.
    let ada = Browser::new(&server);
    let signed_up = ada.post("/register", &[("email", ADA), ("password", GOOD)]).await;
    assert_closed(&signed_up, 303, "a redirect with a session");
    assert_closed(&ada.get("/welcome").await, 200, "/welcome");
    for path in ["/account", "/account/export", "/verify-email"] {
        assert_closed(&ada.get(path).await, 200, path);
        assert_eq!(zipped(&ada, path).await.header("content-encoding"), "", "{path}");
    }
    assert_closed(&ada.post("/account/profile", &[("full_name", &"x".repeat(500))]).await, 400, "the account's form");
    assert_closed(&ada.post("/verify-email", &[("code", "000000")]).await, 400, "the code of who is signed in");

    // Links: the page holds their token.
    let link = format!("/verify-email?token={}", mailbox.newest(ADA, 1).await.token());
    let pages = [link.as_str(), "/reset-password"];
    assert_eq!(visitor.post("/forgot-password", &[("email", ADA)]).await.status, 200);
    let token = mailbox.newest(ADA, 2).await.token();
    let opened = visitor.get(&format!("/reset-password?token={token}")).await;
    assert_closed(&opened, 303, "the link itself");
    for path in pages {
        let answer = zipped(&visitor, path).await;
        assert_closed(&answer, 200, path);
        assert_eq!(answer.header("content-encoding"), "", "{path}");
        assert!(answer.text().contains("name=\"token\" value=\""), "{path} holds its token");
    }
    let wrong = [("token", token.as_str()), ("password", "short")];
    assert_closed(&visitor.post("/reset-password", &wrong).await, 400, "the form with the token");
    let right = [("token", token.as_str()), ("password", "another-horse-battery")];
    assert_kept(&visitor.post("/reset-password", &right).await, 200, "it is done");
}

#[rstest]
#[tokio::test]
async fn a_code_that_was_wrong_is_kept_before_anybody_is_signed_in(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    assert_kept(&ada.get("/verify-email").await, 200, "the form");
    let code = mailbox.newest(ADA, 1).await.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_kept(&ada.post("/verify-email", &[("code", wrong)]).await, 400, "a wrong code");
    assert_kept(&ada.post("/verify-email/resend", &[]).await, 200, "another mail");
    let code = mailbox.newest(ADA, 2).await.code();
    assert_kept(&ada.post("/verify-email", &[("code", &code)]).await, 200, "it is done");
}

/// Programs keep nothing.
#[rstest]
#[tokio::test]
async fn answers_to_programs_are_never_kept(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for (path, status) in [("/register", 400), ("/login", 400), ("/users", 400), ("/nothing", 404)] {
        let answer = server.post_json(path, &serde_json::json!({})).await;
        assert_closed(&answer, status, path);
    }
}
