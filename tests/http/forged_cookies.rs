//! Cookies that are altered, truncated, renamed or of another purpose count as absent.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;

use crate::support::{Answer, Backend, Browser, GOOD, Mailbox, Server, Settings, TestDatabase, server::form};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";

/// The value with another letter at each position in turn, and truncated.
fn tampered(value: &str) -> Vec<String> {
    let replaced = (0..value.len()).filter(|position| value.is_char_boundary(*position)).map(|position| {
        let other = if &value[position..=position] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &value[..position], &value[position + 1..])
    });
    let cut = (0..value.len()).step_by(7).map(|end| value[..end].to_owned());
    replaced.chain(cut).chain([format!("{value}A"), format!("A{value}"), "A".repeat(value.len())]).collect()
}

/// The page for a request with this cookie.
async fn get_with_cookie(server: &Server, path: &str, cookie: &str) -> Answer {
    server.send("GET", path, &[("cookie", cookie), ("accept", "text/html")], "").await
}

#[rstest]
#[tokio::test]
async fn altered_flash_cookies_are_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let flash = ada.cookie("vestibule_flash").expect("a result");
    assert_eq!(get_with_cookie(&server, "/welcome", &format!("vestibule_flash={flash}")).await.status, 200);
    for tampered in tampered(&flash) {
        let answer = get_with_cookie(&server, "/welcome", &format!("vestibule_flash={tampered}")).await;
        assert_eq!(answer.status, 303, "{tampered}");
    }
}

/// The pending sign-up; cookies are not interchangeable.
#[rstest]
#[tokio::test]
async fn altered_or_renamed_encrypted_cookies_are_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let [pending, flash] = ["vestibule_pending", "vestibule_flash"].map(|name| ada.cookie(name).expect("a cookie"));
    assert!(!pending.contains("ada"), "{pending}");
    let is_known = async |cookie: String| {
        get_with_cookie(&server, "/verify-email", &cookie).await.page(200).has("input[name=code]")
    };
    assert!(is_known(format!("vestibule_pending={pending}")).await);
    for tampered in tampered(&pending) {
        assert!(!is_known(format!("vestibule_pending={tampered}")).await, "{tampered}");
    }
    assert!(!is_known(format!("vestibule_pending={flash}")).await, "the value of a flash cookie");
    server.post_json("/forgot-password", &json!({"email": ADA})).await;
    let link = mailbox.newest(ADA, 2).await.token();
    ada.get(&format!("/reset-password?token={link}")).await;
    let reset = ada.cookie("vestibule_reset").expect("a link");
    assert!(!is_known(format!("vestibule_pending={reset}")).await, "the value of a reset cookie");
    let form =
        async |cookie: String| get_with_cookie(&server, "/reset-password", &cookie).await.text().contains("\"token\"");
    assert!(form(format!("vestibule_reset={reset}")).await);
    assert!(!form(format!("vestibule_reset={pending}")).await, "the value of a pending cookie");
}

const COOKIES: [&str; 4] = ["vestibule_flash", "vestibule_pending", "vestibule_reset", "vestibule_devices"];

/// A service with the cookie names of https and one with those of http, with the same keys.
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

    /// Each with the prefix of its cookies and its origin.
    fn each(&self) -> [(&Server, &'static str, &'static str); 2] {
        [(&self.https, "__Host-", "https://accounts.example.com"), (&self.http, "", "http://accounts.example.com")]
    }
}

/// A same-origin form, with these cookies.
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

/// The four cookies of one service for an account with this address: names without prefix, and values.
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
    let reset = get_with_cookie(server, &format!("/reset-password?token={token}"), "").await;
    let value = |answer: &Answer, name: &str| answer.cookie(&format!("{prefix}{name}")).value;
    [&signed_up, &signed_up, &reset, &known]
        .into_iter()
        .zip(COOKIES)
        .map(|(from, name)| (name, value(from, name)))
        .collect()
}

/// A value is refused under the name of another cookie. A value set over http, where other hosts can set cookies, is
/// refused under the https name.
#[rstest]
#[tokio::test]
async fn a_cookie_is_accepted_under_its_own_name_only(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let database = Arc::new(TestDatabase::new(backend));
    let both = Both::on(&database, &mailbox);
    for (number, made_by) in both.each().into_iter().enumerate() {
        let email = format!("p{number}@example.com");
        let values = values(&mailbox, made_by, &email).await;
        // Consumes the login attempts that other clients have.
        let wrong = json!({"identifier": email, "password": "wrong-horse-battery"});
        assert_eq!(made_by.0.post_json("/login", &wrong).await.status, 401);
        for (server, prefix, origin) in both.each() {
            for name in COOKIES {
                for (made_for, value) in &values {
                    let sent = format!("{prefix}{name}={value}");
                    let is_accepted = match name {
                        "vestibule_flash" => get_with_cookie(server, "/welcome", &sent).await.status == 200,
                        "vestibule_pending" => {
                            get_with_cookie(server, "/verify-email", &sent).await.page(200).has("input[name=code]")
                        }
                        "vestibule_reset" => {
                            get_with_cookie(server, "/reset-password", &sent).await.text().contains("\"token\"")
                        }
                        _ => {
                            let fields = [("identifier", email.as_str()), ("password", GOOD)];
                            let answer = post(server, origin, "/login", &sent, &fields).await;
                            assert!(matches!(answer.status, 303 | 429), "{}", answer.text());
                            answer.status == 303
                        }
                    };
                    let is_original = *made_for == name && prefix == made_by.1;
                    assert_eq!(is_accepted, is_original, "{}{made_for} as {prefix}{name}", made_by.1);
                }
            }
        }
    }
}
