//! Secrets at rest: no stored value grants access.

use rstest::rstest;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::{Backend, Browser, GOOD, Mailbox, Server, TestDatabase};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Everything that is stored: the bytes of the files, or every row as text, with bytes in hexadecimal.
fn dump(database: &TestDatabase) -> String {
    match database.backend {
        Sqlite => {
            let files = database.files();
            let bytes: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).expect("a file")).collect();
            String::from_utf8_lossy(&bytes).into_owned() + &hex(&bytes)
        }
        Postgres => {
            let tables = database.texts("SELECT tablename::text AS t FROM pg_tables WHERE schemaname = 'public'");
            let rows = |table: &String| database.texts(&format!("SELECT row::text AS t FROM {table} AS row"));
            tables.iter().flat_map(rows).collect()
        }
    }
}

#[rstest]
#[tokio::test]
async fn tokens_are_stored_as_their_sha_256(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let session = ada.cookie("vestibule_session").expect("a session");
    let bearer = server.token(ADA, GOOD).await;
    let verification = mailbox.newest(ADA, 1).await.token();
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let reset = mailbox.newest(ADA, 2).await.token();
    let stored = |table: &str| {
        let column = match backend {
            Sqlite => "lower(hex(token_hash))",
            Postgres => "encode(token_hash, 'hex')",
        };
        server.database.texts(&format!("SELECT {column} AS t FROM {table} ORDER BY id"))
    };
    assert_eq!(stored("sessions"), [session, bearer].map(|token| hex(Sha256::digest(token))));
    assert_eq!(stored("mail_tokens"), [verification, reset].map(|token| hex(Sha256::digest(token))));
}

/// Searches for canaries as text and as bytes.
#[rstest]
#[tokio::test]
async fn the_database_contains_no_passwords_or_tokens(#[values(Sqlite, Postgres)] backend: Backend) {
    const PASSWORDS: [&str; 3] = ["Zx9-canary-one-battery", "Zx9-canary-two-battery", "Zx9-canary-three-bat"];
    const WRONG: &str = "Zx9-canary-wrong-battery";
    const NAME: &str = "Zx9-canary-that-is-kept";
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &[]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, PASSWORDS[0]).await;
    let verification = mailbox.newest(ADA, 1).await.token();
    assert_eq!(ada.log_in(ADA, WRONG).await.status, 403);
    let session = ada.cookie("vestibule_session").expect("a session");
    let change = [("current_password", PASSWORDS[0]), ("password", PASSWORDS[1])];
    assert_eq!(Browser::location(&ada.post("/account/password", &change).await), "/account");
    mailbox.wait_for(ADA, 2).await;
    assert_eq!(server.post_json("/forgot-password", &json!({"email": ADA})).await.status, 202);
    let reset = mailbox.newest(ADA, 3).await.token();
    let body = json!({"token": reset, "password": PASSWORDS[2]});
    assert_eq!(server.post_json("/reset-password", &body).await.status, 204);
    let bearer = server.token(ADA, PASSWORDS[2]).await;
    let body = json!({"full_name": NAME});
    assert_eq!(server.as_program(&bearer, "PATCH", "/api/v1/users/me", &body).await.status, 200);

    let dump = dump(&server.database);
    let is_stored = |text: &str| dump.contains(text) || dump.contains(&hex(text));
    assert!(is_stored(NAME), "the search finds a stored value");
    for secret in PASSWORDS.into_iter().chain([WRONG, &verification, &session, &reset, &bearer]) {
        assert!(!is_stored(secret), "{secret}");
    }
}
