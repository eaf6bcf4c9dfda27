//! Cookies that are bent, cut, renamed or of another purpose count as none.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server, Settings, TestDatabase, server::form};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";

/// The value with another letter at each place in turn, and without its end.
fn bent(value: &str) -> Vec<String> {
    let replaced = (0..value.len()).filter(|place| value.is_char_boundary(*place)).map(|place| {
        let other = if &value[place..=place] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &value[..place], &value[place + 1..])
    });
    let cut = (0..value.len()).step_by(7).map(|end| value[..end].to_owned());
    replaced.chain(cut).chain([format!("{value}A"), format!("A{value}"), "A".repeat(value.len())]).collect()
}

/// Whether the request shows what the cookie carries.
async fn shows(server: &Server, path: &str, cookie: &str) -> Answer {
    server.send("GET", path, &[("cookie", cookie), ("accept", "text/html")], "").await
}

/// The result of a sign-up.
#[rstest]
#[tokio::test]
async fn the_result_of_a_sign_up_counts_whole(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let flash = ada.cookie("vestibule_flash").expect("a result");
    assert_eq!(shows(&server, "/welcome", &format!("vestibule_flash={flash}")).await.status, 200);
    for bent in bent(&flash) {
        let answer = shows(&server, "/welcome", &format!("vestibule_flash={bent}")).await;
        assert_eq!(answer.status, 303, "{bent}");
    }
}

/// The sign-up that waits for its proof; and none passes for another.
#[rstest]
#[tokio::test]
async fn an_encrypted_cookie_counts_whole_and_under_its_name(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let [pending, flash] = ["vestibule_pending", "vestibule_flash"].map(|name| ada.cookie(name).expect("a cookie"));
    assert!(!pending.contains("ada"), "{pending}");
    let is_known =
        async |cookie: String| shows(&server, "/verify-email", &cookie).await.page(200).has("input[name=code]");
    assert!(is_known(format!("vestibule_pending={pending}")).await);
    for bent in bent(&pending) {
        assert!(!is_known(format!("vestibule_pending={bent}")).await, "{bent}");
    }
    assert!(!is_known(format!("vestibule_pending={flash}")).await, "that of a result");
    server.post_json("/forgot-password", &json!({"email": ADA})).await;
    let link = mailbox.newest(ADA, 2).await.token();
    ada.get(&format!("/reset-password?token={link}")).await;
    let reset = ada.cookie("vestibule_reset").expect("a link");
    assert!(!is_known(format!("vestibule_pending={reset}")).await, "that of a link");
    let form = async |cookie: String| shows(&server, "/reset-password", &cookie).await.text().contains("\"token\"");
    assert!(form(format!("vestibule_reset={reset}")).await);
    assert!(!form(format!("vestibule_reset={pending}")).await, "that of a sign-up");
}

const NAMES: [&str; 4] = ["vestibule_flash", "vestibule_pending", "vestibule_reset", "vestibule_devices"];

/// A service whose cookies have the names of https, and one with plain ones; with the same keys.
struct Both {
    https: Server,
    http: Server,
}

impl Both {
    fn on(database: &Arc<TestDatabase>, mailbox: &Mailbox) -> Self {
        let url = mailbox.url();
        let start = |public_url: &str| {
            let settings: Settings = &[
                ("SMTP_URL", url.as_str()),
                ("REQUIRE_VERIFIED_EMAIL", "on"),
                ("PUBLIC_URL", public_url),
                ("RATE_LIMITS", "on"),
                ("RATE_LIMIT_LOGIN_ACCOUNT", "1/day"),
                ("RATE_LIMIT_SIGN_UP", "off"),
            ];
            Server::start_on(Arc::clone(database), settings)
        };
        Self { https: start("https://accounts.example.com"), http: start("http://accounts.example.com") }
    }

    /// Each with the prefix of its cookies and its address.
    fn each(&self) -> [(&Server, &'static str, &'static str); 2] {
        [(&self.https, "__Host-", "https://accounts.example.com"), (&self.http, "", "http://accounts.example.com")]
    }
}

/// A form of the page itself, with these cookies.
async fn post(server: &Server, origin: &str, path: &str, cookies: &str, fields: &[(&str, &str)]) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("sec-fetch-site", "same-origin"),
        ("origin", origin),
        ("cookie", cookies),
    ];
    server.send("POST", path, &headers, form(fields)).await
}

/// What the four cookies of one service hold for an account with this address, without its prefix.
async fn values(mailbox: &Mailbox, service: (&Server, &str, &str), email: &str) -> Vec<(&'static str, String)> {
    let (server, prefix, origin) = service;
    let fields = [("email", email), ("password", GOOD)];
    let signed_up = post(server, origin, "/register", "", &fields).await;
    let mail = mailbox.newest(email, 1).await;
    let pending =
        format!("{prefix}vestibule_pending={}", signed_up.cookie(&format!("{prefix}vestibule_pending")).value);
    assert_eq!(post(server, origin, "/verify-email", &pending, &[("code", &mail.code())]).await.status, 200);
    let known = post(server, origin, "/login", "", &[("identifier", email), ("password", GOOD)]).await;
    server.post_json("/forgot-password", &json!({"email": email})).await;
    let token = mailbox.newest(email, 2).await.token();
    let reset = shows(server, &format!("/reset-password?token={token}"), "").await;
    let value = |answer: &Answer, name: &str| answer.cookie(&format!("{prefix}{name}")).value;
    [&signed_up, &signed_up, &reset, &known]
        .into_iter()
        .zip(NAMES)
        .map(|(from, name)| (name, value(from, name)))
        .collect()
}

/// A value is worth nothing under another name: not under that of another cookie, and what was set over plain http, where other
/// hosts can set cookies too, not under that of https.
#[rstest]
#[tokio::test]
async fn a_cookie_counts_under_its_own_name_alone(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let database = Arc::new(TestDatabase::new(backend));
    let both = Both::on(&database, &mailbox);
    for (number, made_by) in both.each().into_iter().enumerate() {
        let email = format!("p{number}@example.com");
        let values = values(&mailbox, made_by, &email).await;
        // Strangers have used up what the account allows.
        let wrong = json!({"identifier": email, "password": "wrong-horse-battery"});
        assert_eq!(made_by.0.post_json("/login", &wrong).await.status, 401);
        for (server, prefix, origin) in both.each() {
            for name in NAMES {
                for (made_for, value) in &values {
                    let sent = format!("{prefix}{name}={value}");
                    let counts = match name {
                        "vestibule_flash" => shows(server, "/welcome", &sent).await.status == 200,
                        "vestibule_pending" => {
                            shows(server, "/verify-email", &sent).await.page(200).has("input[name=code]")
                        }
                        "vestibule_reset" => shows(server, "/reset-password", &sent).await.text().contains("\"token\""),
                        _ => {
                            let fields = [("identifier", email.as_str()), ("password", GOOD)];
                            let answer = post(server, origin, "/login", &sent, &fields).await;
                            assert!(matches!(answer.status, 303 | 429), "{}", answer.text());
                            answer.status == 303
                        }
                    };
                    let is_its_own = *made_for == name && prefix == made_by.1;
                    assert_eq!(counts, is_its_own, "{}{made_for} as {prefix}{name}", made_by.1);
                }
            }
        }
    }
}
