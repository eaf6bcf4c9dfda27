//! The six digits of a mail.

use crate::support::{ADA, Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use super::tokens::{code, rounds};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_may_be_tried_five_times(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let right = mailbox.newest(ADA, 1).await.code();
    let wrong: Vec<String> = (0..30).map(|n| format!("{n:06}")).filter(|code| *code != right).collect();
    let ada = &ada;
    let answers = join_all(wrong.iter().map(|code| async move { ada.post("/verify-email", &[("code", code)]).await }));
    assert!(answers.await.iter().all(|answer| answer.status == 400));
    assert_eq!(
        server.database.count("SELECT sign_up_tries FROM mail_tokens"),
        5,
        "none is lost, and none counts after"
    );
    let refused = ada.post("/verify-email", &[("code", &right)]).await.page(400);
    assert!(refused.text(".summary li").starts_with("This is not the code we sent, or it no longer works."));
    // The link is good as before, and so is another code.
    ada.post("/verify-email/resend", &[]).await;
    let code = mailbox.newest(ADA, 2).await.code();
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn codes_are_read_as_they_are_typed(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let right = mailbox.newest(ADA, 1).await.code();
    for (typed, message) in [
        ("", "Enter the code from the email."),
        ("12345", "Enter the 6 digits of the code."),
        ("abcdef", "Enter the 6 digits of the code."),
        ("1234567", "Enter the 6 digits of the code."),
    ] {
        let page = ada.post("/verify-email", &[("code", typed)]).await.page(400);
        assert_eq!(page.text(".summary li"), message, "{typed}");
    }
    let dashed = format!("{}-{}", &right[..3], &right[3..]);
    assert_eq!(ada.post("/verify-email", &[("code", &dashed)]).await.status, 200);

    // A program gives its credentials instead of a session.
    server.sign_up("bob@example.com").await;
    let right = mailbox.newest("bob@example.com", 1).await.code();
    let body = json!({"code": right, "email": "bob@example.com", "password": "wrong"});
    assert_eq!(code(&server.post_json("/verify-email", &body).await), "code_wrong");
    let body = json!({"code": right, "email": "bob@example.com", "password": GOOD});
    assert_eq!(server.post_json("/verify-email", &body).await.status, 204);
}

/// The code and the link of one mail at once, and a new mail in between: each waits for the other, and none for both.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn code_link_and_another_mail_at_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let servers = Server::two_mailing(backend, &mailbox);
    for round in 0..rounds() * 3 {
        let address = format!("round{round}@example.com");
        let ada = Browser::new(&servers[0]);
        ada.sign_up(&address, GOOD).await;
        let mail = mailbox.newest(&address, 1).await;
        let (code, link) = (mail.code(), mail.token());
        let there = ada.at(&servers[1]);
        let fields = [[("code", code.as_str())], [("token", link.as_str())]];
        let ways = join_all((0..6).map(|racer| {
            let (browser, fields) = (if racer % 2 == 0 { &ada } else { &there }, &fields[racer % 2]);
            async move { browser.post("/verify-email", fields).await.status }
        }));
        let (statuses, resent) = tokio::join!(ways, there.post("/verify-email/resend", &[]));
        assert!(statuses.iter().all(|status| matches!(status, 200 | 303 | 400)), "{statuses:?}");
        assert_eq!(resent.status, 200);
        // One of them, or the new mail came first and made them all worthless.
        match statuses.iter().filter(|status| **status == 200).count() {
            0 => {
                let code = mailbox.newest(&address, 2).await.code();
                assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 200, "{statuses:?}");
            }
            number => assert_eq!(number, 1, "{statuses:?}"),
        }
    }
    let proven = servers[0].database.count("SELECT count(*) FROM users WHERE is_verified");
    assert_eq!(proven, i64::try_from(rounds() * 3).expect("a number"));
}
