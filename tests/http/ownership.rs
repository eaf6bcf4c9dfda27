//! Account pre-hijacking: an account that an attacker created belongs to the user who can read its mail.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    ADA, Answer, Backend, Browser, METRICS, Mailbox, Server,
    server::{BROWSER, form},
};
use Backend::{Postgres, Sqlite};

/// Passwords of the attacker and of the owner.
const ATTACKERS: &str = "strangers-own-battery";
pub const OWNERS: &str = "owls in the old barn";

pub async fn log_in(server: &Server, password: &str) -> u16 {
    server.post_json("/login", &json!({"identifier": ADA, "password": password})).await.status
}

#[track_caller]
fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.json()["errors"][0]["code"].as_str().expect("a code").to_owned()
}

/// The attacker has a session, a bearer token, a pending change of address and a link.
#[rstest]
#[tokio::test]
async fn a_reset_by_the_owner_removes_everything_of_the_attacker(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let attacker = Browser::new(&server);
    attacker.sign_up(ADA, ATTACKERS).await;
    attacker.post("/account/profile", &[("full_name", "Stranger was here")]).await;
    let verification = mailbox.newest(ADA, 1).await.token();
    let bearer = server.token(ADA, ATTACKERS).await;
    let fields = [("current_password", ATTACKERS), ("email", "stranger@example.com")];
    assert_eq!(Browser::location(&attacker.post("/account/email", &fields).await), "/account");
    let trojan = mailbox.newest("stranger@example.com", 1).await.token();

    // The link requires the account's password, which is the attacker's. The owner chooses a new one.
    let owner = Browser::new(&server);
    let page = owner.get(&format!("/verify-email?token={verification}")).await.page(200);
    assert!(page.has("input[type=password]"));
    assert!(page.has("a[href='/forgot-password']"));
    let page = owner.post("/verify-email", &[("token", &verification), ("password", OWNERS)]).await.page(400);
    assert_eq!(page.text(".summary li"), "This is not the password of this account. Check it, then try again.");
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    owner.post("/forgot-password", &[("email", ADA)]).await.page(200);
    let token = mailbox.newest(ADA, 2).await.token();
    owner.post("/reset-password", &[("token", &token), ("password", OWNERS)]).await.page(200);

    assert!(!attacker.is_signed_in().await);
    assert_eq!(server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    assert_eq!((log_in(&server, ATTACKERS).await, log_in(&server, OWNERS).await), (401, 200));
    for old in [&verification, &trojan] {
        let answer = server.post_json("/verify-email", &json!({"token": old, "password": ATTACKERS})).await;
        assert_eq!(code(&answer), "token_replaced");
    }
    assert_eq!(Browser::location(&owner.log_in(ADA, OWNERS).await), "/account");
    let account = owner.get("/account").await.page(200);
    assert!(account.text("#email").contains("ada@example.com is confirmed."));
    assert_eq!(account.attribute("input[name=full_name]", "value"), None);
    let export = owner.get("/account/export").await;
    assert!(!export.text().contains("tranger"), "{}", export.text());
    let lines = export.json()["activity"].as_array().expect("a list").clone();
    let events: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert!(!events.contains(&"account_registered"), "events of the attacker are not shown to the owner: {events:?}");
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);
}

/// Where login requires verification, a second sign-up (a claim) suffices.
#[rstest]
#[tokio::test]
async fn a_claim_by_the_owner_takes_over_the_account(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let attacker = Browser::new(&server);
    let fields = [("full_name", "Stranger"), ("email", ADA), ("password", ATTACKERS)];
    assert_eq!(Browser::location(&attacker.post("/register", &fields).await), "/welcome");
    let page = attacker.get("/welcome").await.page(200);
    assert_eq!(page.text("h1"), "Confirm your email address");
    assert!(!attacker.is_signed_in().await);
    assert_eq!(log_in(&server, ATTACKERS).await, 401, "no login before verification");
    let attackers_mail = mailbox.newest(ADA, 1).await;

    let owner = Browser::new(&server);
    let fields = [("full_name", "Ada"), ("email", "ADA@example.com"), ("password", OWNERS)];
    assert_eq!(Browser::location(&owner.post("/register", &fields).await), "/welcome");
    assert_eq!(log_in(&server, OWNERS).await, 401);
    let owners_mail = mailbox.newest(ADA, 2).await;

    // Neither can use the other's link.
    let answer = owner.post("/verify-email", &[("token", &attackers_mail.token()), ("password", OWNERS)]).await;
    assert_eq!(
        answer.page(400).text(".summary li"),
        "This is not the password of this account. Check it, then try again."
    );
    let answer = attacker.post("/verify-email", &[("token", &owners_mail.token()), ("password", ATTACKERS)]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(attacker.post("/verify-email", &[("code", &owners_mail.code())]).await.status, 400);
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);

    let page = owner.get(&format!("/verify-email?token={}", owners_mail.token())).await.page(200);
    assert!(!page.has("input[type=password]"), "the cookie identifies the owner's sign-up");
    assert_eq!(
        owner.post("/verify-email", &[("token", &owners_mail.token())]).await.page(200).text("h1"),
        "Email address confirmed"
    );
    assert_eq!((log_in(&server, ATTACKERS).await, log_in(&server, OWNERS).await), (401, 200));
    assert_eq!(server.database.texts("SELECT full_name AS t FROM users"), ["Ada"]);
    let answer =
        server.post_json("/verify-email", &json!({"token": attackers_mail.token(), "password": ATTACKERS})).await;
    assert_eq!(code(&answer), "token_replaced");
    assert_eq!(attacker.post("/verify-email", &[("code", &attackers_mail.code())]).await.status, 400);
    assert_eq!(server.database.count("SELECT count(*) FROM claims"), 0);

    // The address is now registered.
    server
        .post_json("/register", &json!({"email": ADA, "password": ATTACKERS}))
        .await
        .assert_json(400, &json!({"detail": "Email already registered"}));
}

/// Until the address is verified, the first sign-up may still verify it.
#[rstest]
#[tokio::test]
async fn an_attacker_cannot_block_the_owner_by_signing_up_again(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let owner = Browser::new(&server);
    owner.sign_up(ADA, OWNERS).await;
    let link = mailbox.newest(ADA, 1).await;
    for number in 0..3 {
        Browser::new(&server).sign_up(ADA, ATTACKERS).await;
        mailbox.wait_for(ADA, 2 + number).await;
    }
    assert_eq!(owner.post("/verify-email", &[("code", &link.code())]).await.status, 200);
    assert_eq!((log_in(&server, ATTACKERS).await, log_in(&server, OWNERS).await), (401, 200));
}

#[test]
fn settings_that_need_a_mail_server_require_smtp_url() {
    for (name, value) in [("REQUIRE_VERIFIED_EMAIL", "on"), ("CONCEAL_ACCOUNTS", "on")] {
        let mut command = crate::support::server::command("sqlite://unused.db", &[(name, value)]);
        let output = command.output().expect("vestibule");
        assert_eq!(output.status.code(), Some(2));
        let line = String::from_utf8(output.stderr).expect("text");
        assert_eq!(line, format!("vestibule: {name}: it needs a mail server; set SMTP_URL too\n"));
    }
}

/// Requests whose session ends while their bodies arrive change nothing.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn requests_in_flight_are_refused_once_their_session_ends(#[values(Sqlite, Postgres)] backend: Backend) {
    use std::io::{Read as _, Write as _};

    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[METRICS]);
    let attacker = Browser::new(&server);
    attacker.sign_up(ADA, ATTACKERS).await;
    let bearer = server.token(ADA, ATTACKERS).await;
    mailbox.wait_for(ADA, 1).await;
    let open = |method: &str, path: &str, body: &Value| {
        let body = body.to_string();
        let (most, rest) = body.split_at(body.len() - 1);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {bearer}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{most}",
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(server.address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        (stream, rest.to_owned())
    };
    let me = "/api/v1/users/me";
    let in_flight = [
        open("DELETE", me, &json!({"current_password": ATTACKERS})),
        open("PATCH", me, &json!({"full_name": "Mallory"})),
        open("PATCH", me, &json!({"email": "evil@example.com", "current_password": ATTACKERS})),
        open("PATCH", me, &json!({"password": "mallorys-own-battery", "current_password": ATTACKERS})),
        open("POST", "/account/sessions/revoke", &json!({"id": "others"})),
    ];
    server.has_in_flight(5).await;
    mailbox.wait_for(ADA, 1).await;
    server.post_json("/forgot-password", &json!({"email": ADA})).await;
    let token = mailbox.newest(ADA, 2).await.token();
    assert_eq!(server.post_json("/reset-password", &json!({"token": token, "password": OWNERS})).await.status, 204);
    let owner = Browser::new(&server);
    owner.log_in(ADA, OWNERS).await;
    let mut statuses = Vec::new();
    for (mut stream, rest) in in_flight {
        stream.write_all(rest.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        statuses.push(answer.split(' ').nth(1).expect("a status").to_owned());
    }
    assert_eq!(statuses, ["401"; 5]);
    assert!(owner.is_signed_in().await);
    let page = owner.get("/account").await.page(200);
    assert_eq!(page.attribute("input[name=full_name]", "value"), None);
    assert!(!page.text("#email").contains("evil"));
    assert!(mailbox.to("evil@example.com").is_empty());

    // A change of password also invalidates a copied session cookie.
    let cookie = owner.cookie_header();
    let fields = [("current_password", OWNERS), ("password", "seven owls on the roof")];
    assert_eq!(Browser::location(&owner.post("/account/password", &fields).await), "/account");
    assert_eq!(server.send("GET", me, &[("cookie", &cookie)], "").await.status, 401);
}

/// A cookie that a sibling domain could set does not identify a sign-up.
#[rstest]
#[tokio::test]
async fn a_planted_pending_cookie_verifies_nothing(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let settings = [("REQUIRE_VERIFIED_EMAIL", "on"), ("PUBLIC_URL", "https://accounts.example.com")];
    let server = Server::mailing(backend, &mailbox, &settings);
    let post = async |path: &str, cookie: &str, body: String| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", BROWSER),
            ("sec-fetch-site", "same-origin"),
            ("cookie", cookie),
        ];
        server.send("POST", path, &headers, body).await
    };
    let name = "__Host-vestibule_pending";
    let pending = |answer: &Answer| answer.cookie(name).pair();
    let attackers = pending(&post("/register", "", form(&[("email", ADA), ("password", ATTACKERS)])).await);
    let link = mailbox.newest(ADA, 1).await.token();
    let owners = pending(&post("/register", "", form(&[("email", ADA), ("password", OWNERS)])).await);
    let value = attackers.split_once('=').expect("a pair").1;
    for planted in [
        "__%48ost-vestibule_pending",
        "\u{2000}__Host-vestibule_pending",
        "\u{a0}__Host-vestibule_pending",
        "vestibule_pending",
        name,
    ] {
        for cookie in [format!("{owners}; {planted}={value}"), format!("{planted}={value}; {owners}")] {
            let body = format!("token={link}");
            let request = format!(
                "POST /verify-email HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/html\r\nCookie: {cookie}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let answer = server.raw(request.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 400 "), "{planted}: {}", &answer[..40]);
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    // The cookie alone, under its own name, does.
    assert_eq!(post("/verify-email", &attackers, format!("token={link}")).await.status, 200);
}

/// Nor can the holder of the account invalidate the owner's link by changing the password.
#[rstest]
#[tokio::test]
async fn the_owners_link_survives_password_changes_by_the_attacker(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let attacker = Browser::new(&server);
    attacker.sign_up(ADA, ATTACKERS).await;
    mailbox.wait_for(ADA, 1).await;
    server.post_json("/forgot-password", &json!({"email": ADA})).await;
    let token = mailbox.newest(ADA, 2).await.token();
    let fields = [("current_password", ATTACKERS), ("password", "strangers-next-battery")];
    assert_eq!(Browser::location(&attacker.post("/account/password", &fields).await), "/account");
    let page = attacker.get("/account").await.page(200);
    assert!(!page.text("#activity").contains("Link for a new password"), "reset requests are hidden from the holder");
    assert_eq!(server.post_json("/reset-password", &json!({"token": token, "password": OWNERS})).await.status, 204);
    assert!(!attacker.is_signed_in().await);
    assert_eq!(log_in(&server, OWNERS).await, 200);
}

#[rstest]
#[tokio::test]
async fn a_disabled_account_is_not_changed_by_a_link(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let owner = Browser::new(&server);
    owner.sign_up(ADA, ATTACKERS).await;
    owner.sign_up(ADA, OWNERS).await;
    let mails = mailbox.wait_for(ADA, 2).await;
    server.database.execute("UPDATE users SET is_active = FALSE");
    for mail in mails {
        assert_eq!(owner.post("/verify-email", &[("token", &mail.token())]).await.status, 400);
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    server.post_json("/forgot-password", &json!({"email": ADA})).await;
    server.mails_are_settled().await;
    assert_eq!(mailbox.to(ADA).len(), 2);
}
