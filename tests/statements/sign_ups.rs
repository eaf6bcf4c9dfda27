//! Concealed sign-ups, and logins without limits: the same statements and hashes for addresses with and without an
//! account.

use vestibule::accounts::{
    email_verification::{PendingVerification, Resend, Verifier},
    registration::{EndpointPolicy, IdentifierKind, Registered, SignUp},
};

use super::{
    Backend, Client, Credentials, Database, DatabaseUrl, GOOD, Instance, Postgres, Rejection, SERIAL, Secret,
    SessionKind, Sqlite, TestDatabase, build, migrations, record_statements, rules_of, statements_of,
};

const FREE: &str = "free@example.com";
const UNVERIFIED: &str = "wait@example.com";
const VERIFIED: &str = "have@example.com";

const FORM: EndpointPolicy = EndpointPolicy {
    identifier: IdentifierKind::Email,
    full_name_required: false,
    any_password: false,
    consent_required: false,
    signs_in: true,
};

/// Each statement as its verb and its table, such as `INSERT users`.
fn kinds(recorded: &[String]) -> Vec<String> {
    let kind = |statement: &String| {
        let words = statement.replace(['`', '"', ',', '('], " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        let after = |word: &str| words.iter().position(|other| *other == word).and_then(|at| words.get(at + 1));
        let table = after("FROM").or(after("INTO")).or(after("UPDATE")).copied().unwrap_or_default();
        format!("{} {table}", words[0]).trim_end().to_owned()
    };
    recorded.iter().map(kind).collect()
}

/// The statements of some work, and the number of passwords that were hashed or compared.
async fn work_of(accounts: &Instance, work: impl AsyncFnOnce()) -> (Vec<String>, u64) {
    let before = accounts.hasher.report().counts.started;
    let recorded = statements_of(work).await;
    (kinds(&recorded), accounts.hasher.report().counts.started - before)
}

struct Installation {
    _database: TestDatabase,
    accounts: Instance,
    client: Client,
}

impl Installation {
    fn new(backend: Backend, requires_verification: bool) -> Self {
        let database = TestDatabase::new(backend);
        migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
        let due = if requires_verification { "'2099-01-01 00:00:00'" } else { "NULL" };
        for (email, is_verified, due) in [(UNVERIFIED, "FALSE", due), (VERIFIED, "TRUE", "NULL")] {
            database.execute(&format!(
                "INSERT INTO users (email, password_hash, is_verified, proof_due, created_at, updated_at) \
                 VALUES ('{email}', '!', {is_verified}, {due}, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            ));
        }
        let store = Database::open(DatabaseUrl::parse(&database.url).expect("a URL"), 1).expect("a pool");
        let accounts = build(&store, rules_of(requires_verification, true), None);
        Self { _database: database, accounts, client: Client::new(Some("192.0.2.7".to_owned()), None, "en") }
    }

    async fn sign_up(&self, email: &str, password: &str) -> Result<Registered, Rejection> {
        let password = Some(Secret::new(password.to_owned()));
        let sign_up = SignUp { email: Some(email.to_owned()), password, ..SignUp::default() };
        self.accounts.register(sign_up, FORM, &self.client).await
    }

    async fn pending(&self, email: &str) -> PendingVerification {
        let registered = self.sign_up(email, GOOD).await.expect("a sign-up");
        let Registered::CheckInbox(pending) = registered else { panic!("not concealed: {registered:?}") };
        pending
    }
}

#[tokio::test]
async fn concealed_sign_ups_do_the_same_work() {
    let _serial = SERIAL.lock().await;
    record_statements();
    for backend in [Sqlite, Postgres] {
        for requires_verification in [false, true] {
            let installation = Installation::new(backend, requires_verification);
            let steps = async |email: &str, password: &str| {
                work_of(&installation.accounts, async || {
                    let _ = installation.sign_up(email, password).await;
                })
                .await
            };
            let what = format!("{backend:?}, verification required: {requires_verification}");
            // Weak and invalid passwords are refused before any lookup.
            for password in ["password1234", "short", "", "free@example.com"] {
                let free = steps(FREE, password).await;
                assert_eq!(free.1, 0, "{what}");
                for taken in [UNVERIFIED, VERIFIED] {
                    let password = password.replace(FREE, taken);
                    assert_eq!(steps(taken, &password).await, free, "{what}, {password:?} for {taken}");
                }
            }
            let mut wanted = vec!["BEGIN", "INSERT users", "SELECT users", "SELECT users"];
            wanted.extend(requires_verification.then_some("UPDATE users"));
            wanted.extend(["INSERT audit_log", "SELECT outbox", "INSERT outbox", "COMMIT"]);
            let (free, hashes) = steps(FREE, GOOD).await;
            // The pool may test an idle connection before.
            let begin = free.iter().position(|kind| kind == "BEGIN").expect("a transaction");
            let (before, free) = free.split_at(begin);
            assert_eq!(
                (free, hashes),
                (wanted.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>().as_slice(), 1),
                "{what}"
            );
            let with_before = |kinds: &[String]| [before, kinds].concat();
            assert_eq!(steps(VERIFIED, GOOD).await, (with_before(free), 1), "{what}");
            // In addition, only the row of the claim is written.
            let mut with_claim = free.to_vec();
            with_claim.insert(free.len() - 4, "INSERT claims".to_owned());
            assert_eq!(steps(UNVERIFIED, GOOD).await, (with_before(&with_claim), 1), "{what}");
        }
    }
}

/// A client tries codes and requests another mail, for a free address and for taken ones.
#[tokio::test]
async fn codes_and_mails_after_a_concealed_sign_up_do_the_same_work() {
    let _serial = SERIAL.lock().await;
    record_statements();
    for backend in [Sqlite, Postgres] {
        let installation = Installation::new(backend, true);
        let Installation { accounts, client, .. } = &installation;
        let journey = async |email: &str| {
            let pending = installation.pending(email).await;
            // Takes every pending mail, which creates its code.
            while accounts.outbox.next(|| false).await.expect("a mail").is_some() {}
            let mut all = Vec::new();
            for _ in 0..7 {
                let tried = work_of(accounts, async || {
                    let verifier = Verifier { pending: Some(&pending), ..Verifier::default() };
                    accounts.verify_by_code(Some("000000"), verifier, None, client).await.expect_err("it is wrong");
                });
                all.push(tried.await);
            }
            let resent = work_of(accounts, async || {
                accounts.resend_verification(Resend::Pending(&pending), client).await.expect("requested");
            });
            all.push(resent.await);
            all
        };
        let free = journey(FREE).await;
        for taken in [UNVERIFIED, VERIFIED] {
            for (number, (taken_step, free_step)) in journey(taken).await.iter().zip(&free).enumerate() {
                assert_eq!(taken_step, free_step, "{backend:?}, {taken}, step {number}");
            }
        }
        assert!(free[0].0.len() > 5, "{free:?}");
    }
}

/// The same as with limits (statements.rs).
#[tokio::test]
async fn logins_without_limits_do_the_same_work() {
    let _serial = SERIAL.lock().await;
    record_statements();
    for backend in [Sqlite, Postgres] {
        let installation = Installation::new(backend, false);
        let Installation { accounts, client, .. } = &installation;
        let steps = async |identifier: &str| {
            work_of(accounts, async || {
                let password = Some(Secret::new("wrong".to_owned()));
                let credentials = Credentials { identifier: Some(identifier.to_owned()), password };
                let refused = accounts.log_in(credentials, SessionKind::Token, None, client).await;
                assert!(matches!(refused, Err(Rejection::Credentials)));
            })
            .await
        };
        let known = steps(VERIFIED).await;
        assert_eq!(known.1, 1, "one comparison");
        for identifier in [UNVERIFIED, FREE, "nobody", "no name", "@", "\u{0}"] {
            assert_eq!(steps(identifier).await, known, "{backend:?}, {identifier:?}");
        }
        assert!(known.0.len() > 3, "{known:?}");
    }
}
