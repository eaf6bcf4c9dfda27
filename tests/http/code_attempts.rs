//! Daily limit on attempts at the codes of an account, whatever the number of mails. Other clients consume no attempts
//! of the sign-up's browser: docs/accounts.md.

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
/// Attempts at one code.
const ATTEMPTS: usize = 5;
/// Mails to one address that one network may cause in an hour.
const MAILS_AN_HOUR: usize = 5;

/// The client that guesses the codes for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    /// The browser of the sign-up, by its session.
    Session,
    /// The browser of the sign-up, by its cookie.
    Cookie,
    /// Another browser that logs in.
    Login,
    /// A program with address and password.
    Program,
    /// New browsers that sign up for the address again.
    SigningUpAgain,
}

impl Client {
    /// Unverified accounts can log in where verification is not required; a browser has the cookie where it is.
    fn requires_verification(self) -> &'static str {
        if matches!(self, Self::Session | Self::Login) { "off" } else { "on" }
    }
}

/// Guesses the codes for an address.
struct Guesser<'a> {
    server: &'a Server,
    mailbox: &'a Mailbox,
    address: &'a str,
    client: Client,
    browser: Browser<'a>,
}

impl<'a> Guesser<'a> {
    /// The address is free, or has an account with the password [`GOOD`].
    async fn new(server: &'a Server, mailbox: &'a Mailbox, address: &'a str, client: Client) -> Self {
        let browser = Browser::new(server);
        let guesser = Self { server, mailbox, address, client, browser };
        match client {
            Client::Session | Client::Cookie | Client::SigningUpAgain => guesser.sign_up(GOOD).await,
            Client::Login => assert_eq!(Browser::location(&guesser.browser.log_in(address, GOOD).await), "/account"),
            Client::Program => {}
        }
        guesser
    }

    async fn sign_up(&self, password: &str) {
        let mails = self.mailbox.to(self.address).len();
        self.browser.sign_up(self.address, password).await;
        self.mailbox.wait_for(self.address, mails + 1).await;
    }

    async fn next_mail(&mut self) {
        if self.client == Client::SigningUpAgain {
            self.browser = Browser::new(self.server);
            return self.sign_up("strangers-own-battery").await;
        }
        let mails = self.mailbox.to(self.address).len();
        let typed = [("email", self.address)];
        let fields: &[(&str, &str)] = if self.client == Client::Program { &typed } else { &[] };
        assert_eq!(self.browser.post("/verify-email/resend", fields).await.status, 200);
        self.mailbox.wait_for(self.address, mails + 1).await;
    }

    fn correct_code(&self) -> String {
        self.mailbox.to(self.address).last().expect("a mail").code()
    }

    async fn try_code(&self, code: &str) -> u16 {
        if self.client == Client::Program {
            let body = json!({"code": code, "email": self.address, "password": GOOD});
            return self.server.post_json("/verify-email", &body).await.status;
        }
        self.browser.post("/verify-email", &[("code", code)]).await.status
    }

    /// Tries this many wrong codes.
    async fn guess(&self, number: usize) {
        let correct_code: usize = self.correct_code().parse().expect("a number");
        for guess in 1..=number {
            let wrong = format!("{:06}", (correct_code + guess) % 1_000_000);
            assert_eq!(self.try_code(&wrong).await, 400, "{wrong}");
        }
    }

    /// Consumes the attempts of a day. It takes hours.
    async fn exhaust(&mut self, clock: &FakeClock) {
        for mail in 1..=10 {
            self.guess(ATTEMPTS).await;
            // Fewer mails an hour than one network may cause.
            clock.set(mail / 3 * (HOUR + 120));
            self.next_mail().await;
        }
    }
}

fn is_verified(server: &Server, address: &str) -> bool {
    server.database.count(&format!("SELECT count(*) FROM users WHERE is_verified AND email = '{address}'")) == 1
}

/// As docs/accounts.md says, for every client.
#[rstest]
#[tokio::test]
async fn codes_of_an_account_allow_fifty_attempts_a_day(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Client::Session, Client::Cookie, Client::Login, Client::Program)] client: Client,
) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", client.requires_verification())];
    let server = Server::start_with(backend, &clock.with(&settings));
    if matches!(client, Client::Login | Client::Program) {
        for address in [ADA, BOB] {
            server.sign_up(address).await;
            mailbox.wait_for(address, 1).await;
        }
    }
    let mut ada = Guesser::new(&server, &mailbox, ADA, client).await;
    let mut bob = Guesser::new(&server, &mailbox, BOB, client).await;
    for mail in 1..=10 {
        ada.guess(ATTEMPTS).await;
        bob.guess(if mail < 10 { ATTEMPTS } else { ATTEMPTS - 1 }).await;
        if mail < 10 {
            if mail % MAILS_AN_HOUR == 0 {
                clock.set(HOUR + 120);
            }
            ada.next_mail().await;
            bob.next_mail().await;
        }
    }
    // The fiftieth attempt is accepted.
    assert!(matches!(bob.try_code(&bob.correct_code()).await, 200 | 204));
    assert!(is_verified(&server, BOB));
    // The fifty-first is refused.
    clock.set(2 * HOUR + 240);
    ada.next_mail().await;
    assert_eq!(ada.try_code(&ada.correct_code()).await, 400);
    assert!(!is_verified(&server, ADA));
    // Attempts at codes mailed a day ago no longer count; those of an hour later still do.
    clock.set(24 * HOUR + 300);
    if client == Client::Cookie {
        // The cookie of the first day has expired.
        ada.sign_up(GOOD).await;
    } else {
        ada.next_mail().await;
    }
    ada.guess(ATTEMPTS - 1).await;
    assert!(matches!(ada.try_code(&ada.correct_code()).await, 200 | 204));
    assert!(is_verified(&server, ADA));
    // Each mail has its own code; two equal pairs occur once in hundreds of millions of runs.
    let mails = mailbox.to(ADA);
    let codes: BTreeSet<String> = mails.iter().map(Received::code).collect();
    assert!(codes.len() + 1 >= mails.len(), "{codes:?}");
}

/// The owner uses the browser of the sign-up.
#[rstest]
#[tokio::test]
async fn other_clients_consume_no_attempts_of_the_sign_up_browser(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Client::Login, Client::Program, Client::SigningUpAgain)] attacker: Client,
) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", attacker.requires_verification())];
    let server = Server::start_with(backend, &clock.with(&settings));
    let owner = if attacker == Client::Login { Client::Session } else { Client::Cookie };
    let mut owner = Guesser::new(&server, &mailbox, ADA, owner).await;
    let mut attacker = Guesser::new(&server, &mailbox, ADA, attacker).await;
    attacker.exhaust(&clock).await;
    clock.set(5 * HOUR);
    // The attacker has no attempt left, for this mail either.
    owner.next_mail().await;
    let correct_code = owner.correct_code();
    if attacker.client != Client::SigningUpAgain {
        attacker.guess(ATTEMPTS).await;
        assert_eq!(attacker.try_code(&correct_code).await, 400);
    }
    owner.guess(ATTEMPTS - 1).await;
    assert_eq!(owner.try_code(&correct_code).await, 200);
    assert!(is_verified(&server, ADA));
}

/// Each sign-up has only its own mails, and the mails to an address are limited.
#[rstest]
#[tokio::test]
async fn repeated_sign_ups_get_five_code_attempts_for_each_mail(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on"), ("TRUSTED_PROXIES", "127.0.0.0/8")];
    let server = Server::start_with(backend, &clock.with(&settings));
    // More sign-ups than the fifteen mails an hour and sixty a day.
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
    // A client with all of these sign-ups could try each of the codes.
    assert_eq!(server.database.count("SELECT count(*) FROM mail_tokens"), 60);
}

/// A retry of a mail adds no attempts.
#[rstest]
#[tokio::test]
async fn a_retried_mail_does_not_reset_code_attempts(#[values(Sqlite, Postgres)] backend: Backend) {
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
    let correct_code = mailbox.newest(ADA, 1).await.code();
    let attempts = "SELECT sign_up_tries FROM mail_tokens WHERE state = 'live'";
    assert_eq!(server.database.count(attempts), 3);
    assert_eq!(ada.post("/verify-email", &[("code", &correct_code)]).await.status, 200);
}

/// The link of a mail works when no attempts are left.
#[rstest]
#[tokio::test]
async fn the_link_works_without_code_attempts_left(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Guesser::new(&server, &mailbox, ADA, Client::Session).await;
    server.database.execute("UPDATE mail_tokens SET sign_up_tries = 50");
    assert_eq!(ada.try_code(&ada.correct_code()).await, 400);
    let token = mailbox.newest(ADA, 1).await.token();
    assert_eq!(ada.browser.post("/verify-email", &[("token", &token)]).await.status, 200);
    assert!(is_verified(&server, ADA));
}
