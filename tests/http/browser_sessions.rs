//! A browser has one session: a new one ends the previous one.

use rstest::rstest;
use serde_json::json;

use crate::support::{Answer, Backend, Browser, GOOD, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

async fn me(server: &Server, session: &str) -> Answer {
    let cookie = format!("vestibule_session={session}");
    server.send("GET", "/api/v1/users/me", &[("cookie", cookie.as_str())], "").await
}

fn session(browser: &Browser<'_>) -> String {
    browser.cookie("vestibule_session").expect("a session")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    SignUp,
    LogIn,
}

impl Begin {
    async fn as_bob(self, browser: &Browser<'_>, password: &str) -> Answer {
        match self {
            Self::SignUp => browser.post("/register", &[("email", BOB), ("password", password)]).await,
            Self::LogIn => browser.log_in(BOB, password).await,
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_new_session_ends_the_previous_one(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(Begin::SignUp, Begin::LogIn)] begin: Begin,
) {
    let server = Server::start(backend);
    let (shared, phone) = (Browser::new(&server), Browser::new(&server));
    shared.sign_up(ADA, GOOD).await;
    phone.log_in(ADA, GOOD).await;
    if begin == Begin::LogIn {
        assert_eq!(server.post_json("/register", &json!({"email": BOB, "password": GOOD})).await.status, 201);
    }
    let before = session(&shared);

    // A failure ends no session.
    let wrong = if begin == Begin::SignUp { "short" } else { "wrong-horse-battery" };
    assert!(begin.as_bob(&shared, wrong).await.status >= 400);
    assert_eq!(me(&server, &before).await.json()["email"], ADA);
    assert_eq!(session(&shared), before);

    assert_eq!(begin.as_bob(&shared, GOOD).await.status, 303);
    assert_eq!(me(&server, &before).await.status, 401, "the previous session is still valid");
    assert_eq!(me(&server, &session(&shared)).await.json()["email"], BOB);
    // The session of another browser stays.
    assert!(phone.is_signed_in().await);
    let browsers = "SELECT u.email AS t FROM sessions s JOIN users u ON u.id = s.user_id ORDER BY 1";
    assert_eq!(server.database.texts(&format!("{browsers} LIMIT 10")), [ADA, BOB]);
}

/// Its owner sees the end of the session.
#[rstest]
#[tokio::test]
async fn a_session_ended_by_a_sign_up_is_logged_for_its_owner(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let shared = Browser::new(&server);
    shared.sign_up(ADA, GOOD).await;
    shared.sign_up(BOB, GOOD).await;
    let of_ada = "SELECT event AS t FROM audit_log WHERE succeeded AND user_id = \
                  (SELECT id FROM users WHERE email = 'ada@example.com') ORDER BY id LIMIT 10";
    assert_eq!(server.database.texts(of_ada), ["account_registered", "logout"]);
}
