//! Whose account it is, where a stranger came first: the one who can read the mail.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    ADA, Answer, Backend, Browser, METRICS, Mailbox, Server,
    server::{BROWSER, form},
};
use Backend::{Postgres, Sqlite};

const STRANGERS: &str = "strangers-own-battery";
pub const OWNERS: &str = "owls in the old barn";

pub async fn log_in(server: &Server, password: &str) -> u16 {
    server.post_json("/login", &json!({"identifier": ADA, "password": password})).await.status
}

#[track_caller]
fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.json()["errors"][0]["code"].as_str().expect("a code").to_owned()
}

/// Pre-hijacking: the stranger keeps a session, a bearer token, a pending change of address, a link.
#[rstest]
#[tokio::test]
async fn a_reset_by_the_owner_leaves_nothing_of_the_stranger(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let stranger = Browser::new(&server);
    stranger.sign_up(ADA, STRANGERS).await;
    stranger.post("/account/profile", &[("full_name", "Stranger was here")]).await;
    let proof = mailbox.newest(ADA, 1).await.token();
    let bearer = server.token(ADA, STRANGERS).await;
    let fields = [("current_password", STRANGERS), ("email", "stranger@example.com")];
    assert_eq!(Browser::location(&stranger.post("/account/email", &fields).await), "/account");
    let trojan = mailbox.newest("stranger@example.com", 1).await.token();

    // The owner opens the mail, and would bless the stranger's password; it is not hers, so she chooses one.
    let owner = Browser::new(&server);
    let page = owner.get(&format!("/verify-email?token={proof}")).await.page(200);
    assert!(page.has("input[type=password]"));
    assert!(page.has("a[href='/forgot-password']"));
    let page = owner.post("/verify-email", &[("token", &proof), ("password", OWNERS)]).await.page(400);
    assert_eq!(page.text(".summary li"), "This is not the password of this account. Check it, then try again.");
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);
    owner.post("/forgot-password", &[("email", ADA)]).await.page(200);
    let token = mailbox.newest(ADA, 2).await.token();
    owner.post("/reset-password", &[("token", &token), ("password", OWNERS)]).await.page(200);

    assert!(!stranger.is_signed_in().await);
    assert_eq!(server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    assert_eq!((log_in(&server, STRANGERS).await, log_in(&server, OWNERS).await), (401, 200));
    for dead in [&proof, &trojan] {
        let answer = server.post_json("/verify-email", &json!({"token": dead, "password": STRANGERS})).await;
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
    assert!(!events.contains(&"account_registered"), "what the stranger did is not the owner's: {events:?}");
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);
}

/// Where a login needs proof, a fresh sign-up will do.
#[rstest]
#[tokio::test]
async fn a_fresh_sign_up_by_the_owner_takes_the_account(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let stranger = Browser::new(&server);
    let fields = [("full_name", "Stranger"), ("email", ADA), ("password", STRANGERS)];
    assert_eq!(Browser::location(&stranger.post("/register", &fields).await), "/welcome");
    let page = stranger.get("/welcome").await.page(200);
    assert_eq!(page.text("h1"), "Confirm your email address");
    assert!(!stranger.is_signed_in().await);
    assert_eq!(log_in(&server, STRANGERS).await, 401, "no login before the proof");
    let theirs = mailbox.newest(ADA, 1).await;

    let owner = Browser::new(&server);
    let fields = [("full_name", "Ada"), ("email", "ADA@example.com"), ("password", OWNERS)];
    assert_eq!(Browser::location(&owner.post("/register", &fields).await), "/welcome");
    assert_eq!(log_in(&server, OWNERS).await, 401);
    let hers = mailbox.newest(ADA, 2).await;

    // The stranger's link is of no use to her, nor hers to the stranger.
    let answer = owner.post("/verify-email", &[("token", &theirs.token()), ("password", OWNERS)]).await;
    assert_eq!(
        answer.page(400).text(".summary li"),
        "This is not the password of this account. Check it, then try again."
    );
    let answer = stranger.post("/verify-email", &[("token", &hers.token()), ("password", STRANGERS)]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(stranger.post("/verify-email", &[("code", &hers.code())]).await.status, 400);
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE is_verified"), 0);

    let page = owner.get(&format!("/verify-email?token={}", hers.token())).await.page(200);
    assert!(!page.has("input[type=password]"), "her cookie says that it is her sign-up");
    assert_eq!(
        owner.post("/verify-email", &[("token", &hers.token())]).await.page(200).text("h1"),
        "Email address confirmed"
    );
    assert_eq!((log_in(&server, STRANGERS).await, log_in(&server, OWNERS).await), (401, 200));
    assert_eq!(server.database.texts("SELECT full_name AS t FROM users"), ["Ada"]);
    let answer = server.post_json("/verify-email", &json!({"token": theirs.token(), "password": STRANGERS})).await;
    assert_eq!(code(&answer), "token_replaced");
    assert_eq!(stranger.post("/verify-email", &[("code", &theirs.code())]).await.status, 400);
    assert_eq!(server.database.count("SELECT count(*) FROM claims"), 0);

    // From now on the address is taken.
    server
        .post_json("/register", &json!({"email": ADA, "password": STRANGERS}))
        .await
        .assert_json(400, &json!({"detail": "Email already registered"}));
}

/// As long as nobody has proven it, the one who came first may do so too.
#[rstest]
#[tokio::test]
async fn a_stranger_cannot_stop_the_owner_by_signing_up_again(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let owner = Browser::new(&server);
    owner.sign_up(ADA, OWNERS).await;
    let link = mailbox.newest(ADA, 1).await;
    for number in 0..3 {
        Browser::new(&server).sign_up(ADA, STRANGERS).await;
        mailbox.wait_for(ADA, 2 + number).await;
    }
    assert_eq!(owner.post("/verify-email", &[("code", &link.code())]).await.status, 200);
    assert_eq!((log_in(&server, STRANGERS).await, log_in(&server, OWNERS).await), (401, 200));
}

#[test]
fn settings_that_need_a_mail_server_say_so() {
    for (name, value) in [("REQUIRE_VERIFIED_EMAIL", "on"), ("CONCEAL_ACCOUNTS", "on")] {
        let mut command = crate::support::server::command("sqlite://unused.db", &[(name, value)]);
        let output = command.output().expect("vestibule");
        assert_eq!(output.status.code(), Some(2));
        let line = String::from_utf8(output.stderr).expect("text");
        assert_eq!(line, format!("vestibule: {name}: it needs a mail server; set SMTP_URL too\n"));
    }
}

/// A session that ended while its request was still arriving changes nothing: neither before nor after the body.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn requests_on_their_way_end_with_their_session(#[values(Sqlite, Postgres)] backend: Backend) {
    use std::io::{Read as _, Write as _};

    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[METRICS]);
    let stranger = Browser::new(&server);
    stranger.sign_up(ADA, STRANGERS).await;
    let bearer = server.token(ADA, STRANGERS).await;
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
    let on_their_way = [
        open("DELETE", me, &json!({"current_password": STRANGERS})),
        open("PATCH", me, &json!({"full_name": "Mallory"})),
        open("PATCH", me, &json!({"email": "evil@example.com", "current_password": STRANGERS})),
        open("PATCH", me, &json!({"password": "mallorys-own-battery", "current_password": STRANGERS})),
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
    for (mut stream, rest) in on_their_way {
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

    // One of a browser whose cookie was copied: a change of password ends it too.
    let cookie = owner.cookie_header();
    let fields = [("current_password", OWNERS), ("password", "seven owls on the roof")];
    assert_eq!(Browser::location(&owner.post("/account/password", &fields).await), "/account");
    assert_eq!(server.send("GET", me, &[("cookie", &cookie)], "").await.status, 401);
}

/// A cookie that another site of the same domain could set makes nobody the one who signed up.
#[rstest]
#[tokio::test]
async fn a_planted_cookie_proves_nothing(#[values(Sqlite, Postgres)] backend: Backend) {
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
    let strangers = pending(&post("/register", "", form(&[("email", ADA), ("password", STRANGERS)])).await);
    let link = mailbox.newest(ADA, 1).await.token();
    let owners = pending(&post("/register", "", form(&[("email", ADA), ("password", OWNERS)])).await);
    let value = strangers.split_once('=').expect("a pair").1;
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
    // By itself, and under its own name, it does.
    assert_eq!(post("/verify-email", &strangers, format!("token={link}")).await.status, 200);
}

/// Nor can whoever holds the account make the owner's link dead by choosing passwords.
#[rstest]
#[tokio::test]
async fn the_owners_link_outlives_the_strangers_passwords(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let stranger = Browser::new(&server);
    stranger.sign_up(ADA, STRANGERS).await;
    mailbox.wait_for(ADA, 1).await;
    server.post_json("/forgot-password", &json!({"email": ADA})).await;
    let token = mailbox.newest(ADA, 2).await.token();
    let fields = [("current_password", STRANGERS), ("password", "strangers-next-battery")];
    assert_eq!(Browser::location(&stranger.post("/account/password", &fields).await), "/account");
    let page = stranger.get("/account").await.page(200);
    assert!(!page.text("#activity").contains("Link for a new password"), "who asked for it is none of theirs");
    assert_eq!(server.post_json("/reset-password", &json!({"token": token, "password": OWNERS})).await.status, 204);
    assert!(!stranger.is_signed_in().await);
    assert_eq!(log_in(&server, OWNERS).await, 200);
}

#[rstest]
#[tokio::test]
async fn a_closed_account_is_not_changed_by_a_link(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let owner = Browser::new(&server);
    owner.sign_up(ADA, STRANGERS).await;
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
