//! Two concurrent changes of one account, on PostgreSQL: the second waits for the first and sees its result. SQLite has
//! one writer; its tests are in `changes_during_hashing.rs`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Backend::Postgres, Browser, GOOD, Held, Mailbox, Server, eventually, held::until_waiting,
};
use Action::{
    ChangePassword, ConfirmAddress, Delete, LogIn, Rename, RequestAddress, Reset, RevokeOthers, SignUpAgain, Verify,
    VerifyByCode,
};

const CHANGED: &str = "four crabs on a warm beach";
const RESET: &str = "seven owls on the roof";
const EVE: &str = "eve@example.com";
const ME: &str = "/api/v1/users/me";

/// Sent with the session of the sign-up where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    ChangePassword,
    Rename,
    RequestAddress,
    ConfirmAddress,
    RevokeOthers,
    Delete,
    LogIn,
    Reset,
    Verify,
    VerifyByCode,
    SignUpAgain,
}

/// A user prepared for two actions.
struct User<'a> {
    server: &'a Server,
    cookies: String,
    address: String,
    code: String,
    verify: String,
    reset: String,
    change: String,
}

impl<'a> User<'a> {
    async fn new(server: &'a Server, mailbox: &Mailbox, actions: [Action; 2], number: usize) -> Self {
        let (address, other) = (format!("ada{number}@example.com"), format!("king{number}@example.com"));
        let browser = Browser::new(server);
        browser.sign_up(&address, GOOD).await;
        let mail = mailbox.newest(&address, 1).await;
        let mut user = Self {
            server,
            cookies: browser.cookie_header(),
            code: mail.code(),
            verify: mail.token(),
            reset: String::new(),
            change: String::new(),
            address,
        };
        if !actions.iter().any(|action| matches!(action, Verify | VerifyByCode)) {
            server.database.execute("UPDATE users SET is_verified = TRUE");
        }
        if actions.contains(&Reset) {
            let answer = server.post_json("/forgot-password", &json!({"email": user.address})).await;
            assert_eq!(answer.status, 202);
            user.reset = mailbox.newest(&user.address, 2).await.token();
        }
        if actions.contains(&ConfirmAddress) {
            let body = json!({"email": other, "current_password": GOOD});
            assert_eq!(user.send_with_session("PATCH", ME, body).await.status, 200);
            user.change = mailbox.newest(&other, 1).await.token();
        }
        user
    }

    /// With the session of the sign-up.
    async fn send_with_session(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(method, path, &[("cookie", self.cookies.as_str())], body).await
    }

    /// Without a session.
    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], body).await
    }

    async fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("accept", "application/problem+json")];
        self.server.send(method, path, &[&headers, more].concat(), body.to_string()).await
    }

    async fn perform(&self, action: Action) -> Answer {
        match action {
            ChangePassword => {
                self.send_with_session("PATCH", ME, json!({"password": CHANGED, "current_password": GOOD})).await
            }
            Rename => self.send_with_session("PATCH", ME, json!({"full_name": "Mallory"})).await,
            RequestAddress => {
                self.send_with_session("PATCH", ME, json!({"email": EVE, "current_password": GOOD})).await
            }
            ConfirmAddress => self.send_with_session("POST", "/verify-email", json!({"token": self.change})).await,
            RevokeOthers => self.send_with_session("DELETE", "/api/v1/users/me/sessions", json!({})).await,
            Delete => self.send_with_session("DELETE", ME, json!({"current_password": GOOD})).await,
            Verify => self.send_with_session("POST", "/verify-email", json!({"token": self.verify})).await,
            VerifyByCode => self.send_with_session("POST", "/verify-email", json!({"code": self.code})).await,
            LogIn => self.post("/login", json!({"identifier": self.address, "password": GOOD})).await,
            Reset => self.post("/reset-password", json!({"token": self.reset, "password": RESET})).await,
            SignUpAgain => self.post("/register", json!({"email": self.address, "password": GOOD})).await,
        }
    }
}

/// The responses to both. Both have read the old state, and the first waits for the account before the second does.
async fn run_both(user: &User<'_>, [first, second]: [Action; 2]) -> [Answer; 2] {
    let database = &user.server.database;
    let held = Held::accounts(database);
    let answers = async {
        tokio::join!(user.perform(first), async {
            until_waiting(database, 1).await;
            user.perform(second).await
        })
    };
    tokio::pin!(answers);
    tokio::select! {
        (first, second) = &mut answers => panic!("the actions did not wait: {} {}", first.text(), second.text()),
        () = until_waiting(database, 2) => {}
    }
    // PostgreSQL grants the lock in the order of the requests.
    held.release();
    let (first, second) = answers.await;
    [first, second]
}

const NO_SESSION: &str = "SELECT count(*) FROM sessions";
const NO_NAME: &str = "SELECT count(*) FROM users WHERE full_name IS NOT NULL";
const NO_ADDRESS: &str = "SELECT count(*) FROM mail_tokens WHERE sent_to = 'eve@example.com'";
const NO_NEW_ADDRESS: &str = "SELECT count(*) FROM users WHERE email LIKE 'king%'";
const NOT_VERIFIED: &str = "SELECT count(*) FROM users WHERE is_verified";
const NO_CLAIM: &str = "SELECT count(*) FROM claims";
const NO_ACCOUNT: &str = "SELECT count(*) FROM users";
const NO_RESET: &str = "SELECT count(*) FROM audit_log WHERE event = 'password_reset' AND succeeded";
const NO_SECOND_RESET: &str = "SELECT count(*) - 1 FROM audit_log WHERE event = 'password_reset' AND succeeded";
const NO_SECOND_SESSION: &str = "SELECT count(*) - 1 FROM sessions";
const NO_REVOKED: &str = "SELECT count(*) FROM audit_log WHERE event = 'session_revoked'";
const NO_SECOND_CHANGE: &str = "SELECT count(*) - 1 FROM audit_log WHERE event = 'password_changed'";
const NO_CHANGE: &str = "SELECT count(*) FROM audit_log WHERE event = 'password_changed'";
const NOT_DELETED: &str = "SELECT count(*) FROM audit_log WHERE event = 'account_deleted'";

/// The second is answered as if it came after the first was done, and changes nothing: the count is zero.
#[rstest]
#[case::a_name_after_a_password(ChangePassword, Rename, 401, "unauthenticated", NO_NAME)]
#[case::a_requested_address_after_a_password(ChangePassword, RequestAddress, 401, "unauthenticated", NO_ADDRESS)]
#[case::a_password_after_a_password(ChangePassword, ChangePassword, 401, "unauthenticated", NO_SECOND_CHANGE)]
#[case::a_confirmed_address_after_a_password(ChangePassword, ConfirmAddress, 400, "token_used", NO_NEW_ADDRESS)]
#[case::a_link_after_a_password(ChangePassword, Verify, 400, "token_used", NOT_VERIFIED)]
#[case::a_code_after_a_password(ChangePassword, VerifyByCode, 400, "code_wrong", NOT_VERIFIED)]
#[case::a_reset_after_a_password(ChangePassword, Reset, 400, "token_used", NO_RESET)]
#[case::a_deletion_after_a_password(ChangePassword, Delete, 401, "unauthenticated", NOT_DELETED)]
#[case::an_old_login_after_a_password(ChangePassword, LogIn, 401, "incorrect_credentials", NO_SECOND_SESSION)]
#[case::revoking_after_a_password(ChangePassword, RevokeOthers, 401, "unauthenticated", NO_REVOKED)]
#[case::a_password_after_a_reset(Reset, ChangePassword, 401, "unauthenticated", NO_CHANGE)]
#[case::a_name_after_a_reset(Reset, Rename, 401, "unauthenticated", NO_NAME)]
#[case::an_old_login_after_a_reset(Reset, LogIn, 401, "incorrect_credentials", NO_SESSION)]
#[case::a_reset_after_a_reset(Reset, Reset, 400, "token_used", NO_SECOND_RESET)]
#[case::a_reset_after_a_confirmed_address(ConfirmAddress, Reset, 400, "token_used", NO_RESET)]
#[case::a_name_after_a_deletion(Delete, Rename, 401, "unauthenticated", NO_ACCOUNT)]
#[case::a_login_after_a_deletion(Delete, LogIn, 401, "incorrect_credentials", NO_SESSION)]
#[case::a_reset_after_a_deletion(Delete, Reset, 400, "token_replaced", NO_RESET)]
#[case::a_link_after_a_deletion(Delete, Verify, 400, "token_replaced", NO_ACCOUNT)]
#[case::a_sign_up_after_the_verification_link(Verify, SignUpAgain, 400, "email_taken", NO_CLAIM)]
#[case::a_sign_up_after_the_verification_code(VerifyByCode, SignUpAgain, 400, "email_taken", NO_CLAIM)]
#[tokio::test]
async fn the_second_of_two_changes_sees_the_first(
    #[case] first: Action,
    #[case] second: Action,
    #[case] status: u16,
    #[case] code: &str,
    #[case] remaining: &str,
) {
    const ATTEMPTS: usize = 5;
    let actions = [first, second];
    let mailbox = Mailbox::open();
    let verification = if second == SignUpAgain { "on" } else { "off" };
    let server = Server::mailing(Postgres, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", verification)]);
    for number in 0..ATTEMPTS {
        let user = User::new(&server, &mailbox, actions, number).await;
        let [before, after] = run_both(&user, actions).await;
        // The machine stalled: the service waits for a lock for two seconds.
        if [&before, &after].iter().any(|answer| answer.status == 503) && number + 1 < ATTEMPTS {
            server.database.execute("TRUNCATE users, sessions, mail_tokens, claims, audit_log");
            continue;
        }
        assert!(before.status < 300, "{}", before.text());
        assert_eq!((after.status, after.json()["code"].as_str()), (status, Some(code)), "{}", after.text());
        assert_eq!(server.database.count(remaining), 0, "{remaining}");
        return;
    }
}

/// Maintenance skips a locked account until the next run, and an account verified meanwhile stays.
#[tokio::test]
async fn an_account_verified_during_maintenance_is_not_deleted() {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::start_with(Postgres, &settings);
    let sign_up = async |name: &str| {
        let body = json!({"email": format!("{name}@example.com"), "password": GOOD});
        assert_eq!(server.post_json("/register", &body).await.status, 201);
    };
    for name in ["ada", "eve", "overdue"] {
        sign_up(name).await;
    }
    server.mails_are_settled().await;
    let database = std::sync::Arc::clone(&server.database);
    server.kill();
    database.execute("UPDATE users SET proof_due = '2026-01-01 00:00:00'");
    let remaining = || database.texts("SELECT email AS t FROM users ORDER BY email");
    let mut held = Held::rows(&database, "email <> 'overdue@example.com'");
    let server = Server::start_on(std::sync::Arc::clone(&database), &settings);
    eventually("the account that is not locked is deleted", async || (remaining().len() == 2).then_some(())).await;
    assert_eq!(remaining(), ["ada@example.com", "eve@example.com"]);
    server.kill();

    held.execute("UPDATE users SET is_verified = TRUE, proof_due = NULL WHERE email = 'ada@example.com'");
    held.release();
    let _server = Server::start_on(std::sync::Arc::clone(&database), &settings);
    eventually("the other account is deleted", async || (remaining().len() == 1).then_some(())).await;
    assert_eq!(remaining(), ["ada@example.com"]);
}
