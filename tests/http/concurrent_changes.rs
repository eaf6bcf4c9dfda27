//! Two changes of one account at once, on PostgreSQL: the second waits for the first, and sees what that did. SQLite has one
//! writer; what it does about them is in `under_way.rs`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Backend::Postgres, Browser, GOOD, Held, Mailbox, Server, eventually, held::until_waiting,
};
use Act::{
    AskForAddress, ChangePassword, ConfirmAddress, Delete, LogIn, Rename, Reset, RevokeOthers, SignUpAgain, Verify,
    VerifyByCode,
};

const CHANGED: &str = "four crabs on a warm beach";
const RESET: &str = "seven owls on the roof";
const EVE: &str = "eve@example.com";
const ME: &str = "/api/v1/users/me";

/// By the browser of the sign-up, but for what needs no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    ChangePassword,
    Rename,
    AskForAddress,
    ConfirmAddress,
    RevokeOthers,
    Delete,
    LogIn,
    Reset,
    Verify,
    VerifyByCode,
    SignUpAgain,
}

/// Somebody who is ready for two of them.
struct Person<'a> {
    server: &'a Server,
    cookies: String,
    address: String,
    code: String,
    verify: String,
    reset: String,
    change: String,
}

impl<'a> Person<'a> {
    async fn new(server: &'a Server, mailbox: &Mailbox, acts: [Act; 2], number: usize) -> Self {
        let (address, other) = (format!("ada{number}@example.com"), format!("king{number}@example.com"));
        let browser = Browser::new(server);
        browser.sign_up(&address, GOOD).await;
        let mail = mailbox.newest(&address, 1).await;
        let mut person = Self {
            server,
            cookies: browser.cookie_header(),
            code: mail.code(),
            verify: mail.token(),
            reset: String::new(),
            change: String::new(),
            address,
        };
        if !acts.iter().any(|act| matches!(act, Verify | VerifyByCode)) {
            server.database.execute("UPDATE users SET is_verified = TRUE");
        }
        if acts.contains(&Reset) {
            let answer = server.post_json("/forgot-password", &json!({"email": person.address})).await;
            assert_eq!(answer.status, 202);
            person.reset = mailbox.newest(&person.address, 2).await.token();
        }
        if acts.contains(&ConfirmAddress) {
            let body = json!({"email": other, "current_password": GOOD});
            assert_eq!(person.ask("PATCH", ME, body).await.status, 200);
            person.change = mailbox.newest(&other, 1).await.token();
        }
        person
    }

    /// With the session of the browser that signed up.
    async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(method, path, &[("cookie", self.cookies.as_str())], body).await
    }

    /// As anybody.
    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], body).await
    }

    async fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("accept", "application/problem+json")];
        self.server.send(method, path, &[&headers, more].concat(), body.to_string()).await
    }

    async fn act(&self, act: Act) -> Answer {
        match act {
            ChangePassword => self.ask("PATCH", ME, json!({"password": CHANGED, "current_password": GOOD})).await,
            Rename => self.ask("PATCH", ME, json!({"full_name": "Mallory"})).await,
            AskForAddress => self.ask("PATCH", ME, json!({"email": EVE, "current_password": GOOD})).await,
            ConfirmAddress => self.ask("POST", "/verify-email", json!({"token": self.change})).await,
            RevokeOthers => self.ask("DELETE", "/api/v1/users/me/sessions", json!({})).await,
            Delete => self.ask("DELETE", ME, json!({"current_password": GOOD})).await,
            Verify => self.ask("POST", "/verify-email", json!({"token": self.verify})).await,
            VerifyByCode => self.ask("POST", "/verify-email", json!({"code": self.code})).await,
            LogIn => self.post("/login", json!({"identifier": self.address, "password": GOOD})).await,
            Reset => self.post("/reset-password", json!({"token": self.reset, "password": RESET})).await,
            SignUpAgain => self.post("/register", json!({"email": self.address, "password": GOOD})).await,
        }
    }
}

/// The answers to both, where the first waits for the account before the second does, and both have read it as it was.
async fn meet(person: &Person<'_>, [first, second]: [Act; 2]) -> [Answer; 2] {
    let database = &person.server.database;
    let held = Held::accounts(database);
    let answers = async {
        tokio::join!(person.act(first), async {
            until_waiting(database, 1).await;
            person.act(second).await
        })
    };
    tokio::pin!(answers);
    tokio::select! {
        (first, second) = &mut answers => panic!("they did not wait: {} {}", first.text(), second.text()),
        () = until_waiting(database, 2) => {}
    }
    // PostgreSQL gives the lock in the order in which it was asked for.
    held.release();
    let (first, second) = answers.await;
    [first, second]
}

const NO_SESSION: &str = "SELECT count(*) FROM sessions";
const NO_NAME: &str = "SELECT count(*) FROM users WHERE full_name IS NOT NULL";
const NO_ADDRESS: &str = "SELECT count(*) FROM mail_tokens WHERE sent_to = 'eve@example.com'";
const NO_NEW_ADDRESS: &str = "SELECT count(*) FROM users WHERE email LIKE 'king%'";
const NO_PROOF: &str = "SELECT count(*) FROM users WHERE is_verified";
const NO_CLAIM: &str = "SELECT count(*) FROM claims";
const NO_ACCOUNT: &str = "SELECT count(*) FROM users";
const NO_RESET: &str = "SELECT count(*) FROM audit_log WHERE event = 'password_reset' AND succeeded";
const NO_SECOND_RESET: &str = "SELECT count(*) - 1 FROM audit_log WHERE event = 'password_reset' AND succeeded";
const NO_SECOND_SESSION: &str = "SELECT count(*) - 1 FROM sessions";
const NO_REVOKED: &str = "SELECT count(*) FROM audit_log WHERE event = 'session_revoked'";
const NO_SECOND_CHANGE: &str = "SELECT count(*) - 1 FROM audit_log WHERE event = 'password_changed'";
const NO_CHANGE: &str = "SELECT count(*) FROM audit_log WHERE event = 'password_changed'";
const NOT_DELETED: &str = "SELECT count(*) FROM audit_log WHERE event = 'account_deleted'";

/// The second is answered as if it had come after the first was done, and leaves nothing: what is counted is none.
#[rstest]
#[case::a_name_after_a_password(ChangePassword, Rename, 401, "unauthenticated", NO_NAME)]
#[case::an_address_after_a_password(ChangePassword, AskForAddress, 401, "unauthenticated", NO_ADDRESS)]
#[case::a_password_after_a_password(ChangePassword, ChangePassword, 401, "unauthenticated", NO_SECOND_CHANGE)]
#[case::a_confirmed_address_after_a_password(ChangePassword, ConfirmAddress, 400, "token_used", NO_NEW_ADDRESS)]
#[case::a_link_after_a_password(ChangePassword, Verify, 400, "token_used", NO_PROOF)]
#[case::a_code_after_a_password(ChangePassword, VerifyByCode, 400, "code_wrong", NO_PROOF)]
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
#[case::a_sign_up_after_the_proof(Verify, SignUpAgain, 400, "email_taken", NO_CLAIM)]
#[case::a_sign_up_after_the_code(VerifyByCode, SignUpAgain, 400, "email_taken", NO_CLAIM)]
#[tokio::test]
async fn who_comes_second_sees_what_the_first_did(
    #[case] first: Act,
    #[case] second: Act,
    #[case] status: u16,
    #[case] code: &str,
    #[case] remains: &str,
) {
    const ATTEMPTS: usize = 5;
    let acts = [first, second];
    let mailbox = Mailbox::open();
    let proof = if second == SignUpAgain { "on" } else { "off" };
    let server = Server::mailing(Postgres, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", proof)]);
    for number in 0..ATTEMPTS {
        let person = Person::new(&server, &mailbox, acts, number).await;
        let [before, after] = meet(&person, acts).await;
        // A machine that stood still meanwhile: the service waits for a lock for two seconds.
        if [&before, &after].iter().any(|answer| answer.status == 503) && number + 1 < ATTEMPTS {
            server.database.execute("TRUNCATE users, sessions, mail_tokens, claims, audit_log");
            continue;
        }
        assert!(before.status < 300, "{}", before.text());
        assert_eq!((after.status, after.json()["code"].as_str()), (status, Some(code)), "{}", after.text());
        assert_eq!(server.database.count(remains), 0, "{remains}");
        return;
    }
}

/// An account that somebody has locked while expired ones are deleted is left to the next time, and who is verified
/// meanwhile stays.
#[tokio::test]
async fn an_account_that_is_proven_at_the_last_moment_is_not_deleted() {
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
    let left = || database.texts("SELECT email AS t FROM users ORDER BY email");
    let mut held = Held::rows(&database, "email <> 'overdue@example.com'");
    let server = Server::start_on(std::sync::Arc::clone(&database), &settings);
    eventually("the account that is not locked is deleted", async || (left().len() == 2).then_some(())).await;
    assert_eq!(left(), ["ada@example.com", "eve@example.com"]);
    server.kill();

    held.execute("UPDATE users SET is_verified = TRUE, proof_due = NULL WHERE email = 'ada@example.com'");
    held.release();
    let _server = Server::start_on(std::sync::Arc::clone(&database), &settings);
    eventually("the other account is deleted", async || (left().len() == 1).then_some(())).await;
    assert_eq!(left(), ["ada@example.com"]);
}
