//! Passwords made of a name and a year: the name of the service, the address, the username.

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.org";

#[rstest]
#[tokio::test]
async fn a_name_with_a_year_is_a_common_password(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [("BRAND_NAME", "Harbour Lights"), ("PUBLIC_URL", "https://accounts.pier-nine.example")];
    let server = Server::start_with(backend, &settings);
    let sign_up = async |password: &str| {
        let answer = server.post_json("/register", &json!({"email": ADA, "password": password})).await;
        let code = if answer.status == 201 { String::new() } else { answer.json()["errors"][0]["code"].to_string() };
        (answer.status, code)
    };
    for password in [
        "Vestibule2026!",
        "vestibule-1984",
        "V3st1bul3_2026",
        "HarbourLights2026!",
        "harbour-lights-31.12.1999",
        "h@rb0ur l1ght$ 99",
        "2026 HARBOUR 2026",
        "accounts.pier-nine.example",
        "pier-nine-2026",
        "PierNine123456",
        "pier-nine1234567890",
        "VestibulePassword",
        "MyVestibule2026!",
        "Vestibule2026!a",
        "Ｖｅｓｔｉｂｕｌｅ２０２６！",
        "Vеstibulе2026!",
        "Véstibule2026!",
        "Lights2026Lights",
        "nine-pier-2026",
    ] {
        assert_eq!(sign_up(password).await, (400, "\"password_common\"".to_owned()), "{password}");
    }
    for password in [GOOD, "securepassword123", "harbour lights and a pier"] {
        let email = format!("{}@example.org", password.len());
        let answer = server.post_json("/register", &json!({"email": email, "password": password})).await;
        assert_eq!(answer.status, 201, "{password}: {}", answer.text());
    }
}

#[rstest]
#[tokio::test]
async fn a_reset_password_is_compared_with_the_username(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    assert_eq!(server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
    mailbox.wait_for(ADA, 1).await;
    server.database.execute("UPDATE users SET username = 'Lovelace.1815', username_key = 'lovelace.1815'");
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let token = mailbox.newest(ADA, 2).await.token();
    for password in ["Lovelace.1815", "lovelace.1815!2026"] {
        let answer = server.post_json("/reset-password", &json!({"token": token, "password": password})).await;
        let error = &answer.json()["errors"][0];
        assert_eq!((answer.status, &error["code"]), (400, &json!("password_like_identifier")), "{password}");
        assert!(error["message"].as_str().expect("a message").contains("username"), "{error}");
    }
    let page = Browser::new(&server).post("/reset-password", &[("token", &token), ("password", "Lovelace.1815")]).await;
    assert!(page.page(400).has("[id$=password-error]"));
    // The link stays valid.
    let answer =
        server.post_json("/reset-password", &json!({"token": token, "password": "another-horse-battery"})).await;
    assert_eq!(answer.status, 204);
}
