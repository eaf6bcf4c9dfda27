//! How often the codes of an account may be tried in a day, however many mails bring new ones, and that strangers use up nothing
//! of what the browser of a sign-up has: docs/accounts.md.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Backend, Browser, FakeClock, GOOD, Mailbox, Server, eventually,
    mailbox::{Behaviour, Received},
};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
const HOUR: i64 = 3600;
/// Of one code.
const TRIES: usize = 5;
/// So many mails an hour does one network get to an address.
const MAILS_AN_HOUR: usize = 5;

/// Who guesses the codes for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The browser that signed up, by the session of its sign-up.
    Session,
    /// The browser that signed up, by the cookie of its sign-up.
    Cookie,
    /// Another browser that logs in.
    Login,
    /// A program with address and password.
    Program,
    /// One browser after the other, by signing up for the address again.
    SigningUpAgain,
}

impl By {
    /// A login is let in before the proof where that is not required; a browser has the cookie where it is.
    fn requires_proof(self) -> &'static str {
        if matches!(self, Self::Session | Self::Login) { "off" } else { "on" }
    }
}

/// Somebody who guesses the codes for an address.
struct Guesser<'a> {
    server: &'a Server,
    mailbox: &'a Mailbox,
    address: &'a str,
    by: By,
    browser: Browser<'a>,
}

impl<'a> Guesser<'a> {
    /// Of an address that is free, or has an account with [`GOOD`] as its password.
    async fn new(server: &'a Server, mailbox: &'a Mailbox, address: &'a str, by: By) -> Self {
        let browser = Browser::new(server);
        let guesser = Self { server, mailbox, address, by, browser };
        match by {
            By::Session | By::Cookie | By::SigningUpAgain => guesser.sign_up(GOOD).await,
            By::Login => assert_eq!(Browser::location(&guesser.browser.log_in(address, GOOD).await), "/account"),
            By::Program => {}
        }
        guesser
    }

    async fn sign_up(&self, password: &str) {
        let mails = self.mailbox.to(self.address).len();
        self.browser.sign_up(self.address, password).await;
        self.mailbox.wait_for(self.address, mails + 1).await;
    }

    async fn next_mail(&mut self) {
        if self.by == By::SigningUpAgain {
            self.browser = Browser::new(self.server);
            return self.sign_up("strangers-own-battery").await;
        }
        let mails = self.mailbox.to(self.address).len();
        let typed = [("email", self.address)];
        let fields: &[(&str, &str)] = if self.by == By::Program { &typed } else { &[] };
        assert_eq!(self.browser.post("/verify-email/resend", fields).await.status, 200);
        self.mailbox.wait_for(self.address, mails + 1).await;
    }

    fn right(&self) -> String {
        self.mailbox.to(self.address).last().expect("a mail").code()
    }

    async fn try_code(&self, code: &str) -> u16 {
        if self.by == By::Program {
            let body = json!({"code": code, "email": self.address, "password": GOOD});
            return self.server.post_json("/verify-email", &body).await.status;
        }
        self.browser.post("/verify-email", &[("code", code)]).await.status
    }

    /// Tries so many that are wrong.
    async fn guess(&self, number: usize) {
        let right: usize = self.right().parse().expect("a number");
        for guess in 1..=number {
            let wrong = format!("{:06}", (right + guess) % 1_000_000);
            assert_eq!(self.try_code(&wrong).await, 400, "{wrong}");
        }
    }

    /// As many as may be tried in a day. It takes hours.
    async fn use_up(&mut self, clock: &FakeClock) {
        for mail in 1..=10 {
            self.guess(TRIES).await;
            // Fewer mails an hour than one network gets to an address.
            clock.set(mail / 3 * (HOUR + 120));
            self.next_mail().await;
        }
    }
}

fn is_verified(server: &Server, address: &str) -> bool {
    server.database.count(&format!("SELECT count(*) FROM users WHERE is_verified AND email = '{address}'")) == 1
}

/// As docs/accounts.md has it, whoever tries them.
#[rstest]
#[tokio::test]
async fn all_codes_of_an_account_may_be_tried_fifty_times_a_day(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(By::Session, By::Cookie, By::Login, By::Program)] by: By,
) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", by.requires_proof())];
    let server = Server::start_with(backend, &clock.with(&settings));
    if matches!(by, By::Login | By::Program) {
        for address in [ADA, BOB] {
            server.sign_up(address).await;
            mailbox.wait_for(address, 1).await;
        }
    }
    let mut ada = Guesser::new(&server, &mailbox, ADA, by).await;
    let mut bob = Guesser::new(&server, &mailbox, BOB, by).await;
    for mail in 1..=10 {
        ada.guess(TRIES).await;
        bob.guess(if mail < 10 { TRIES } else { TRIES - 1 }).await;
        if mail < 10 {
            if mail % MAILS_AN_HOUR == 0 {
                clock.set(HOUR + 120);
            }
            ada.next_mail().await;
            bob.next_mail().await;
        }
    }
    // The fiftieth counts.
    assert!(matches!(bob.try_code(&bob.right()).await, 200 | 204));
    assert!(is_verified(&server, BOB));
    // The fifty-first does not.
    clock.set(2 * HOUR + 240);
    ada.next_mail().await;
    assert_eq!(ada.try_code(&ada.right()).await, 400);
    assert!(!is_verified(&server, ADA));
    // Codes that were mailed a day ago no longer count, and those of an hour later still do.
    clock.set(24 * HOUR + 300);
    if by == By::Cookie {
        // That of the first day has come to its end.
        ada.sign_up(GOOD).await;
    } else {
        ada.next_mail().await;
    }
    ada.guess(TRIES - 1).await;
    assert!(matches!(ada.try_code(&ada.right()).await, 200 | 204));
    assert!(is_verified(&server, ADA));
    // Each mail has one of its own; that two pairs are alike happens once in hundreds of millions of runs.
    let mails = mailbox.to(ADA);
    let codes: BTreeSet<String> = mails.iter().map(Received::code).collect();
    assert!(codes.len() + 1 >= mails.len(), "{codes:?}");
}

/// Whose sign-up it is tries its code in the browser of the sign-up.
#[rstest]
#[tokio::test]
async fn strangers_use_up_nothing_that_the_browser_of_a_sign_up_has(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(By::Login, By::Program, By::SigningUpAgain)] stranger: By,
) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", stranger.requires_proof())];
    let server = Server::start_with(backend, &clock.with(&settings));
    let owner = if stranger == By::Login { By::Session } else { By::Cookie };
    let mut owner = Guesser::new(&server, &mailbox, ADA, owner).await;
    let mut stranger = Guesser::new(&server, &mailbox, ADA, stranger).await;
    stranger.use_up(&clock).await;
    clock.set(5 * HOUR);
    // The stranger has no try left, for this mail neither.
    owner.next_mail().await;
    let right = owner.right();
    if stranger.by != By::SigningUpAgain {
        stranger.guess(TRIES).await;
        assert_eq!(stranger.try_code(&right).await, 400);
    }
    owner.guess(TRIES - 1).await;
    assert_eq!(owner.try_code(&right).await, 200);
    assert!(is_verified(&server, ADA));
}

/// Every sign-up of strangers has its mails alone, of which an address gets so many.
#[rstest]
#[tokio::test]
async fn who_signs_up_again_and_again_tries_five_codes_for_each_mail(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on"), ("TRUSTED_PROXIES", "127.0.0.0/8")];
    let server = Server::start_with(backend, &clock.with(&settings));
    // Fifteen mails an hour and sixty a day, and so many sign-ups.
    for hour in 0..6 {
        clock.set(hour * (HOUR + 60));
        for number in 0..20 {
            let network = format!("203.0.{number}.1");
            let headers = [("content-type", "application/json"), ("x-forwarded-for", network.as_str())];
            let body = json!({"email": ADA, "password": GOOD}).to_string();
            assert_eq!(server.send("POST", "/register", &headers, body).await.status, 201);
        }
        server.mails_are_settled().await;
    }
    assert_eq!(mailbox.to(ADA).len(), 60);
    // Whoever held all of these sign-ups could try each code as often.
    assert_eq!(server.database.count("SELECT count(*) FROM mail_tokens"), 60);
}

/// A mail server that does not take a mail makes no fresh tries of it.
#[rstest]
#[tokio::test]
async fn a_mail_that_is_sent_once_more_has_the_tries_that_are_left(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::start_with(backend, &clock.with(&settings));
    mailbox.behave(Behaviour { hangs_up: true, ..Behaviour::default() });
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let failed = "SELECT count(*) FROM outbox WHERE state = 'pending' AND last_error IS NOT NULL";
    eventually("the mail fails", async || (server.database.count(failed) == 1).then_some(())).await;
    for code in ["000000", "000001", "000002"] {
        assert_eq!(ada.post("/verify-email", &[("code", code)]).await.status, 400);
    }
    mailbox.behave(Behaviour::default());
    clock.set(60);
    let right = mailbox.newest(ADA, 1).await.code();
    let tries = "SELECT sign_up_tries FROM mail_tokens WHERE state = 'live'";
    assert_eq!(server.database.count(tries), 3);
    assert_eq!(ada.post("/verify-email", &[("code", &right)]).await.status, 200);
}

/// The link of a mail is good for whom the codes are not.
#[rstest]
#[tokio::test]
async fn who_has_no_try_left_may_open_the_link(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Guesser::new(&server, &mailbox, ADA, By::Session).await;
    server.database.execute("UPDATE mail_tokens SET sign_up_tries = 50");
    assert_eq!(ada.try_code(&ada.right()).await, 400);
    let token = mailbox.newest(ADA, 1).await.token();
    assert_eq!(ada.browser.post("/verify-email", &[("token", &token)]).await.status, 200);
    assert!(is_verified(&server, ADA));
}
