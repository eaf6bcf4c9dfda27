//! Accounts of every kind, in the configuration that production has: limits are counted, and sign-ups are concealed.

use rstest::rstest;
use vestibule::{
    accounts::{
        Accounts,
        email_verification::{PendingVerification, Resend, Verifier},
        login::Credentials,
        registration::{EndpointPolicy, IdentifierKind, Registered, SignUp},
        rejection::Rejection,
    },
    domain::{client::Client, field_error::FieldError, secret::Secret, session::SessionKind},
    store::{Database, DatabaseUrl, migrations},
};

use super::{
    ALONE,
    Backend::{self, Postgres, Sqlite},
    instance, listen, said_to,
    support::{GOOD, TestDatabase},
};

/// As `POST /register` asks.
const TERMS: EndpointPolicy = EndpointPolicy {
    identifier: IdentifierKind::Email,
    full_name_required: false,
    any_password: false,
    consent_required: false,
    signs_in: true,
};

fn sign_up(email: &str) -> SignUp {
    let password = Some(Secret::new(GOOD.to_owned()));
    SignUp { email: Some(email.to_owned()), password, ..SignUp::default() }
}

/// An empty database, with the pool of the program.
fn open(backend: Backend) -> (TestDatabase, Database) {
    listen();
    let database = TestDatabase::new(backend);
    migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    let store = Database::open(DatabaseUrl::parse(&database.url).expect("a URL"), 1).expect("a pool");
    (database, store)
}

fn client() -> Client {
    Client::new(Some("192.0.2.7".to_owned()), None, "en")
}

#[track_caller]
fn assert_alike(these: &[Vec<String>], others: &[Vec<String>], what: &str) {
    assert_eq!(these.len(), others.len(), "{what}");
    for (number, (these, others)) in these.iter().zip(others).enumerate() {
        assert_eq!(these, others, "request {number} of {what}");
    }
}

/// Accounts of every kind, whose passwords are all [`GOOD`] where they can be read.
fn make_accounts(database: &TestDatabase) {
    let good = bcrypt::non_truncating_hash_with_result(GOOD, 4).expect("a hash").to_string();
    let argon = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for (email, username, stored, is_active, is_verified) in [
        ("'verified@example.com'", "NULL", good.as_str(), true, true),
        ("'disabled@example.com'", "NULL", &good, false, true),
        ("'unproven@example.com'", "NULL", &good, true, false),
        ("'disunproven@example.com'", "NULL", &good, false, false),
        ("'imported@example.com'", "NULL", argon, true, true),
        ("'unreadable@example.com'", "NULL", "!", true, true),
        ("NULL", "'named'", &good, true, false),
        ("NULL", "'disnamed'", &good, false, false),
    ] {
        database.execute(&format!(
            "INSERT INTO users (email, username, username_key, password_hash, is_active, is_verified, created_at, updated_at) \
             VALUES ({email}, {username}, {username}, '{stored}', {is_active}, {is_verified}, '2026-01-01 00:00:00', \
             '2026-01-01 00:00:00')"
        ));
    }
}

#[rstest]
#[tokio::test]
async fn a_login_asks_the_same_of_every_account(#[values(Sqlite, Postgres)] backend: Backend) {
    let _alone = ALONE.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let log_in = async |accounts: &Accounts, identifier: &str, password: &str| {
        let password = Some(Secret::new(password.to_owned()));
        let credentials = Credentials { identifier: Some(identifier.to_owned()), password };
        accounts.log_in(credentials, SessionKind::Token, None, &client()).await.expect_err("a refusal")
    };
    let tell = async |identifier: &str, password: &str| {
        let accounts = instance(&store, true);
        let mut all = Vec::new();
        for _ in 0..2 {
            let said = said_to(async || {
                assert!(matches!(log_in(&accounts, identifier, password).await, Rejection::Credentials));
            });
            all.push(said.await);
        }
        // Refused by the database, by memory, and by the database of an instance that knows nothing yet.
        for accounts in [&accounts, &accounts, &instance(&store, true)] {
            let said = said_to(async || {
                assert!(matches!(log_in(accounts, identifier, password).await, Rejection::TooMany(_)));
            });
            all.push(said.await);
        }
        all
    };
    let long = "x".repeat(5000);
    let addresses = ["absent", "verified", "disabled", "unproven", "disunproven", "imported", "unreadable"];
    let absent = tell("absent@example.com", "wrong").await;
    let lengths: Vec<usize> = absent.iter().map(Vec::len).collect();
    assert!(lengths[0] > 5 && lengths[0] == lengths[1], "{lengths:?}");
    assert!(lengths[2] > 0 && lengths[3] == 0 && lengths[4] == lengths[2], "{lengths:?}");
    for password in ["wrong", GOOD, &long, "a\0b"] {
        for name in addresses {
            // What was counted before is forgotten; the right password of who is let in is no refusal.
            database.execute("DELETE FROM rate_limits");
            if password != GOOD || !matches!(name, "verified" | "imported") {
                assert_alike(&tell(&format!("{name}@example.com"), password).await, &absent, name);
            }
        }
    }
    database.execute("DELETE FROM rate_limits");
    let missing = tell("missing", "wrong").await;
    for (name, password) in [("named", "wrong"), ("disnamed", GOOD), ("no name", GOOD), ("\0", GOOD)] {
        database.execute("DELETE FROM rate_limits");
        assert_alike(&tell(name, password).await, &missing, name);
    }
}

#[rstest]
#[tokio::test]
async fn mails_asked_for_ask_the_same_of_every_address(#[values(Sqlite, Postgres)] backend: Backend) {
    let _alone = ALONE.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    for is_forgotten in [true, false] {
        let tell = async |email: &str, pending: Option<&PendingVerification>| {
            database.execute("DELETE FROM rate_limits");
            let accounts = instance(&store, true);
            let mut all = Vec::new();
            for passes in [true, true, false, false] {
                let said = said_to(async || {
                    let address = || Resend::Address(Some(email.to_owned()));
                    let done = if is_forgotten {
                        accounts.forgot_password(Some(email), &client()).await
                    } else {
                        accounts.resend_verification(pending.map_or_else(address, Resend::Pending), &client()).await
                    };
                    assert_eq!(done.is_ok(), passes);
                });
                all.push(said.await);
            }
            all
        };
        let absent = tell("absent@example.com", None).await;
        assert!(absent[0].len() > 5 && !absent[2].is_empty() && absent[3].is_empty(), "{absent:?}");
        for name in ["verified", "disabled", "unproven", "disunproven", "unreadable"] {
            let address = format!("{name}@example.com");
            assert_alike(&tell(&address, None).await, &absent, name);
            // By the cookie of a sign-up, whichever it was.
            for (user_id, claim_id) in [(None, None), (Some(1), None), (Some(1), Some(1))] {
                let pending = PendingVerification { user_id, claim_id, address: address.clone() };
                assert_alike(&tell(&address, Some(&pending)).await, &absent, name);
            }
        }
    }
}

/// By programs, which have no cookie of the sign-up.
#[rstest]
#[tokio::test]
async fn a_password_beside_a_code_asks_the_same_of_every_account(#[values(Sqlite, Postgres)] backend: Backend) {
    let _alone = ALONE.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let tell = async |name: &str, password: &str| {
        database.execute("DELETE FROM rate_limits");
        let accounts = instance(&store, true);
        let mut all = Vec::new();
        // Compared, refused by the database, by memory, and by the database of an instance that knows nothing yet.
        let fresh = instance(&store, true);
        for (accounts, is_compared) in
            [(&accounts, true), (&accounts, true), (&accounts, false), (&accounts, false), (&fresh, false)]
        {
            let said = said_to(async || {
                let verifier = Verifier { password: Some(Secret::new(password.to_owned())), ..Verifier::default() };
                let email = Some(format!("{name}@example.com"));
                match accounts.verify_by_code(Some("000000"), verifier, email, &client()).await {
                    Err(Rejection::Input(errors)) if is_compared => assert_eq!(errors, [FieldError::CodeWrong]),
                    Err(Rejection::TooMany(_)) if !is_compared => {}
                    other => panic!("{name}: {other:?}"),
                }
            });
            all.push(said.await);
        }
        all
    };
    let absent = tell("absent", "wrong").await;
    let lengths: Vec<usize> = absent.iter().map(Vec::len).collect();
    assert!(lengths[0] > 10 && lengths[0] == lengths[1] && lengths[2] > 0 && lengths[3] == 0, "{lengths:?}");
    for password in ["wrong", GOOD] {
        for name in ["verified", "disabled", "unproven", "disunproven", "imported", "unreadable"] {
            assert_alike(&tell(name, password).await, &absent, name);
        }
    }
}

/// What a sign-up for an address that is concealed goes on with: codes that are wrong.
#[rstest]
#[tokio::test]
async fn a_wrong_code_asks_the_same_of_every_sign_up(#[values(Sqlite, Postgres)] backend: Backend) {
    let _alone = ALONE.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let accounts = instance(&store, true);
    let mut pendings = Vec::new();
    for name in ["absent", "verified", "unproven", "unproven", "disabled", "disunproven"] {
        let email = format!("{name}@example.com");
        match accounts.register(sign_up(&email), TERMS, &client()).await {
            Ok(Registered::CheckInbox(pending)) => pendings.push((name, pending)),
            other => panic!("{name}: {other:?}"),
        }
    }
    while accounts.outbox.next(|| false).await.expect("a mail").is_some() {}
    let tell = async |pending: &PendingVerification| {
        let mut all = Vec::new();
        // A code has five tries.
        for _ in 0..7 {
            let said = said_to(async || {
                let verifier = Verifier { pending: Some(pending), ..Verifier::default() };
                let done = accounts.verify_by_code(Some("000000"), verifier, None, &client()).await;
                let Err(Rejection::Input(errors)) = done else { panic!("{done:?}") };
                assert_eq!(errors, [FieldError::CodeWrong]);
            });
            all.push(said.await);
        }
        all
    };
    let absent = tell(&pendings[0].1).await;
    for (name, pending) in &pendings[1..] {
        assert_alike(&tell(pending).await, &absent, name);
    }
}

/// A concealed sign-up for an address that has an account, and one for an address that has none. What differs is which row is
/// written, and nothing else.
#[rstest]
#[tokio::test]
async fn a_concealed_sign_up_asks_the_same_of_every_address(#[values(Sqlite, Postgres)] backend: Backend) {
    let _alone = ALONE.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let accounts = instance(&store, true);
    let mut all = Vec::new();
    for name in ["absent", "verified", "disabled", "unproven", "unproven", "disunproven", "unreadable"] {
        let email = format!("{name}@example.com");
        let said = said_to(async || {
            let done = accounts.register(sign_up(&email), TERMS, &client()).await;
            assert!(matches!(done, Ok(Registered::CheckInbox(_))), "{done:?}");
        });
        all.push((name, said.await));
    }
    // A claim on an account that waits for its proof takes the place of the account's own row.
    let is_claim = |statement: &String| statement.starts_with("INSERT INTO") && statement.contains("claims");
    let (_, absent) = &all[0];
    assert!(absent.len() > 10 && !absent.iter().any(is_claim), "{absent:?}");
    for (name, said) in &all[1..] {
        assert_eq!(
            said.iter().filter(|said| is_claim(said)).count(),
            usize::from(name.ends_with("unproven")),
            "{name}"
        );
        let said: Vec<String> = said.iter().filter(|said| !is_claim(said)).cloned().collect();
        assert_eq!(&said, absent, "{name}");
    }
}
