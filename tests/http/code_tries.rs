//! How often the codes of an account may be tried in a day, however many mails bring new ones: docs/accounts.md.

use std::collections::BTreeSet;

use rstest::rstest;

use crate::support::{Backend, Browser, FakeClock, GOOD, Mailbox, Server, mailbox::Received};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
const HOUR: i64 = 3600;
/// Of one code.
const TRIES: usize = 5;
/// So many mails an hour does one network get to an address.
const MAILS_AN_HOUR: usize = 5;

/// Who asks for another code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The browser that signed up.
    Resending,
    /// One browser after the other, by signing up for the address again.
    SigningUpAgain,
}

/// Somebody who guesses the codes for an address.
struct Guesser<'a> {
    server: &'a Server,
    mailbox: &'a Mailbox,
    address: &'a str,
    by: By,
    browser: Browser<'a>,
    mails: usize,
}

impl<'a> Guesser<'a> {
    async fn new(server: &'a Server, mailbox: &'a Mailbox, address: &'a str, by: By) -> Self {
        let browser = Browser::new(server);
        browser.sign_up(address, GOOD).await;
        let guesser = Self { server, mailbox, address, by, browser, mails: 1 };
        mailbox.wait_for(address, 1).await;
        guesser
    }

    async fn next_mail(&mut self) {
        if self.by == By::Resending {
            assert_eq!(self.browser.post("/verify-email/resend", &[]).await.status, 200);
        } else {
            self.browser = Browser::new(self.server);
            self.browser.sign_up(self.address, GOOD).await;
        }
        self.mails += 1;
        self.mailbox.wait_for(self.address, self.mails).await;
    }

    async fn right(&self) -> String {
        self.mailbox.newest(self.address, self.mails).await.code()
    }

    async fn try_code(&self, code: &str) -> u16 {
        self.browser.post("/verify-email", &[("code", code)]).await.status
    }

    /// Tries so many that are wrong.
    async fn guess(&self, number: usize) {
        let right: usize = self.right().await.parse().expect("a number");
        for guess in 1..=number {
            let wrong = format!("{:06}", (right + guess) % 1_000_000);
            assert_eq!(self.try_code(&wrong).await, 400, "{wrong}");
        }
    }
}

fn is_verified(server: &Server, address: &str) -> bool {
    server.database.count(&format!("SELECT count(*) FROM users WHERE is_verified AND email = '{address}'")) == 1
}

#[rstest]
#[tokio::test]
async fn all_codes_of_an_account_may_be_tried_fifty_times_a_day(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(By::Resending, By::SigningUpAgain)] by: By,
) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let proof = if by == By::SigningUpAgain { "on" } else { "off" };
    let server = Server::start_with(backend, &clock.with(&[("SMTP_URL", &url), ("REQUIRE_VERIFIED_EMAIL", proof)]));
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
    assert_eq!(bob.try_code(&bob.right().await).await, 200);
    assert!(is_verified(&server, BOB));
    // The fifty-first does not.
    clock.set(2 * HOUR + 240);
    ada.next_mail().await;
    assert_eq!(ada.try_code(&ada.right().await).await, 400);
    assert!(!is_verified(&server, ADA));
    // Codes that were mailed a day ago no longer count, and those of an hour later still do.
    clock.set(24 * HOUR + 300);
    ada.next_mail().await;
    ada.guess(TRIES - 1).await;
    assert_eq!(ada.try_code(&ada.right().await).await, 200);
    assert!(is_verified(&server, ADA));
    // Each mail has one of its own; that two pairs are alike happens once in hundreds of millions of runs.
    let codes: BTreeSet<String> = mailbox.to(ADA).iter().map(Received::code).collect();
    assert!(codes.len() + 1 >= ada.mails, "{codes:?}");
}

/// The link of a mail is good for whom the codes are not.
#[rstest]
#[tokio::test]
async fn who_has_no_try_left_may_open_the_link(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Guesser::new(&server, &mailbox, ADA, By::Resending).await;
    server.database.execute("UPDATE mail_tokens SET code_tries = 50");
    assert_eq!(ada.try_code(&ada.right().await).await, 400);
    let token = mailbox.newest(ADA, 1).await.token();
    assert_eq!(ada.browser.post("/verify-email", &[("token", &token)]).await.status, 200);
    assert!(is_verified(&server, ADA));
}
