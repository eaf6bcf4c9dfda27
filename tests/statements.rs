//! What is asked of the database for an account that is there and for one that is not: the same statements in the same order, or
//! their time would tell. A program of its own, since it listens to all connections of its process.

#[path = "statements/kinds.rs"]
mod kinds;
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
        bots::BotChecks,
        change::Writer,
        limits::{ActionRules, RateLimitPolicy, RateLimiter},
        login::Credentials,
        outbox::Outbox,
        password_strength::PasswordStrength,
        rejection::Rejection,
        rules::Rules,
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

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// What is done once a statement with these words is about to be made.
static THEN: Mutex<Option<Due>> = Mutex::new(None);
type Due = (&'static str, Box<dyn FnOnce() + Send>);
/// Each test listens to everything.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn listen() {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let said = query.to_string();
                let statement = said.split("-- binds").next().unwrap_or_default().trim().to_owned();
                let due = THEN.lock().expect("what is due").take_if(|(words, _)| has_words(&statement, words));
                if let Some((_, then)) = due {
                    then();
                }
                SAID.lock().expect("what was said").push(statement);
            }
        }))
    })
    .expect("an ear");
}

/// However the database quotes names.
fn has_words(statement: &str, words: &str) -> bool {
    statement.replace(['`', '"'], "").contains(words)
}

/// The flows, the hasher that they hash with, and their mails.
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

/// Every login and sign-up needs a verified address, if `conceals`.
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

fn rules_of(is_required: bool, conceals_accounts: bool) -> Rules {
    Rules {
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

fn build(database: &Database, rules: Rules, policy: Option<RateLimitPolicy>) -> Instance {
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

async fn said_to(work: impl AsyncFnOnce()) -> Vec<String> {
    SAID.lock().expect("what was said").clear();
    work().await;
    SAID.lock().expect("what was said").clone()
}

#[tokio::test]
async fn known_and_unknown_accounts_are_asked_after_alike() {
    let _alone = ALONE.lock().await;
    listen();
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
        let tell = async |identifier: &str| {
            let accounts = instance(&store, false);
            let mut all = Vec::new();
            for _ in 0..2 {
                let said = said_to(async || {
                    assert!(matches!(log_in(&accounts, identifier).await, Rejection::Credentials));
                });
                all.push(said.await);
            }
            // Refused by the database, by memory, and by the database of an instance that knows nothing yet.
            for accounts in [&accounts, &accounts, &instance(&store, false)] {
                let said = said_to(async || {
                    assert!(matches!(log_in(accounts, identifier).await, Rejection::TooMany(_)));
                });
                all.push(said.await);
            }
            all
        };
        let known = tell("ada@example.com").await;
        assert_eq!(known, tell("nobody@example.com").await, "{backend:?}");
        let lengths: Vec<usize> = known.iter().map(Vec::len).collect();
        assert!(lengths[0] > 5, "{lengths:?}");
        assert!(lengths[0] == lengths[1], "{lengths:?}");
        assert!(lengths[2] > 0, "{lengths:?}");
        assert!(lengths[3] == 0, "{lengths:?}");
        assert!(lengths[4] == lengths[2], "{lengths:?}");

        let forget = async |email: &str| {
            let accounts = instance(&store, false);
            let mut all = Vec::new();
            for passes in [true, true, false, false] {
                let said = said_to(async || {
                    assert_eq!(accounts.forgot_password(Some(email), &client).await.is_ok(), passes);
                });
                all.push(said.await);
            }
            all
        };
        let known = forget("ada@example.com").await;
        assert_eq!(known, forget("nobody@example.com").await, "{backend:?}");
        assert!(known[0].len() > 5, "{known:?}");
        assert!(known[1].len() > 5, "{known:?}");
    }
}

/// Another login renews the hash while one is under way, and then no thread is left to compare with the new one: the password
/// was not wrong.
#[tokio::test]
async fn a_login_that_ends_at_a_busy_hasher_is_no_failed_try() {
    let _alone = ALONE.lock().await;
    listen();
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
        // The other login comes between the comparison and what follows it.
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
        // By number it is looked up once it was compared, and not before.
        *THEN.lock().expect("what is due") = Some(("WHERE (users.id = ", Box::new(stop)));
        let refused = log_in(&accounts, GOOD).await.expect_err("nobody compares");
        assert!(matches!(refused, Rejection::Work(_)), "{backend:?}: {refused}");
        assert!(THEN.lock().expect("what is due").is_none(), "it came to that");

        // Of two tries one is left after one that is wrong.
        let accounts = instance(&store, false);
        assert!(matches!(log_in(&accounts, "wrong").await, Err(Rejection::Credentials)));
        assert!(log_in(&accounts, GOOD).await.is_ok(), "{backend:?}: the first counted");
    }
}
