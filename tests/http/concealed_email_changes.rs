//! A change of address does not reveal whether the new one has an account, in any later response.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, FakeClock, GOOD, Mailbox, Server, eventually, mailbox::Behaviour};
use Backend::{Postgres, Sqlite};

const HOUR: i64 = 3600;
/// Of equal length, so that whole responses are compared.
const FREE: &str = "free0@example.com";
const TAKEN: &str = "taken@example.com";

/// Paths that a signed-in user can read, and whether as a program or in a browser.
const READABLE: [(&str, bool); 8] = [
    ("/api/v1/users/me", true),
    ("/api/v1/users/me/sessions", true),
    ("/account", false),
    ("/account/export", false),
    ("/verify-email", false),
    ("/welcome", false),
    ("/login", false),
    ("/register", false),
];

async fn sign_up(server: &Server, email: &str) {
    assert_eq!(server.post_json("/register", &json!({"email": email, "password": GOOD})).await.status, 202);
}

struct Prober<'a> {
    browser: Browser<'a>,
    bearer: String,
    target: &'static str,
}

impl<'a> Prober<'a> {
    async fn new(server: &'a Server, name: &str, target: &'static str) -> Self {
        let email = format!("{name}@example.com");
        let browser = Browser::new(server);
        sign_up(server, &email).await;
        server.database.execute(&format!("UPDATE users SET is_verified = TRUE WHERE email = '{email}'"));
        assert_eq!(browser.log_in(&email, GOOD).await.status, 303);
        let bearer = server.token(&email, GOOD).await;
        Self { browser, bearer, target }
    }

    async fn request_change(&self) -> Value {
        let body = json!({"email": self.target, "current_password": GOOD});
        let answer = self.browser.server.as_program(&self.bearer, "PATCH", "/api/v1/users/me", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// All of it, without what differs between the probers.
    async fn visible(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for (path, is_program) in READABLE {
            let answer = if is_program {
                self.browser.server.as_program(&self.bearer, "GET", path, &Value::Null).await
            } else {
                self.browser.get(path).await
            };
            let text = answer.text().replace(self.target, "WANTED").replace("anne1@", "me@").replace("anne2@", "me@");
            seen.push(format!("{path} {} {}", answer.status, strip(&text)));
        }
        seen
    }
}

/// Without digits: ids, times and random values.
fn strip(text: &str) -> String {
    let text = regex::Regex::new(r#"name="stamp" value="[^"]*""#).expect("a pattern").replace_all(text, "");
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// An account with the taken address, and a prober for each of the two addresses.
async fn two_probers(server: &Server) -> [Prober<'_>; 2] {
    sign_up(server, TAKEN).await;
    server.database.execute("UPDATE users SET is_verified = TRUE");
    let probers = [Prober::new(server, "anne1", FREE).await, Prober::new(server, "anne2", TAKEN).await];
    server.mails_are_settled().await;
    probers
}

fn start(backend: Backend, clock: &FakeClock, mailbox: &Mailbox) -> Server {
    clock.stand_still(0);
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("CONCEAL_ACCOUNTS", "on"), ("ACCESS_TOKEN_HOURS", "200")];
    Server::start_with(backend, &clock.with(&settings))
}

#[rstest]
#[case::mails_are_sent(Behaviour::default())]
#[case::the_mail_server_does_not_respond(Behaviour { silent_at: "CONNECT", ..Behaviour::default() })]
#[case::the_mail_server_defers_mails(Behaviour { recipient_answer: "450 4.2.1 later", ..Behaviour::default() })]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_a_free_or_a_taken_address_looks_the_same(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] behaviour: Behaviour,
) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = start(backend, &clock, &mailbox);
    let probers = two_probers(&server).await;
    let is_silent = behaviour.silent_at == "CONNECT";
    let accepts_mail = behaviour.recipient_answer.is_empty() && !is_silent;
    mailbox.behave(behaviour);
    let mut responses = Vec::new();
    for prober in &probers {
        let mut answer = prober.request_change().await;
        assert_eq!(answer["pending_email"], prober.target);
        for name in ["id", "email", "pending_email"] {
            answer[name].take();
        }
        responses.push(answer);
    }
    assert_eq!(responses[0], responses[1]);
    let mut attempt = 0;
    for hours in [0, 12, 23, 24, 25, 36, 47, 49] {
        clock.stand_still(hours * HOUR);
        // Every due mail has been attempted.
        if accepts_mail {
            server.mails_are_settled().await;
        } else if !is_silent || hours == 0 {
            attempt += 1;
            // A jump of the clock would postpone a running attempt; at a silent server it keeps running.
            let unleased = if is_silent { "" } else { "AND lease_until IS NULL" };
            let attempted = format!(
                "SELECT count(*) FROM outbox WHERE recipient IN ('{FREE}', '{TAKEN}') AND attempts >= {attempt} \
                 AND state = 'pending' {unleased}"
            );
            eventually("both are attempted", async || (server.database.count(&attempted) == 2).then_some(())).await;
        }
        let (one, two) = (probers[0].visible().await, probers[1].visible().await);
        assert_eq!(one, two, "after {hours} hours");
        let is_shown = one[0].contains("WANTED");
        assert_eq!(is_shown, hours < 24, "after {hours} hours: {}", one[0]);
    }
}

/// A repeated request is shown for a day after the second one, also if the first mail is retried since.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_change_restarts_its_expiry(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = start(backend, &clock, &mailbox);
    let probers = two_probers(&server).await;
    mailbox.behave(Behaviour { recipient_answer: "450 4.2.1 later", ..Behaviour::default() });
    let attempted = |least: i64| {
        format!(
            "SELECT count(*) FROM outbox WHERE recipient IN ('{FREE}', '{TAKEN}') AND attempts >= {least} \
             AND kind <> 'verify_email' AND lease_until IS NULL"
        )
    };
    for (hours, mails) in [(0, 2), (3, 4)] {
        clock.stand_still(hours * HOUR);
        for prober in &probers {
            prober.request_change().await;
        }
        eventually("all are attempted", async || (server.database.count(&attempted(1)) == mails).then_some(())).await;
    }
    for (attempt, hours) in (2..).zip([4, 10, 23, 25, 26, 28]) {
        clock.stand_still(hours * HOUR);
        // The newer mails have been retried by now; the older ones were dropped or retried before them.
        let newest = format!("{} AND created_at = (SELECT max(created_at) FROM outbox)", attempted(attempt));
        eventually("the newest are attempted", async || (server.database.count(&newest) == 2).then_some(())).await;
        let (one, two) = (probers[0].visible().await, probers[1].visible().await);
        assert_eq!(one, two, "after {hours} hours");
        assert_eq!(one[0].contains("WANTED"), hours < 27, "after {hours} hours");
    }
}
