//! Changes of the email address, which take effect when the link in the mail is opened.

use crate::support::{ADA, Backend, Browser, GOOD, Mailbox, Server, eventually};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::{Value, json};

use super::tokens::rounds;

/// The account always has an address whose link was opened, also when another change is requested at that moment.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_address_requires_the_mail_to_that_address(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("HASH_QUEUE_SECONDS", "30")]);
    for round in 0..rounds() {
        let [start, first, second] = ["start", "first", "second"].map(|name| format!("{name}{round}@example.com"));
        server.sign_up(&start).await;
        let bearer = server.token(&start, GOOD).await;
        let change = async |address: &str| {
            let body = json!({"email": address, "current_password": GOOD});
            server.as_program(&bearer, "PATCH", "/api/v1/users/me", &body).await.status
        };
        let verify = async |token: &str| {
            server.as_program(&bearer, "POST", "/verify-email", &json!({"token": token})).await.status
        };
        let email =
            async || server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.json()["email"].clone();
        assert_eq!(change(&first).await, 200);
        let token = mailbox.newest(&first, 1).await.token();
        let (verified, changed) = tokio::join!(verify(&token), change(&second));
        assert_eq!(changed, 200);
        assert_eq!(email().await, json!(if verified == 204 { &first } else { &start }), "{verified}");
        // The verification may come after the second request, and cancel it.
        if verified == 204 && mailbox.to(&second).is_empty() {
            assert_eq!(change(&second).await, 200);
        }
        let newest = eventually("a mail", async || mailbox.to(&second).pop()).await.token();
        match verify(&newest).await {
            204 => assert_eq!(email().await, json!(second)),
            status => assert_eq!((status, verified), (400, 204), "the first verification invalidated it"),
        }
        assert_eq!(verify(&token).await, 400);
    }
}

/// An address that got an account in the meantime stays with that account.
#[rstest]
#[tokio::test]
async fn a_new_address_taken_before_its_verification_is_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let fields = [("current_password", GOOD), ("email", "king@example.com")];
    assert_eq!(Browser::location(&ada.post("/account/email", &fields).await), "/account");
    let token = mailbox.newest("king@example.com", 1).await.token();
    server.sign_up("king@example.com").await;
    let page = ada.post("/verify-email", &[("token", &token)]).await.page(400);
    assert_eq!(page.text("h1"), "This address has an account");
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE email = 'king@example.com' AND id = 1"), 0);

    // A taken address is not reported to the client; its owner gets a mail.
    let fields = [("current_password", GOOD), ("email", "king@example.com")];
    assert_eq!(Browser::location(&ada.post("/account/email", &fields).await), "/account");
    let mails = mailbox.wait_for("king@example.com", 3).await;
    assert!(mails.iter().any(|mail| mail.subject() == "You already have an account at Vestibule"));
}
