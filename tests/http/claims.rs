//! Claims: later sign-ups for an address whose account is unverified.

use rstest::rstest;
use serde_json::json;

use crate::support::{ADA, Backend, FakeClock, GOOD, Mailbox, Server, eventually, mailbox::Behaviour};
use Backend::{Postgres, Sqlite};

/// Of claims without a mail the newest are stored; claims with a mail stay valid.
#[rstest]
#[tokio::test]
async fn claims_for_one_address_are_limited(
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
    // One network may cause five mails an hour; the first was for the account itself.
    let mailed = "SELECT count(DISTINCT claim_id) FROM mail_tokens";
    let claims = server.database.count("SELECT count(*) FROM claims");
    assert_eq!((mailbox.to(ADA).len(), server.database.count(mailed), claims), (5, 4, 20 + 4));

    let verification = json!({"token": link, "password": "the-owners-own-battery"});
    assert_eq!(server.post_json("/verify-email", &verification).await.status, 204);
    let login = json!({"identifier": ADA, "password": "the-owners-own-battery"});
    assert_eq!(server.post_json("/login", &login).await.status, 200);
    assert_eq!(server.database.count("SELECT count(*) FROM claims"), 0);
}

/// The owner's mail is not sent yet while an attacker signs up many times with the same address.
#[rstest]
#[tokio::test]
async fn a_claim_with_a_pending_mail_is_not_displaced(#[values(Sqlite, Postgres)] backend: Backend) {
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
    // One network may cause five mails an hour, the account's own among them; the others are dropped.
    let pending = "SELECT count(*) FROM outbox WHERE state = 'pending'";
    eventually("all but five are dropped", async || (server.database.count(pending) == 5).then_some(())).await;
    assert_eq!(server.database.count("SELECT count(*) FROM claims"), 20 + 5);
    mailbox.behave(Behaviour::default());
    clock.stand_still(60);
    server.mails_are_settled().await;
    let mut accepted = 0;
    for mail in mailbox.to(ADA) {
        let verification = json!({"token": mail.token(), "password": "the-owners-own-battery"});
        accepted += i32::from(server.post_json("/verify-email", &verification).await.status == 204);
    }
    assert_eq!(accepted, 1, "the owner's link works");
}

/// The response describes the claim, not the account that waits for verification.
#[rstest]
#[tokio::test]
async fn the_response_to_a_claim_has_its_own_name_and_time(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::mailing(backend, &mailbox, &clock.with(&[("REQUIRE_VERIFIED_EMAIL", "on")]));
    let sign_up = async |name: &str| {
        let body = json!({"email": ADA, "password": GOOD, "full_name": name});
        let answer = server.post_json("/api/v1/users/register", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    };
    let first = sign_up("Ada Lovelace").await;
    clock.stand_still(3600);
    let second = sign_up("Augusta King").await;
    assert_eq!((&first["full_name"], &second["full_name"]), (&json!("Ada Lovelace"), &json!("Augusta King")));
    assert_ne!(first["created_at"], second["created_at"]);
    assert_eq!(first["id"], second["id"]);
}
