//! Requests for mails, and mailed links and codes.

use crate::support::{ADA, BETTER, Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::{Value, json};

use super::{address, behind, limited};

/// Requests a mail from this network behind the trusted proxy; returns the status.
async fn ask(server: &Server, path: &str, email: &str, network: &str) -> u16 {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
    server.send("POST", path, &headers, json!({"email": email}).to_string()).await.status
}

async fn ask_often(server: &Server, path: &str, email: &str, network: &str, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(ask(server, path, email, network).await);
    }
    statuses
}

#[rstest]
#[tokio::test]
async fn mail_requests_count_alike_for_known_and_unknown_addresses(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(ADA, "nobody@example.com")] email: &str,
) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("RATE_LIMIT_FORGOT_PASSWORD_PAIR", "3/hour"),
        ("RATE_LIMIT_RESEND_ACCOUNT", "2/hour"),
    ];
    let server = behind(backend, &settings);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let [here, there] = ["198.51.100.1", "198.51.100.2"];
    assert_eq!(ask_often(&server, "/forgot-password", email, here, 4).await, [202, 202, 202, 429]);
    assert_eq!(ask(&server, "/forgot-password", email, there).await, 202, "another network");
    assert_eq!(ask_often(&server, "/verify-email/resend", email, here, 3).await, [202, 202, 429]);
    assert_eq!(ask(&server, "/verify-email/resend", email, there).await, 429, "the same account");
}

#[rstest]
#[tokio::test]
async fn mail_requests_of_a_network_are_limited_over_all_recipients(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = behind(backend, &[("SMTP_URL", &url), ("RATE_LIMIT_FORGOT_PASSWORD", "6/hour")]);
    let network = "198.51.100.1";
    // Invalid addresses do not count.
    assert_eq!(ask_often(&server, "/forgot-password", "nobody", network, 3).await, [400, 400, 400]);
    let mut statuses = Vec::new();
    for number in 0..8 {
        statuses.push(ask(&server, "/forgot-password", &format!("p{number}@example.com"), network).await);
    }
    assert_eq!(statuses, [202, 202, 202, 202, 202, 202, 429, 429]);
    assert_eq!(ask(&server, "/forgot-password", "p9@example.com", "198.51.100.2").await, 202);
}

#[rstest]
#[tokio::test]
async fn links_and_codes_are_counted_together(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = limited(backend, &[("SMTP_URL", &url), ("RATE_LIMIT_VERIFY", "3/hour")]);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let post = async |path: &str, body: Value| server.post_json(path, &body).await.status;
    let token = "A".repeat(43);
    for _ in 0..3 {
        assert_eq!(post("/reset-password", json!({"password": GOOD})).await, 400, "a missing token does not count");
        assert_eq!(post("/verify-email", json!({"code": "12"})).await, 400, "a malformed code does not count");
    }
    let code = json!({"code": "123456", "identifier": ADA, "password": GOOD});
    let attempts = [
        ("/reset-password", json!({"token": token, "password": BETTER})),
        ("/verify-email", json!({"token": token})),
        ("/verify-email", code),
    ];
    for status in [400, 429] {
        for (path, body) in &attempts {
            assert_eq!(post(path, body.clone()).await, status, "{path} {body}");
        }
    }
}

/// Forms are returned filled in.
#[rstest]
#[tokio::test]
async fn a_login_form_over_the_limit_is_returned(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[("RATE_LIMIT_LOGIN", "1/hour")]);
    let browser = Browser::new(&server);
    assert_eq!(browser.log_in(ADA, "wrong").await.status, 403);
    let page = browser.log_in(ADA, "wrong").await.page(429);
    assert_eq!(page.attribute("input[name=identifier]", "value").as_deref(), Some(ADA));
    assert!(page.text(".summary li").ends_with("enter it again."));
}

#[rstest]
#[case("/forgot-password", "Forgot your password?")]
#[case("/verify-email/resend", "Have the email sent again")]
#[tokio::test]
async fn mail_request_forms_over_the_limit_are_returned(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] path: &str,
    #[case] title: &str,
) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings =
        [("SMTP_URL", url.as_str()), ("RATE_LIMIT_FORGOT_PASSWORD", "1/hour"), ("RATE_LIMIT_RESEND", "1/hour")];
    let server = limited(backend, &settings);
    let browser = Browser::new(&server);
    assert_eq!(browser.post(path, &[("email", "bob@example.com")]).await.status, 200);
    let page = browser.post(path, &[("email", "bob@example.com")]).await.page(429);
    assert_eq!(page.text("h1"), title);
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("bob@example.com"));
    assert!(page.text(".summary li").ends_with("minutes."), "the form has no password");
}

#[rstest]
#[tokio::test]
async fn code_and_link_forms_over_the_limit_are_returned(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("RATE_LIMIT_RESEND", "1/hour"), ("RATE_LIMIT_VERIFY", "1/hour")];
    let server = limited(backend, &settings);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    mailbox.wait_for(ADA, 1).await;
    assert_eq!(ada.post("/verify-email", &[("code", "123456")]).await.status, 400);
    let page = ada.post("/verify-email", &[("code", "123456")]).await.page(429);
    assert!(page.has("input[name=code]"));
    assert!(page.text(".summary li").ends_with("minutes."));
    assert_eq!(ada.post("/verify-email/resend", &[]).await.status, 200);
    assert!(ada.post("/verify-email/resend", &[]).await.page(429).has("input[name=code]"));
    let token = mailbox.newest(ADA, 2).await.token();
    let other = Browser::new(&server);
    let page = other.post("/verify-email", &[("token", &token), ("password", "wrong")]).await.page(429);
    assert_eq!(page.attribute("input[name=token]", "value").as_deref(), Some(token.as_str()));
    assert!(page.has("input[type=password]"));
    assert!(page.text(".summary li").ends_with("enter it again."));
    // An unknown link has no form.
    assert!(!other.post("/verify-email", &[("token", &"A".repeat(43))]).await.page(429).has("input[name=token]"));
}
