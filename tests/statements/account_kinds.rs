//! Accounts of every kind in a production configuration: limits are on, and sign-ups are concealed.

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
    Backend::{self, Postgres, Sqlite},
    SERIAL, instance, record_statements, statements_of,
    support::{GOOD, TestDatabase},
};

/// The policy of `POST /register`.
const POLICY: EndpointPolicy = EndpointPolicy {
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

/// An empty database and a connection pool.
fn open(backend: Backend) -> (TestDatabase, Database) {
    record_statements();
    let database = TestDatabase::new(backend);
    migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    let store = Database::open(DatabaseUrl::parse(&database.url).expect("a URL"), 1).expect("a pool");
    (database, store)
}

fn client() -> Client {
    Client::new(Some("192.0.2.7".to_owned()), None, "en")
}

#[track_caller]
fn assert_same(these: &[Vec<String>], others: &[Vec<String>], what: &str) {
    assert_eq!(these.len(), others.len(), "{what}");
    for (number, (these, others)) in these.iter().zip(others).enumerate() {
        assert_eq!(these, others, "request {number} of {what}");
    }
}

/// Inserts accounts of every kind; every readable hash is of [`GOOD`].
fn make_accounts(database: &TestDatabase) {
    let good = bcrypt::non_truncating_hash_with_result(GOOD, 4).expect("a hash").to_string();
    let argon = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for (email, username, stored, is_active, is_verified) in [
        ("'verified@example.com'", "NULL", good.as_str(), true, true),
        ("'disabled@example.com'", "NULL", &good, false, true),
        ("'unverified@example.com'", "NULL", &good, true, false),
        ("'disunverified@example.com'", "NULL", &good, false, false),
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
async fn a_login_causes_the_same_statements_for_every_account(#[values(Sqlite, Postgres)] backend: Backend) {
    let _serial = SERIAL.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let log_in = async |accounts: &Accounts, identifier: &str, password: &str| {
        let password = Some(Secret::new(password.to_owned()));
        let credentials = Credentials { identifier: Some(identifier.to_owned()), password };
        accounts.log_in(credentials, SessionKind::Token, None, &client()).await.expect_err("a refusal")
    };
    let record = async |identifier: &str, password: &str| {
        let accounts = instance(&store, true);
        let mut all = Vec::new();
        for _ in 0..2 {
            let recorded = statements_of(async || {
                assert!(matches!(log_in(&accounts, identifier, password).await, Rejection::Credentials));
            });
            all.push(recorded.await);
        }
        // Refused by the database, from memory, and by the database at a new instance.
        for accounts in [&accounts, &accounts, &instance(&store, true)] {
            let recorded = statements_of(async || {
                assert!(matches!(log_in(accounts, identifier, password).await, Rejection::TooMany(_)));
            });
            all.push(recorded.await);
        }
        all
    };
    let long = "x".repeat(5000);
    let addresses = ["absent", "verified", "disabled", "unverified", "disunverified", "imported", "unreadable"];
    let absent = record("absent@example.com", "wrong").await;
    let lengths: Vec<usize> = absent.iter().map(Vec::len).collect();
    assert!(lengths[0] > 5 && lengths[0] == lengths[1], "{lengths:?}");
    assert!(lengths[2] > 0 && lengths[3] == 0 && lengths[4] == lengths[2], "{lengths:?}");
    for password in ["wrong", GOOD, &long, "a\0b"] {
        for name in addresses {
            // Resets the counters. A login with the right password of a usable account is not refused, so it is
            // skipped.
            database.execute("DELETE FROM rate_limits");
            if password != GOOD || !matches!(name, "verified" | "imported") {
                assert_same(&record(&format!("{name}@example.com"), password).await, &absent, name);
            }
        }
    }
    database.execute("DELETE FROM rate_limits");
    let missing = record("missing", "wrong").await;
    for (name, password) in [("named", "wrong"), ("disnamed", GOOD), ("no name", GOOD), ("\0", GOOD)] {
        database.execute("DELETE FROM rate_limits");
        assert_same(&record(name, password).await, &missing, name);
    }
}

#[rstest]
#[tokio::test]
async fn a_requested_mail_causes_the_same_statements_for_every_address(#[values(Sqlite, Postgres)] backend: Backend) {
    let _serial = SERIAL.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    for is_forgotten in [true, false] {
        let record = async |email: &str, pending: Option<&PendingVerification>| {
            database.execute("DELETE FROM rate_limits");
            let accounts = instance(&store, true);
            let mut all = Vec::new();
            for passes in [true, true, false, false] {
                let recorded = statements_of(async || {
                    let address = || Resend::Address(Some(email.to_owned()));
                    let done = if is_forgotten {
                        accounts.forgot_password(Some(email), &client()).await
                    } else {
                        accounts.resend_verification(pending.map_or_else(address, Resend::Pending), &client()).await
                    };
                    assert_eq!(done.is_ok(), passes);
                });
                all.push(recorded.await);
            }
            all
        };
        let absent = record("absent@example.com", None).await;
        assert!(absent[0].len() > 5 && !absent[2].is_empty() && absent[3].is_empty(), "{absent:?}");
        for name in ["verified", "disabled", "unverified", "disunverified", "unreadable"] {
            let address = format!("{name}@example.com");
            assert_same(&record(&address, None).await, &absent, name);
            // By the cookie of any sign-up.
            for (user_id, claim_id) in [(None, None), (Some(1), None), (Some(1), Some(1))] {
                let pending = PendingVerification { user_id, claim_id, address: address.clone() };
                assert_same(&record(&address, Some(&pending)).await, &absent, name);
            }
        }
    }
}

/// API clients, which have no cookie of the sign-up.
#[rstest]
#[tokio::test]
async fn a_code_with_a_password_causes_the_same_statements_for_every_account(
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    let _serial = SERIAL.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let record = async |name: &str, password: &str| {
        database.execute("DELETE FROM rate_limits");
        let accounts = instance(&store, true);
        let mut all = Vec::new();
        // Compared, refused by the database, from memory, and by the database at a new instance.
        let fresh = instance(&store, true);
        for (accounts, is_compared) in
            [(&accounts, true), (&accounts, true), (&accounts, false), (&accounts, false), (&fresh, false)]
        {
            let recorded = statements_of(async || {
                let verifier = Verifier { password: Some(Secret::new(password.to_owned())), ..Verifier::default() };
                let email = Some(format!("{name}@example.com"));
                match accounts.verify_by_code(Some("000000"), verifier, email, &client()).await {
                    Err(Rejection::Input(errors)) if is_compared => assert_eq!(errors, [FieldError::CodeWrong]),
                    Err(Rejection::TooMany(_)) if !is_compared => {}
                    other => panic!("{name}: {other:?}"),
                }
            });
            all.push(recorded.await);
        }
        all
    };
    let absent = record("absent", "wrong").await;
    let lengths: Vec<usize> = absent.iter().map(Vec::len).collect();
    assert!(lengths[0] > 10 && lengths[0] == lengths[1] && lengths[2] > 0 && lengths[3] == 0, "{lengths:?}");
    for password in ["wrong", GOOD] {
        for name in ["verified", "disabled", "unverified", "disunverified", "imported", "unreadable"] {
            assert_same(&record(name, password).await, &absent, name);
        }
    }
}

/// Wrong codes after a concealed sign-up.
#[rstest]
#[tokio::test]
async fn a_wrong_code_causes_the_same_statements_for_every_sign_up(#[values(Sqlite, Postgres)] backend: Backend) {
    let _serial = SERIAL.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let accounts = instance(&store, true);
    let mut pendings = Vec::new();
    for name in ["absent", "verified", "unverified", "unverified", "disabled", "disunverified"] {
        let email = format!("{name}@example.com");
        match accounts.register(sign_up(&email), POLICY, &client()).await {
            Ok(Registered::CheckInbox(pending)) => pendings.push((name, pending)),
            other => panic!("{name}: {other:?}"),
        }
    }
    while accounts.outbox.next(|| false).await.expect("a mail").is_some() {}
    let record = async |pending: &PendingVerification| {
        let mut all = Vec::new();
        // A code has five attempts.
        for _ in 0..7 {
            let recorded = statements_of(async || {
                let verifier = Verifier { pending: Some(pending), ..Verifier::default() };
                let done = accounts.verify_by_code(Some("000000"), verifier, None, &client()).await;
                let Err(Rejection::Input(errors)) = done else { panic!("{done:?}") };
                assert_eq!(errors, [FieldError::CodeWrong]);
            });
            all.push(recorded.await);
        }
        all
    };
    let absent = record(&pendings[0].1).await;
    for (name, pending) in &pendings[1..] {
        assert_same(&record(pending).await, &absent, name);
    }
}

/// Concealed sign-ups for addresses with and without an account. They differ only in the row that is written.
#[rstest]
#[tokio::test]
async fn a_concealed_sign_up_causes_the_same_statements_for_every_address(
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    let _serial = SERIAL.lock().await;
    let (database, store) = open(backend);
    make_accounts(&database);
    let accounts = instance(&store, true);
    let mut all = Vec::new();
    for name in ["absent", "verified", "disabled", "unverified", "unverified", "disunverified", "unreadable"] {
        let email = format!("{name}@example.com");
        let recorded = statements_of(async || {
            let done = accounts.register(sign_up(&email), POLICY, &client()).await;
            assert!(matches!(done, Ok(Registered::CheckInbox(_))), "{done:?}");
        });
        all.push((name, recorded.await));
    }
    // A sign-up for an unverified account inserts a claim instead of an account.
    let is_claim = |statement: &String| statement.starts_with("INSERT INTO") && statement.contains("claims");
    let (_, absent) = &all[0];
    assert!(absent.len() > 10 && !absent.iter().any(is_claim), "{absent:?}");
    for (name, recorded) in &all[1..] {
        assert_eq!(
            recorded.iter().filter(|recorded| is_claim(recorded)).count(),
            usize::from(name.ends_with("unverified")),
            "{name}"
        );
        let recorded: Vec<String> = recorded.iter().filter(|recorded| !is_claim(recorded)).cloned().collect();
        assert_eq!(&recorded, absent, "{name}");
    }
}
