//! The six-digit codes of verification mails.

use crate::support::{ADA, Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use super::tokens::{code, rounds};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_allows_five_attempts(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let correct = mailbox.newest(ADA, 1).await.code();
    let wrong: Vec<String> = (0..30).map(|n| format!("{n:06}")).filter(|code| *code != correct).collect();
    let ada = &ada;
    let answers = join_all(wrong.iter().map(|code| async move { ada.post("/verify-email", &[("code", code)]).await }));
    assert!(answers.await.iter().all(|answer| answer.status == 400));
    assert_eq!(
        server.database.count("SELECT sign_up_tries FROM mail_tokens"),
        5,
        "every attempt counts, up to the limit"
    );
    let refused = ada.post("/verify-email", &[("code", &correct)]).await.page(400);
    assert!(refused.text(".summary li").starts_with("This is not the code we sent, or it no longer works."));
    // A new code works.
    ada.post("/verify-email/resend", &[]).await;
    let code = mailbox.newest(ADA, 2).await.code();
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn code_input_is_parsed_and_validated(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let correct = mailbox.newest(ADA, 1).await.code();
    for (typed, message) in [
        ("", "Enter the code from the email."),
        ("12345", "Enter the 6 digits of the code."),
        ("abcdef", "Enter the 6 digits of the code."),
        ("1234567", "Enter the 6 digits of the code."),
    ] {
        let page = ada.post("/verify-email", &[("code", typed)]).await.page(400);
        assert_eq!(page.text(".summary li"), message, "{typed}");
    }
    let dashed = format!("{}-{}", &correct[..3], &correct[3..]);
    assert_eq!(ada.post("/verify-email", &[("code", &dashed)]).await.status, 200);

    // A program sends its credentials instead of a session.
    server.sign_up("bob@example.com").await;
    let correct = mailbox.newest("bob@example.com", 1).await.code();
    let body = json!({"code": correct, "email": "bob@example.com", "password": "wrong"});
    assert_eq!(code(&server.post_json("/verify-email", &body).await), "code_wrong");
    let body = json!({"code": correct, "email": "bob@example.com", "password": GOOD});
    assert_eq!(server.post_json("/verify-email", &body).await.status, 204);
}

/// The code and the link of one mail at once, and a new mail in between: at most one is accepted, without a deadlock.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_code_link_and_resend_verify_at_most_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let servers = Server::two_mailing(backend, &mailbox);
    for round in 0..rounds() * 3 {
        let address = format!("round{round}@example.com");
        let ada = Browser::new(&servers[0]);
        ada.sign_up(&address, GOOD).await;
        let mail = mailbox.newest(&address, 1).await;
        let (code, link) = (mail.code(), mail.token());
        let elsewhere = ada.at(&servers[1]);
        let fields = [[("code", code.as_str())], [("token", link.as_str())]];
        let attempts = join_all((0..6).map(|racer| {
            let (browser, fields) = (if racer % 2 == 0 { &ada } else { &elsewhere }, &fields[racer % 2]);
            async move { browser.post("/verify-email", fields).await.status }
        }));
        let (statuses, resent) = tokio::join!(attempts, elsewhere.post("/verify-email/resend", &[]));
        assert!(statuses.iter().all(|status| matches!(status, 200 | 303 | 400)), "{statuses:?}");
        assert_eq!(resent.status, 200);
        // One is accepted, or none if the new mail came first and invalidated them.
        match statuses.iter().filter(|status| **status == 200).count() {
            0 => {
                let code = mailbox.newest(&address, 2).await.code();
                assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 200, "{statuses:?}");
            }
            number => assert_eq!(number, 1, "{statuses:?}"),
        }
    }
    let verified = servers[0].database.count("SELECT count(*) FROM users WHERE is_verified");
    assert_eq!(verified, i64::try_from(rounds() * 3).expect("a number"));
}
