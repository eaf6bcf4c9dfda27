//! The audit log: the line of each event, with outcome, account, network address and user agent.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};
use strum::VariantArray as _;
use vestibule::domain::audit::Event;

use crate::support::{
    ADA, Answer, BETTER, Backend, Browser, GOOD, Mailbox, Server, eventually,
    server::{BROWSER, form},
};

use Backend::{Postgres, Sqlite};

mod visibility;

/// Every event with each possible outcome.
const OUTCOMES: [(Event, bool); 20] = [
    (Event::AccountRegistered, true),
    (Event::AccountClaimed, true),
    (Event::AccountClaimed, false),
    (Event::EmailVerified, true),
    (Event::EmailVerified, false),
    (Event::Login, true),
    (Event::Login, false),
    (Event::Logout, true),
    (Event::SessionRevoked, true),
    (Event::PasswordResetRequested, true),
    (Event::PasswordResetRequested, false),
    (Event::PasswordReset, true),
    (Event::PasswordChanged, true),
    (Event::CurrentPasswordRefused, false),
    (Event::EmailChangeRequested, true),
    (Event::EmailChanged, true),
    (Event::ProfileChanged, true),
    (Event::DataExported, true),
    (Event::AccountDeleted, true),
    (Event::AccountExpired, true),
];

/// A client with its own network address and user agent.
pub struct Client<'a> {
    browser: Browser<'a>,
    pub peer: &'static str,
    pub agent: &'static str,
}

impl<'a> Client<'a> {
    pub fn new(server: &'a Server, peer: &'static str, agent: &'static str) -> Self {
        Self { browser: Browser::new(server), peer, agent }
    }

    async fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let cookies = self.browser.cookie_header();
        let mut headers = vec![("user-agent", self.agent), ("x-forwarded-for", self.peer)];
        headers.extend((!cookies.is_empty()).then_some(("cookie", cookies.as_str())));
        headers.extend_from_slice(more);
        let answer = self.browser.server.send(method, path, &headers, body.to_owned()).await;
        for cookie in answer.cookies() {
            self.browser.set_cookie(&cookie.name, &cookie.value);
        }
        answer
    }

    /// A page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("accept", BROWSER)], "").await
    }

    /// A form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let headers = [
            ("accept", BROWSER),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        self.send("POST", path, &headers, &form(fields)).await.status
    }

    /// JSON, with a bearer token unless that is empty.
    pub async fn json(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json")];
        headers.extend((!token.is_empty()).then_some(("authorization", bearer.as_str())));
        self.send(method, path, &headers, &if body.is_null() { String::new() } else { body.to_string() }).await
    }
}

/// The audit log, and the id up to which it was read.
struct Log<'a> {
    server: &'a Server,
    last_id: i64,
    seen: BTreeSet<(String, bool)>,
    mismatches: Vec<String>,
}

impl<'a> Log<'a> {
    fn new(server: &'a Server) -> Self {
        Self { server, last_id: 0, seen: BTreeSet::new(), mismatches: Vec::new() }
    }

    /// Lines since `last_id`: event, outcome, account, network address and user agent.
    fn new_lines(&self) -> Vec<String> {
        let last_id = self.last_id;
        self.server.database.texts(&format!(
            "SELECT event || ' ' || CASE WHEN succeeded THEN 'yes' ELSE 'no' END || ' ' || \
             coalesce(CAST(user_id AS TEXT), '-') || ' ' || coalesce(peer, '-') || ' ' || coalesce(user_agent, '-') AS t \
             FROM (SELECT * FROM audit_log WHERE id > {last_id} ORDER BY id) AS lines"
        ))
    }

    /// Expects these new lines of this client and no others.
    fn expect(&mut self, what: &str, client: &Client<'_>, lines: &[&str]) {
        let actual = self.new_lines();
        self.compare(what, &format!("{} {}", client.peer, client.agent), &actual, lines);
    }

    /// As [`Self::expect`], for lines written after the response.
    async fn expect_soon(&mut self, what: &str, client: &Client<'_>, lines: &[&str]) {
        let actual =
            eventually(what, async || Some(self.new_lines()).filter(|actual| actual.len() >= lines.len())).await;
        self.compare(what, &format!("{} {}", client.peer, client.agent), &actual, lines);
    }

    fn compare(&mut self, what: &str, from: &str, actual: &[String], lines: &[&str]) {
        self.last_id = self.server.database.count("SELECT coalesce(max(id), 0) FROM audit_log");
        let expected: Vec<String> = lines.iter().map(|line| format!("{line} {from}")).collect();
        if actual != expected {
            self.mismatches.push(format!("{what}: {actual:?}, not {expected:?}"));
        }
        for line in actual {
            let mut parts = line.split(' ');
            let event = parts.next().expect("an event").to_owned();
            self.seen.insert((event, parts.next() == Some("yes")));
        }
    }

    #[track_caller]
    fn end(self) -> BTreeSet<(String, bool)> {
        assert!(self.mismatches.is_empty(), "{} mismatches:\n{}", self.mismatches.len(), self.mismatches.join("\n"));
        self.seen
    }
}

const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// Lines of sign-up, use, changes and deletion.
#[expect(clippy::too_many_lines, reason = "one sequence: each event needs those before it")]
async fn lines_of_an_account(backend: Backend) -> BTreeSet<(String, bool)> {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[PROXY]);
    let ada = Client::new(&server, "192.0.2.1", "Ada's browser");
    let mallory = Client::new(&server, "203.0.113.9", "Somebody's browser");
    let app = Client::new(&server, "198.51.100.7", "A program/1.0");
    let mut log = Log::new(&server);

    let sign_up = json!({"email": ADA, "password": GOOD});
    assert_eq!(app.json("POST", "/register", "", &sign_up).await.status, 201);
    log.expect("a sign-up", &app, &["account_registered yes 1"]);
    let others = [
        ("/users", json!({"username": "bob", "password": GOOD})),
        ("/api/v1/users/register", json!({"email": "c@example.com", "password": GOOD})),
        ("/api/v1/private/users/", json!({"email": "d@example.com", "password": GOOD, "full_name": "Dora"})),
    ];
    for (number, (path, body)) in others.into_iter().enumerate() {
        assert!(app.json("POST", path, "", &body).await.status < 300, "{path}");
        log.expect(path, &app, &[&format!("account_registered yes {}", number + 2)]);
    }
    mallory.post("/register", &[("email", "e@example.com"), ("password", GOOD)]).await;
    log.expect("a sign-up by the form", &mallory, &["account_registered yes 5"]);
    mallory.post("/register", &[("email", "f@example.com"), ("password", GOOD)]).await;
    log.expect("a sign-up in a browser with a session", &mallory, &["account_registered yes 6", "logout yes 5"]);
    mallory.post("/logout", &[]).await;
    log.expect("a logout", &mallory, &["logout yes 6"]);
    mallory.post("/logout", &[]).await;
    log.expect("a logout without a session", &mallory, &[]);

    assert_eq!(app.json("POST", "/register", "", &sign_up).await.status, 400);
    log.expect("a sign-up for a taken address", &app, &[]);

    // Each login endpoint, and each reason for a failure.
    server.database.execute("UPDATE users SET is_active = FALSE WHERE id = 3");
    server.database.execute("UPDATE users SET password_hash = 'not a hash' WHERE id = 4");
    for (what, identifier, password, line) in [
        ("a wrong password", ADA, BETTER, "login no 1"),
        ("an unknown address", "nobody@example.com", GOOD, "login no -"),
        ("an unknown username", "nobody", GOOD, "login no -"),
        ("an invalid identifier", "\u{0}", GOOD, "login no -"),
        ("a disabled account", "c@example.com", GOOD, "login no 3"),
        ("a hash that cannot be read", "d@example.com", GOOD, "login no 4"),
        ("a password that is too long", ADA, &"x".repeat(5000), "login no 1"),
        ("the right password", "bob", GOOD, "login yes 2"),
    ] {
        mallory.post("/login", &[("identifier", identifier), ("password", password)]).await;
        log.expect(&format!("{what}, by the form"), &mallory, &[line]);
        mallory.browser.set_cookie("vestibule_session", "");
        app.json("POST", "/login", "", &json!({"identifier": identifier, "password": password})).await;
        log.expect(&format!("{what}, by JSON"), &app, &[line]);
        mallory.post("/api/v1/login/access-token", &[("username", identifier), ("password", password)]).await;
        log.expect(&format!("{what}, for a token"), &mallory, &[line]);
    }

    // Verification of the address.
    mallory.post("/verify-email", &[("token", &mailbox.newest(ADA, 1).await.token()), ("password", BETTER)]).await;
    log.expect("a link with a wrong password", &mallory, &["email_verified no 1"]);
    assert_eq!(ada.post("/login", &[("identifier", ADA), ("password", GOOD)]).await, 303);
    log.expect("a login", &ada, &["login yes 1"]);
    let code = mailbox.newest(ADA, 1).await.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(ada.post("/verify-email", &[("code", wrong)]).await, 400);
    log.expect("a wrong code", &ada, &["email_verified no 1"]);
    let by_password = json!({"code": wrong, "email": "nobody@example.com", "password": GOOD});
    app.json("POST", "/verify-email", "", &by_password).await;
    log.expect("a code for an unknown address", &app, &["email_verified no -"]);
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await, 200);
    log.expect("the right code", &ada, &["email_verified yes 1"]);

    // Requests that need the current password, with a wrong one.
    let token = server.token(ADA, GOOD).await;
    log.last_id = server.database.count("SELECT max(id) FROM audit_log");
    let refused = ["current_password_refused no 1"];
    for (path, name, value) in [
        ("/account/email", "email", "king@example.com"),
        ("/account/password", "password", BETTER),
        ("/account/delete", "confirm", "on"),
    ] {
        assert_eq!(ada.post(path, &[("current_password", BETTER), (name, value)]).await, 400, "{path}");
        log.expect(path, &ada, &refused);
    }
    for (method, body) in [
        ("PATCH", json!({"email": "king@example.com", "current_password": BETTER})),
        ("PATCH", json!({"password": BETTER, "current_password": BETTER})),
        ("DELETE", json!({"current_password": BETTER})),
    ] {
        assert_eq!(app.json(method, "/api/v1/users/me", &token, &body).await.status, 422, "{method}");
        log.expect(&format!("{method} {body}"), &app, &refused);
    }

    // Changes and an export.
    assert_eq!(ada.post("/account/profile", &[("full_name", "Ada")]).await, 303);
    log.expect("a new name", &ada, &["profile_changed yes 1"]);
    assert_eq!(ada.post("/account/email", &[("current_password", GOOD), ("email", "king@example.com")]).await, 303);
    log.expect("a requested change of address", &ada, &["email_change_requested yes 1"]);
    let confirm = mailbox.newest("king@example.com", 1).await.token();
    assert_eq!(ada.post("/verify-email", &[("token", &confirm)]).await, 200);
    log.expect("the verification of a new address", &ada, &["email_changed yes 1"]);
    assert_eq!(ada.get("/account/export").await.status, 200);
    log.expect("an export", &ada, &["data_exported yes 1"]);
    assert_eq!(ada.send("HEAD", "/account/export", &[], "").await.status, 200);
    log.expect("HEAD of an export", &ada, &[]);
    assert_eq!(ada.post("/account/sessions/revoke", &[("id", "others")]).await, 303);
    log.expect("revoking the other sessions", &ada, &["session_revoked yes 1"]);
    assert_eq!(ada.post("/account/sessions/revoke", &[("id", "999")]).await, 303);
    log.expect("revoking an unknown session", &ada, &[]);
    assert_eq!(ada.post("/account/password", &[("current_password", GOOD), ("password", BETTER)]).await, 303);
    log.expect("a new password", &ada, &["password_changed yes 1"]);

    // Password reset: the line names the client that requested it. Earlier mails are sent by then.
    server.mails_are_settled().await;
    assert_eq!(mallory.post("/forgot-password", &[("email", "nobody@example.com")]).await, 200);
    log.expect_soon("a reset for an unknown address", &mallory, &["password_reset_requested no -"]).await;
    assert_eq!(mallory.post("/forgot-password", &[("email", "king@example.com")]).await, 200);
    log.expect_soon("a reset for a known address", &mallory, &["password_reset_requested yes 1"]).await;
    let link = mailbox.newest("king@example.com", 3).await.token();
    assert_eq!(ada.post("/reset-password", &[("token", &link), ("password", GOOD)]).await, 200);
    log.expect("a new password by a link", &ada, &["password_reset yes 1"]);

    let token = server.token("king@example.com", GOOD).await;
    log.last_id = server.database.count("SELECT max(id) FROM audit_log");
    assert_eq!(app.json("DELETE", "/api/v1/users/me", &token, &json!({"current_password": GOOD})).await.status, 204);
    log.expect("the deletion of an account", &app, &["account_deleted yes 1"]);
    log.end()
}

/// Lines of a sign-up for an address with an account, where accounts are concealed.
async fn lines_of_a_claim(backend: Backend) -> BTreeSet<(String, bool)> {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[PROXY, ("CONCEAL_ACCOUNTS", "on")]);
    let ada = Client::new(&server, "192.0.2.1", "Ada's browser");
    let mallory = Client::new(&server, "203.0.113.9", "Somebody's browser");
    let mut log = Log::new(&server);
    let fields = [("email", ADA), ("password", GOOD)];
    assert_eq!(ada.post("/register", &fields).await, 303);
    log.expect("the first sign-up", &ada, &["account_registered yes 1"]);
    assert_eq!(mallory.post("/register", &fields).await, 303);
    log.expect("a second one before the verification", &mallory, &["account_claimed yes 1"]);
    assert_eq!(ada.post("/login", &[("identifier", ADA), ("password", GOOD)]).await, 403);
    log.expect("a login before the verification", &ada, &["login no 1"]);
    server.database.execute("UPDATE users SET is_verified = TRUE");
    assert_eq!(mallory.post("/register", &fields).await, 303);
    log.expect("one after the verification", &mallory, &["account_claimed no 1"]);
    log.end()
}

/// Lines of an expired unverified account, which have no client.
async fn lines_of_maintenance(backend: Backend) -> BTreeSet<(String, bool)> {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::start_with(backend, &settings);
    server.sign_up(ADA).await;
    // Maintenance skips an account whose mail is in progress.
    server.mails_are_settled().await;
    let database = std::sync::Arc::clone(&server.database);
    server.kill();
    database.execute("UPDATE users SET proof_due = '2020-01-01 00:00:00'");
    let server = Server::start_on(database, &settings);
    let no_client = Client::new(&server, "-", "-");
    let mut log = Log::new(&server);
    log.last_id = 1;
    log.expect_soon("the account expires", &no_client, &["account_expired yes 1"]).await;
    log.end()
}

#[rstest]
#[tokio::test]
async fn every_event_is_written_to_the_audit_log(#[values(Sqlite, Postgres)] backend: Backend) {
    let mut seen = lines_of_an_account(backend).await;
    seen.extend(lines_of_a_claim(backend).await);
    seen.extend(lines_of_maintenance(backend).await);
    let all: BTreeSet<(String, bool)> = OUTCOMES.iter().map(|(event, done)| (event.name().to_owned(), *done)).collect();
    assert_eq!(seen, all);
}

/// A new event must be added to the table.
#[test]
fn the_event_table_is_complete() {
    let known: BTreeSet<&str> = OUTCOMES.iter().map(|(event, _)| event.name()).collect();
    assert_eq!(known, Event::VARIANTS.iter().map(|event| event.name()).collect());
    assert_eq!(known.len(), 16);
}
