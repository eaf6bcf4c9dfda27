//! Another address for an account, which counts once its mail was opened.

use crate::support::{ADA, Backend, Browser, GOOD, Mailbox, Server, eventually};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::{Value, json};

use super::tokens::rounds;

/// The address that counts is always the one whose mail was opened, also where another is asked for at that moment.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_address_is_bound_to_its_mailbox(#[values(Sqlite, Postgres)] backend: Backend) {
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
        let prove = async |token: &str| {
            server.as_program(&bearer, "POST", "/verify-email", &json!({"token": token})).await.status
        };
        let email =
            async || server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.json()["email"].clone();
        assert_eq!(change(&first).await, 200);
        let token = mailbox.newest(&first, 1).await.token();
        let (proven, changed) = tokio::join!(prove(&token), change(&second));
        assert_eq!(changed, 200);
        assert_eq!(email().await, json!(if proven == 204 { &first } else { &start }), "{proven}");
        // The proof may have come after it was asked for, and ended that too.
        if proven == 204 && mailbox.to(&second).is_empty() {
            assert_eq!(change(&second).await, 200);
        }
        let newest = eventually("a mail", async || mailbox.to(&second).pop()).await.token();
        match prove(&newest).await {
            204 => assert_eq!(email().await, json!(second)),
            status => assert_eq!((status, proven), (400, 204), "the proof of the first made it dead"),
        }
        assert_eq!(prove(&token).await, 400);
    }
}

/// An address that got an account in the meantime is not taken from it.
#[rstest]
#[tokio::test]
async fn a_new_address_may_be_taken_by_the_time_it_is_proven(#[values(Sqlite, Postgres)] backend: Backend) {
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

    // One that has an account already is not told to whoever asks, but to its owner.
    let fields = [("current_password", GOOD), ("email", "king@example.com")];
    assert_eq!(Browser::location(&ada.post("/account/email", &fields).await), "/account");
    let mails = mailbox.wait_for("king@example.com", 3).await;
    assert!(mails.iter().any(|mail| mail.subject() == "You already have an account at Vestibule"));
}
