//! Events that end sessions, observed at another instance.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, GOOD, Mailbox, Server};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";
const BETTER: &str = "four crabs on a warm beach";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    SignedOut,
    SignedOutElsewhere,
    AnotherPassword,
    PasswordByMail,
    AccountDeleted,
    AccountDisabled,
}

/// Whether the acting browser, another one and a program are still signed in with their earlier cookies and token.
fn expected(end: End) -> [bool; 3] {
    match end {
        End::SignedOut => [false, true, true],
        End::SignedOutElsewhere => [true, false, false],
        End::AnotherPassword | End::PasswordByMail | End::AccountDeleted | End::AccountDisabled => [false; 3],
    }
}

#[rstest]
#[tokio::test]
async fn every_session_end_takes_effect_on_every_instance(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(
        End::SignedOut,
        End::SignedOutElsewhere,
        End::AnotherPassword,
        End::PasswordByMail,
        End::AccountDeleted,
        End::AccountDisabled
    )]
    end: End,
) {
    let mailbox = Mailbox::open();
    let servers = Server::two_mailing(backend, &mailbox);
    let here = Browser::new(&servers[0]);
    here.sign_up(ADA, GOOD).await;
    mailbox.wait_for(ADA, 1).await;
    let other = Browser::new(&servers[0]);
    other.log_in(ADA, GOOD).await;
    let bearer = servers[0].token(ADA, GOOD).await;
    // With their current cookies.
    let there = [here.at(&servers[1]), other.at(&servers[1])];
    let signed_in = async || {
        let program = servers[1].as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.status;
        [there[0].is_signed_in().await, there[1].is_signed_in().await, program == 200]
    };
    assert_eq!(signed_in().await, [true; 3]);

    match end {
        End::SignedOut => assert_eq!(here.post("/logout", &[]).await.status, 303),
        End::SignedOutElsewhere => {
            let answer = here.post("/account/sessions/revoke", &[("id", "others")]).await;
            assert_eq!(Browser::location(&answer), "/account");
        }
        End::AnotherPassword => {
            let fields = [("current_password", GOOD), ("password", BETTER)];
            assert_eq!(Browser::location(&here.post("/account/password", &fields).await), "/account");
            assert!(here.at(&servers[1]).is_signed_in().await, "by its new cookie");
        }
        End::PasswordByMail => {
            servers[0].mails_are_settled().await;
            assert_eq!(servers[0].post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
            let body = json!({"token": mailbox.newest(ADA, 2).await.token(), "password": BETTER});
            assert_eq!(servers[0].post_json("/reset-password", &body).await.status, 204);
        }
        End::AccountDeleted => {
            let fields = [("current_password", GOOD), ("confirm", "on")];
            assert_eq!(here.post("/account/delete", &fields).await.status, 303);
        }
        End::AccountDisabled => servers[0].database.execute("UPDATE users SET is_active = FALSE"),
    }
    assert_eq!(signed_in().await, expected(end));
}
