//! Sign-ups for an address that somebody has signed up with already, and nobody has proven.

use rstest::rstest;
use serde_json::json;

use crate::support::{ADA, Backend, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

/// Of what was never mailed, the newest are kept; what was mailed stays good.
#[rstest]
#[tokio::test]
async fn sign_ups_for_one_address_do_not_pile_up(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("on", "off")] conceals: &str,
) {
    let mailbox = Mailbox::open();
    let settings = [("CONCEAL_ACCOUNTS", conceals), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::mailing(backend, &mailbox, &settings);
    let sign_up = async |password: &str| {
        let answer = server.post_json("/register", &json!({"email": ADA, "password": password})).await;
        assert!(matches!(answer.status, 201 | 202), "{}", answer.text());
        server.mails_are_settled().await;
    };
    sign_up(GOOD).await;
    sign_up("the-owners-own-battery").await;
    let link = mailbox.newest(ADA, 2).await.token();
    for number in 0..100 {
        sign_up(&format!("strangers-own-battery-{number}")).await;
    }
    // One network causes five mails an hour; the first of them was of the account itself.
    let mailed = "SELECT count(DISTINCT claim_id) FROM mail_tokens";
    let claims = server.database.count("SELECT count(*) FROM claims");
    assert_eq!((mailbox.to(ADA).len(), server.database.count(mailed), claims), (5, 4, 20 + 4));

    let proof = json!({"token": link, "password": "the-owners-own-battery"});
    assert_eq!(server.post_json("/verify-email", &proof).await.status, 204);
    let login = json!({"identifier": ADA, "password": "the-owners-own-battery"});
    assert_eq!(server.post_json("/login", &login).await.status, 200);
    assert_eq!(server.database.count("SELECT count(*) FROM claims"), 0);
}
