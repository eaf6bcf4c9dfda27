//! A change of address tells nobody whether the new one has an account, whatever is asked afterwards, and whenever.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, FakeClock, GOOD, Mailbox, Server, eventually, mailbox::Behaviour};
use Backend::{Postgres, Sqlite};

const HOUR: i64 = 3600;
/// Of one length, so that answers are compared whole.
const FREE: &str = "free0@example.com";
const TAKEN: &str = "taken@example.com";

/// What somebody can read who is signed in, as a program and in a browser.
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

struct Stranger<'a> {
    browser: Browser<'a>,
    bearer: String,
    wants: &'static str,
}

impl<'a> Stranger<'a> {
    async fn new(server: &'a Server, name: &str, wants: &'static str) -> Self {
        let email = format!("{name}@example.com");
        let browser = Browser::new(server);
        sign_up(server, &email).await;
        server.database.execute(&format!("UPDATE users SET is_verified = TRUE WHERE email = '{email}'"));
        assert_eq!(browser.log_in(&email, GOOD).await.status, 303);
        let bearer = server.token(&email, GOOD).await;
        Self { browser, bearer, wants }
    }

    async fn ask(&self) -> Value {
        let body = json!({"email": self.wants, "current_password": GOOD});
        let answer = self.browser.server.as_program(&self.bearer, "PATCH", "/api/v1/users/me", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// All of it, without what differs by who asks.
    async fn sees(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for (path, is_program) in READABLE {
            let answer = if is_program {
                self.browser.server.as_program(&self.bearer, "GET", path, &Value::Null).await
            } else {
                self.browser.get(path).await
            };
            let text = answer.text().replace(self.wants, "WANTED").replace("anne1@", "me@").replace("anne2@", "me@");
            seen.push(format!("{path} {} {}", answer.status, strip(&text)));
        }
        seen
    }
}

/// Without numbers: ids, times and what is random.
fn strip(text: &str) -> String {
    let text = regex::Regex::new(r#"name="stamp" value="[^"]*""#).expect("a pattern").replace_all(text, "");
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Somebody's account with the address that is taken, and a stranger for each of the two addresses.
async fn two_strangers(server: &Server) -> [Stranger<'_>; 2] {
    sign_up(server, TAKEN).await;
    server.database.execute("UPDATE users SET is_verified = TRUE");
    let strangers = [Stranger::new(server, "anne1", FREE).await, Stranger::new(server, "anne2", TAKEN).await];
    server.mails_are_settled().await;
    strangers
}

fn start(backend: Backend, clock: &FakeClock, mailbox: &Mailbox) -> Server {
    clock.stand_still(0);
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("CONCEAL_ACCOUNTS", "on"), ("ACCESS_TOKEN_HOURS", "200")];
    Server::start_with(backend, &clock.with(&settings))
}

#[rstest]
#[case::mails_go_out(Behaviour::default())]
#[case::the_mail_server_says_nothing(Behaviour { silent_at: "CONNECT", ..Behaviour::default() })]
#[case::the_mail_server_takes_none(Behaviour { recipient_answer: "450 4.2.1 later", ..Behaviour::default() })]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_of_a_change_depends_on_what_was_asked(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] behaviour: Behaviour,
) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = start(backend, &clock, &mailbox);
    let strangers = two_strangers(&server).await;
    let is_silent = behaviour.silent_at == "CONNECT";
    let takes_them = behaviour.recipient_answer.is_empty() && !is_silent;
    mailbox.behave(behaviour);
    let mut asked = Vec::new();
    for stranger in &strangers {
        let mut answer = stranger.ask().await;
        assert_eq!(answer["pending_email"], stranger.wants);
        for name in ["id", "email", "pending_email"] {
            answer[name].take();
        }
        asked.push(answer);
    }
    assert_eq!(asked[0], asked[1]);
    let mut tries = 0;
    for hours in [0, 12, 23, 24, 25, 36, 47, 49] {
        clock.stand_still(hours * HOUR);
        // Whatever is due by now has been tried.
        if takes_them {
            server.mails_are_settled().await;
        } else if !is_silent || hours == 0 {
            tries += 1;
            // An attempt under way would be put off by a jump of the clock; at a silent server it stays under way.
            let over = if is_silent { "" } else { "AND lease_until IS NULL" };
            let tried = format!(
                "SELECT count(*) FROM outbox WHERE recipient IN ('{FREE}', '{TAKEN}') AND attempts >= {tries} \
                 AND state = 'pending' {over}"
            );
            eventually("both are tried", async || (server.database.count(&tried) == 2).then_some(())).await;
        }
        let (one, two) = (strangers[0].sees().await, strangers[1].sees().await);
        assert_eq!(one, two, "after {hours} hours");
        let is_shown = one[0].contains("WANTED");
        assert_eq!(is_shown, hours < 24, "after {hours} hours: {}", one[0]);
    }
}

/// Asked for twice, it is shown for a day after the second time, also where the mail of the first is tried again since.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_again_counts_from_then_on(#[values(Sqlite, Postgres)] backend: Backend) {
    let (clock, mailbox) = (FakeClock::new(), Mailbox::open());
    let server = start(backend, &clock, &mailbox);
    let strangers = two_strangers(&server).await;
    mailbox.behave(Behaviour { recipient_answer: "450 4.2.1 later", ..Behaviour::default() });
    let tried = |least: i64| {
        format!(
            "SELECT count(*) FROM outbox WHERE recipient IN ('{FREE}', '{TAKEN}') AND attempts >= {least} \
             AND kind <> 'verify_email' AND lease_until IS NULL"
        )
    };
    for (hours, mails) in [(0, 2), (3, 4)] {
        clock.stand_still(hours * HOUR);
        for stranger in &strangers {
            stranger.ask().await;
        }
        eventually("all are tried", async || (server.database.count(&tried(1)) == mails).then_some(())).await;
    }
    for (tries, hours) in (2..).zip([4, 10, 23, 25, 26, 28]) {
        clock.stand_still(hours * HOUR);
        // The newer ones have been tried again by now, and the older ones were dropped or tried before them.
        let newest = format!("{} AND created_at = (SELECT max(created_at) FROM outbox)", tried(tries));
        eventually("the newest are tried", async || (server.database.count(&newest) == 2).then_some(())).await;
        let (one, two) = (strangers[0].sees().await, strangers[1].sees().await);
        assert_eq!(one, two, "after {hours} hours");
        assert_eq!(one[0].contains("WANTED"), hours < 27, "after {hours} hours");
    }
}
