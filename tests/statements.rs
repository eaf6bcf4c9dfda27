//! Existing and missing accounts cause the same statements in the same order; otherwise response times would reveal
//! accounts. A test program of its own, since it records the statements of all connections of its process.

#[path = "statements/account_kinds.rs"]
mod account_kinds;
#[path = "statements/sign_ups.rs"]
mod sign_ups;
#[path = "support/mod.rs"]
mod support;

use std::{ops::Deref, sync::Mutex, time::Duration};

use Backend::{Postgres, Sqlite};
use chrono::TimeDelta;
use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use support::{Backend, GOOD, TestDatabase};
use vestibule::{
    accounts::{
        Accounts, Parts,
        account_policy::AccountPolicy,
        bots::BotChecks,
        change::Writer,
        limits::{ActionRules, RateLimitPolicy, RateLimiter},
        login::Credentials,
        outbox::Outbox,
        password_strength::PasswordStrength,
        rejection::Rejection,
        verification_policy::VerificationPolicy,
    },
    domain::{
        client::Client,
        clock::Clock,
        known_devices::DeviceKey,
        password::{Password, PasswordPolicy},
        rate::Rule,
        secret::Secret,
        session::SessionKind,
        token::CodeKey,
    },
    hashing::{HashPurpose, Hasher},
    store::{Database, DatabaseUrl, migrations},
};

static STATEMENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Runs once, before the first statement that contains the text.
static HOOK: Mutex<Option<Hook>> = Mutex::new(None);
type Hook = (&'static str, Box<dyn FnOnce() + Send>);
/// Serializes the tests: each records all statements of the process.
static SERIAL: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn record_statements() {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                let statement = text.split("-- binds").next().unwrap_or_default().trim().to_owned();
                let hook = HOOK.lock().expect("the hook").take_if(|(words, _)| contains(&statement, words));
                if let Some((_, run)) = hook {
                    run();
                }
                STATEMENTS.lock().expect("the statements").push(statement);
            }
        }))
    })
    .expect("instrumentation");
}

/// Ignores the database's quotes around names.
fn contains(statement: &str, words: &str) -> bool {
    statement.replace(['`', '"'], "").contains(words)
}

/// The flows with their hasher and outbox.
struct Instance {
    accounts: Accounts,
    hasher: Hasher,
    outbox: Outbox,
}

impl Deref for Instance {
    type Target = Accounts;

    fn deref(&self) -> &Accounts {
        &self.accounts
    }
}

/// `conceals`: accounts are concealed, and logins and sign-ups need a verified address.
fn instance(database: &Database, conceals: bool) -> Instance {
    let rule = |name, limit| Some(Rule { name, limit, per: TimeDelta::hours(1) });
    let rules = |[network, pair, account, total]: [&'static str; 4]| ActionRules {
        network: rule(network, 100),
        block: None,
        pair: rule(pair, 2),
        block_pair: None,
        account: rule(account, 100),
        total: rule(total, 1000),
    };
    let policy = RateLimitPolicy {
        login: rules(["network", "pair", "account", "total"]),
        forgot_password: rules(["mail_network", "mail_pair", "mail_account", "mail_total"]),
        resend: rules(["resend_network", "resend_pair", "resend_account", "resend_total"]),
        sign_up: ActionRules {
            network: rule("sign_up", 100),
            total: rule("sign_up_total", 1000),
            ..ActionRules::default()
        },
        verify: ActionRules {
            network: rule("verify", 100),
            total: rule("verify_total", 1000),
            ..ActionRules::default()
        },
        device: rule("device", 5),
        ..RateLimitPolicy::default()
    };
    build(database, rules_of(conceals, conceals), Some(policy))
}

fn rules_of(is_required: bool, conceals_accounts: bool) -> AccountPolicy {
    AccountPolicy {
        password: PasswordPolicy { min_characters: 12, blocklist: true },
        verification: VerificationPolicy { is_required, conceals_accounts, expiry: TimeDelta::days(7) },
        sends_mail: true,
        mail_delay: TimeDelta::zero(),
        session_idle: TimeDelta::days(14),
        session_lifetime: TimeDelta::days(60),
        token_lifetime: TimeDelta::days(1),
        audit_retention: TimeDelta::days(365),
    }
}

fn build(database: &Database, rules: AccountPolicy, policy: Option<RateLimitPolicy>) -> Instance {
    let clock = Clock::system();
    let hasher = Hasher::start(1, Duration::from_secs(5), 4).expect("a thread");
    let limiter = RateLimiter::new(policy, [7; 32], database.clone(), clock);
    let writer = Writer::new(database.clone(), clock, rules);
    let outbox = Outbox::new(writer.clone(), CodeKey([7; 32]));
    let accounts = Accounts::new(Parts {
        bots: BotChecks::new(None, ([7; 32], [7; 32]), limiter.clone(), (database.clone(), clock), true),
        writer,
        hasher: hasher.clone(),
        password_strength: PasswordStrength::new(1, Duration::from_secs(5), &[]),
        limiter,
        code_key: CodeKey([7; 32]),
        device_key: DeviceKey([7; 32]),
    });
    Instance { accounts, hasher, outbox }
}

async fn statements_of(work: impl AsyncFnOnce()) -> Vec<String> {
    STATEMENTS.lock().expect("the statements").clear();
    work().await;
    STATEMENTS.lock().expect("the statements").clone()
}

#[tokio::test]
async fn known_and_unknown_accounts_cause_the_same_statements() {
    let _serial = SERIAL.lock().await;
    record_statements();
    for backend in [Sqlite, Postgres] {
        let database = TestDatabase::new(backend);
        migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
        database.execute(
            "INSERT INTO users (email, password_hash, created_at, updated_at) \
             VALUES ('ada@example.com', '!', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        );
        let store = Database::open(DatabaseUrl::parse(&database.url).expect("a URL"), 1).expect("a pool");
        let client = Client::new(Some("192.0.2.7".to_owned()), None, "en");
        let log_in = async |accounts: &Accounts, identifier: &str| {
            let password = Some(Secret::new("wrong".to_owned()));
            let credentials = Credentials { identifier: Some(identifier.to_owned()), password };
            accounts.log_in(credentials, SessionKind::Token, None, &client).await.expect_err("it is wrong")
        };
        let record_logins = async |identifier: &str| {
            let accounts = instance(&store, false);
            let mut all = Vec::new();
            for _ in 0..2 {
                let recorded = statements_of(async || {
                    assert!(matches!(log_in(&accounts, identifier).await, Rejection::Credentials));
                });
                all.push(recorded.await);
            }
            // Refused by the database, from memory, and by the database at a new instance.
            for accounts in [&accounts, &accounts, &instance(&store, false)] {
                let recorded = statements_of(async || {
                    assert!(matches!(log_in(accounts, identifier).await, Rejection::TooMany(_)));
                });
                all.push(recorded.await);
            }
            all
        };
        let known = record_logins("ada@example.com").await;
        assert_eq!(known, record_logins("nobody@example.com").await, "{backend:?}");
        let lengths: Vec<usize> = known.iter().map(Vec::len).collect();
        assert!(lengths[0] > 5, "{lengths:?}");
        assert!(lengths[0] == lengths[1], "{lengths:?}");
        assert!(lengths[2] > 0, "{lengths:?}");
        assert!(lengths[3] == 0, "{lengths:?}");
        assert!(lengths[4] == lengths[2], "{lengths:?}");

        let record_resets = async |email: &str| {
            let accounts = instance(&store, false);
            let mut all = Vec::new();
            for passes in [true, true, false, false] {
                let recorded = statements_of(async || {
                    assert_eq!(accounts.forgot_password(Some(email), &client).await.is_ok(), passes);
                });
                all.push(recorded.await);
            }
            all
        };
        let known = record_resets("ada@example.com").await;
        assert_eq!(known, record_resets("nobody@example.com").await, "{backend:?}");
        assert!(known[0].len() > 5, "{known:?}");
        assert!(known[1].len() > 5, "{known:?}");
    }
}

/// A concurrent login rehashes the password, then the hasher stops before the comparison with the new hash: not a wrong
/// password.
#[tokio::test]
async fn a_login_refused_by_a_busy_hasher_is_not_a_failed_attempt() {
    let _serial = SERIAL.lock().await;
    record_statements();
    for backend in [Sqlite, Postgres] {
        let database = TestDatabase::new(backend);
        migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
        let store = Database::open(DatabaseUrl::parse(&database.url).expect("a URL"), 1).expect("a pool");
        let accounts = instance(&store, false);
        let hash = async || {
            let place = accounts.hasher.reserve(HashPurpose::Login).expect("a place");
            let password = Password::known(Secret::new(GOOD.to_owned())).expect("a password");
            accounts.hasher.hash(place, &password).await.expect("a hash").as_str().to_owned()
        };
        let (first, second) = (hash().await, hash().await);
        database.execute(&format!(
            "INSERT INTO users (email, password_hash, created_at, updated_at) \
             VALUES ('ada@example.com', '{first}', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
        // The other login commits between the comparison and the next statement.
        let renew = format!("UPDATE users SET password_hash = '{second}'");
        database.execute(&match backend {
            Sqlite => format!("CREATE TRIGGER another_login AFTER INSERT ON rate_limits BEGIN {renew}; END"),
            Postgres => format!(
                "CREATE FUNCTION another_login() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {renew}; RETURN NULL; END $$; \
                 CREATE TRIGGER another_login AFTER INSERT ON rate_limits FOR EACH ROW EXECUTE FUNCTION another_login()"
            ),
        });
        let client = Client::new(Some("192.0.2.7".to_owned()), None, "en");
        let log_in = async |accounts: &Accounts, password: &str| {
            let password = Some(Secret::new(password.to_owned()));
            let credentials = Credentials { identifier: Some("ada@example.com".to_owned()), password };
            accounts.log_in(credentials, SessionKind::Token, None, &client).await
        };
        let hasher = accounts.hasher.clone();
        let stop = move || hasher.stop_within(Duration::ZERO);
        // The account is looked up by id only after the comparison.
        *HOOK.lock().expect("the hook") = Some(("WHERE (users.id = ", Box::new(stop)));
        let refused = log_in(&accounts, GOOD).await.expect_err("no comparison");
        assert!(matches!(refused, Rejection::Work(_)), "{backend:?}: {refused}");
        assert!(HOOK.lock().expect("the hook").is_none(), "the hook ran");

        // Of two attempts one is left after a wrong one.
        let accounts = instance(&store, false);
        assert!(matches!(log_in(&accounts, "wrong").await, Err(Rejection::Credentials)));
        assert!(log_in(&accounts, GOOD).await.is_ok(), "{backend:?}: the refused login was counted");
    }
}
