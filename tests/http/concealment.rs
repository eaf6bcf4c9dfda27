//! `CONCEAL_ACCOUNTS`: sign-ups for addresses with and without an account get the same response.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, Backend, Browser, FakeClock, GOOD, Mailbox, Server,
    server::{BROWSER, form},
};
use Backend::{Postgres, Sqlite};

const OTHER: &str = "strangers-own-battery";

/// Everything that an attacker could compare; random values are replaced by their length.
fn comparable(answer: &Answer, typed: &str) -> (u16, Vec<(String, String)>, String) {
    let headers =
        answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date" | "set-cookie"));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
    let cookies = answer.cookies().into_iter().map(|cookie| {
        // Without the current time.
        let attributes = cookie.attributes.iter().filter(|attribute| !attribute.starts_with("Expires="));
        (cookie.name, format!("<{}> {:?}", cookie.value.len(), attributes.collect::<Vec<_>>()))
    });
    // Pages allow a line break before the @ of an address.
    let local_part = typed.split('@').next().expect("a local part");
    let mut headers: Vec<(String, String)> = headers.chain(cookies).collect();
    // Cookies come in any order.
    headers.sort();
    (answer.status, headers, answer.text().replace(local_part, "TYPED"))
}

#[rstest]
#[tokio::test]
async fn known_and_unknown_addresses_get_equal_responses(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("on", "off")] verification: &str,
    #[values(true, false)] is_verified: bool,
) {
    let mailbox = Mailbox::open();
    let server =
        Server::mailing(backend, &mailbox, &[("CONCEAL_ACCOUNTS", "on"), ("REQUIRE_VERIFIED_EMAIL", verification)]);
    // The same length, so that lengths can be compared.
    let (known, unknown) = ("known@example.com", "fresh@example.com");
    let check_inbox = json!({"detail": "Check the inbox of this address: we sent an email."});
    let body = |email: &str| json!({"email": email, "password": GOOD});
    server.post_json("/register", &body(known)).await.assert_json(202, &check_inbox);
    mailbox.wait_for(known, 1).await;
    if is_verified {
        server.database.execute("UPDATE users SET is_verified = TRUE");
    }

    for path in ["/register", "/api/v1/users/register"] {
        let first = server.post_json(path, &json!({"email": known, "password": OTHER})).await;
        let second = server.post_json(path, &json!({"email": format!("x{}", &unknown[1..]), "password": OTHER})).await;
        first.assert_json(202, &check_inbox);
        assert_eq!(comparable(&first, known), comparable(&second, unknown), "{path}");
        server.database.execute("DELETE FROM users WHERE email LIKE 'x%'");
    }

    // In a browser: sign-up, result, codes, another mail, a second sign-up.
    let journey = async |email: &str| {
        let browser = Browser::new(&server);
        let mut seen = Vec::new();
        let fields = [("email", email), ("password", OTHER)];
        seen.push(comparable(&browser.post("/register", &fields).await, email));
        seen.push(comparable(&browser.get("/welcome").await, email));
        seen.push(comparable(&browser.get("/welcome").await, email));
        seen.push(comparable(&browser.get("/verify-email").await, email));
        for code in ["000000", "000001", "x", "000002", "000003", "000004", "000005", "000006"] {
            seen.push(comparable(&browser.post("/verify-email", &[("code", code)]).await, email));
        }
        seen.push(comparable(&browser.post("/verify-email/resend", &[]).await, email));
        seen.push(comparable(&browser.get("/account").await, email));
        seen.push(comparable(&browser.post("/register", &fields).await, email));
        seen
    };
    let (of_known, of_unknown) = (journey(known).await, journey(unknown).await);
    for (known, unknown) in of_known.iter().zip(&of_unknown) {
        assert_eq!(known, unknown);
    }
    assert_eq!(of_known[0].0, 303);
    assert!(of_known[1].2.contains("Confirm your email address"));
    assert!(of_known[1].2.contains("TYPED"));

    // A login with the new credentials, and a program with the code.
    for (path, body) in [
        ("/login", json!({"identifier": "EMAIL", "password": OTHER})),
        ("/verify-email", json!({"code": "000000", "email": "EMAIL", "password": OTHER})),
    ] {
        let response_for = async |email: &str| {
            let body = body.to_string().replace("EMAIL", email);
            let answer = server.send("POST", path, &[("content-type", "application/json")], body).await;
            comparable(&answer, email)
        };
        assert_eq!(response_for(known).await, response_for(unknown).await, "{path}");
    }

    // Errors of other fields, by their length too.
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("accept", BROWSER), ("sec-fetch-site", "same-origin")];
    let invalid = async |email: &str| {
        let body = form(&[("email", email), ("password", "short")]);
        comparable(&server.send("POST", "/register", &headers, body).await, email)
    };
    assert_eq!(invalid(known).await, invalid(unknown).await);
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE email = 'known@example.com'"), 1);
}

#[rstest]
#[tokio::test]
async fn the_owner_is_notified_once_an_hour(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let all = clock.with(&[("SMTP_URL", url.as_str()), ("CONCEAL_ACCOUNTS", "on")]);
    let server = Server::start_with(backend, &all);
    let ada = Browser::new(&server);
    ada.sign_up("ada@example.com", GOOD).await;
    assert!(!ada.is_signed_in().await, "a session would reveal that the address is free");
    let code = mailbox.newest("ada@example.com", 1).await.code();
    assert_eq!(ada.post("/verify-email", &[("code", &code)]).await.status, 200);
    for _ in 0..5 {
        let body = json!({"email": "ADA@example.com", "password": OTHER});
        assert_eq!(server.post_json("/register", &body).await.status, 202);
    }
    let mail = mailbox.newest("ada@example.com", 2).await;
    assert_eq!(mail.subject(), "You already have an account at Vestibule");
    assert!(mail.link().ends_with("/forgot-password"), "the link has no token");
    server.mails_are_settled().await;
    mailbox.wait_for("ada@example.com", 2).await;
    clock.set(3601);
    assert_eq!(
        server.post_json("/register", &json!({"email": "ada@example.com", "password": OTHER})).await.status,
        202
    );
    mailbox.wait_for("ada@example.com", 3).await;
    // Nothing of the other sign-up is stored.
    assert_eq!(
        server.post_json("/login", &json!({"identifier": "ada@example.com", "password": OTHER})).await.status,
        401
    );
    assert_eq!(
        server.post_json("/login", &json!({"identifier": "ada@example.com", "password": GOOD})).await.status,
        200
    );
    // Usernames are public: a taken one is reported.
    let body = json!({"username": "ada", "password": GOOD});
    assert_eq!(server.post_json("/users", &body).await.status, 201);
    assert_eq!(server.post_json("/users", &body).await.status, 400);
}

/// Password reset and resend respond alike for known and unknown addresses, in every mode.
#[rstest]
#[tokio::test]
async fn reset_and_resend_do_not_reveal_accounts(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let (known, unknown) = ("known@example.com", "fresh@example.com");
    assert_eq!(server.post_json("/register", &json!({"email": known, "password": GOOD})).await.status, 201);
    mailbox.wait_for(known, 1).await;
    for path in ["/forgot-password", "/verify-email/resend"] {
        for number in 0..8 {
            let response_for = async |email: &str| {
                let program = comparable(&server.post_json(path, &json!({"email": email})).await, email);
                let browser = comparable(&Browser::new(&server).post(path, &[("email", email)]).await, email);
                (program, browser)
            };
            assert_eq!(response_for(known).await, response_for(unknown).await, "{path}, time {number}");
        }
    }
    assert!(mailbox.to(unknown).is_empty());
    // Mail goes to the stored address only, never to a look-alike.
    assert_eq!(
        server.post_json("/register", &json!({"email": "mike@example.org", "password": GOOD})).await.status,
        201
    );
    mailbox.wait_for("mike@example.org", 1).await;
    for look_alike in ["m\u{131}ke@example.org", "mi\u{212a}e@example.org", "\u{ff4d}ike@example.org"] {
        let status = server.post_json("/forgot-password", &json!({"email": look_alike})).await.status;
        assert_eq!(status, 202, "{look_alike}");
    }
    assert_eq!(server.post_json("/forgot-password", &json!({"email": "Mike@EXAMPLE.org"})).await.status, 202);
    let mails = mailbox.wait_for("mike@example.org", 2).await;
    assert_eq!(mails[1].subject(), "Choose a new password for Vestibule");
    assert!(mailbox.all().iter().all(|mail| mail.to[0].is_ascii()));
}

/// A pending address is shown whether it has an account or not.
#[rstest]
#[tokio::test]
async fn a_change_of_address_does_not_reveal_accounts(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    for email in ["prober@example.com", "known@example.com"] {
        assert_eq!(server.post_json("/register", &json!({"email": email, "password": GOOD})).await.status, 201);
        mailbox.wait_for(email, 1).await;
    }
    let bearer = server.token("prober@example.com", GOOD).await;
    let me = async || server.as_program(&bearer, "GET", "/api/v1/users/me", &serde_json::Value::Null).await.json();
    for round in 0..8 {
        for email in ["known@example.com", "fresh@example.com"] {
            let body = json!({"email": email, "current_password": GOOD});
            let answer = server.as_program(&bearer, "PATCH", "/api/v1/users/me", &body).await;
            assert_eq!((answer.status, &answer.json()["pending_email"]), (200, &json!(email)));
            server.mails_are_settled().await;
            assert_eq!(me().await["pending_email"], json!(email), "round {round}");
        }
    }
    assert_eq!(mailbox.to("fresh@example.com").len(), 5);
    let subjects: Vec<String> =
        mailbox.to("known@example.com").iter().map(crate::support::mailbox::Received::subject).collect();
    assert_eq!(subjects.iter().filter(|subject| *subject == "You already have an account at Vestibule").count(), 1);
}

/// Hides how long the database takes: a response is sent at the end of a step of 20 ms.
#[rstest]
#[tokio::test]
async fn concealing_responses_are_sent_in_time_steps(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[("CONCEAL_ACCOUNTS", "on")]);
    let known = "known@example.com";
    for path in ["/register", "/forgot-password", "/verify-email/resend"] {
        // A slow machine only delays responses.
        let mut quickest = Duration::MAX;
        for number in 0..10 {
            let email = if number % 2 == 0 { known.to_owned() } else { format!("fresh{number}@example.com") };
            let mut body = json!({"email": email});
            if path == "/register" {
                body["password"] = GOOD.into();
            }
            let start = Instant::now();
            let answer = server.post_json(path, &body).await;
            quickest = quickest.min(start.elapsed());
            assert_eq!(answer.status, 202, "{path}: {}", answer.text());
        }
        assert!(quickest >= Duration::from_millis(20), "{path}: {quickest:?}");
    }
}
