//! Sign-ups for an address that somebody has signed up with already, and nobody has proven.

use rstest::rstest;
use serde_json::json;

use crate::support::{ADA, Backend, FakeClock, GOOD, Mailbox, Server, eventually, mailbox::Behaviour};
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

/// The owner's mail is still on its way while a stranger signs up very often with the same address.
#[rstest]
#[tokio::test]
async fn who_waits_for_a_mail_keeps_the_claim(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    clock.stand_still(0);
    let settings = [("REQUIRE_VERIFIED_EMAIL", "on"), ("TRUSTED_PROXIES", "127.0.0.0/8")];
    let server = Server::mailing(backend, &mailbox, &clock.with(&settings));
    let sign_up = async |network: &str, password: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
        let body = json!({"email": ADA, "password": password}).to_string();
        let answer = server.send("POST", "/register", &headers, body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    };
    let failed = "SELECT count(*) FROM outbox WHERE state = 'pending' AND last_error IS NOT NULL";
    sign_up("198.51.100.7", "strangers-own-battery").await;
    server.mails_are_settled().await;
    mailbox.behave(Behaviour { hangs_up: true, ..Behaviour::default() });
    sign_up("192.0.2.1", "the-owners-own-battery").await;
    eventually("the owner's mail fails", async || (server.database.count(failed) == 1).then_some(())).await;
    for number in 0..40 {
        sign_up("198.51.100.7", &format!("strangers-own-battery-{number}")).await;
    }
    // Five of one network are mailed in an hour, the account's own among them; the others are dropped.
    let pending = "SELECT count(*) FROM outbox WHERE state = 'pending'";
    eventually("all but five are dropped", async || (server.database.count(pending) == 5).then_some(())).await;
    assert_eq!(server.database.count("SELECT count(*) FROM claims"), 20 + 5);
    mailbox.behave(Behaviour::default());
    clock.stand_still(60);
    server.mails_are_settled().await;
    let mut works = 0;
    for mail in mailbox.to(ADA) {
        let proof = json!({"token": mail.token(), "password": "the-owners-own-battery"});
        works += i32::from(server.post_json("/verify-email", &proof).await.status == 204);
    }
    assert_eq!(works, 1, "the owner's link is there");
}
