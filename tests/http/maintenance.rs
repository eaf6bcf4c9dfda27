//! Maintenance deletes expired rows and no younger ones. It runs at startup and then every hour.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use rstest::rstest;
use vestibule::store::migrations;

use crate::support::{Backend, Server, Settings, TestDatabase, eventually};

use Backend::{Postgres, Sqlite};

const REQUIRED: Settings = &[("SMTP_URL", "smtp://127.0.0.1:9"), ("REQUIRE_VERIFIED_EMAIL", "on")];
/// Longer than a test takes.
const MARGIN: TimeDelta = TimeDelta::minutes(10);

/// The time at this distance from now, as an SQL literal.
fn at(distance: TimeDelta) -> String {
    #[expect(clippy::disallowed_methods, reason = "the server's clock is the system's")]
    let now = Utc::now().naive_utc();
    format!("'{}'", (now + distance).format("%Y-%m-%d %H:%M:%S"))
}

/// A migrated database with one account, number 1, that must stay.
fn database(backend: Backend) -> Arc<TestDatabase> {
    let database = TestDatabase::new(backend);
    migrations::run(&mut database.connect(), |_| Ok(())).expect("up");
    database.execute(&format!(
        "INSERT INTO users (email, password_hash, is_verified, created_at, updated_at) \
         VALUES ('owner@example.com', '!', TRUE, {then}, {then})",
        then = at(TimeDelta::days(-4000))
    ));
    Arc::new(database)
}

/// Starts the service and waits until its maintenance has finished.
async fn maintain(database: &Arc<TestDatabase>, settings: Settings<'_>) -> Server {
    // Expired accounts are deleted last.
    database.execute(&format!(
        "INSERT INTO users (email, password_hash, must_prove, proof_due, created_at, updated_at) \
         VALUES ('last@example.com', '!', TRUE, {due}, {due}, {due})",
        due = at(TimeDelta::days(-4000))
    ));
    let server = Server::start_on(Arc::clone(database), settings);
    let is_logged = async || server.log().contains("expired rows deleted").then_some(());
    eventually("maintenance is done", is_logged).await;
    server
}

/// One retention rule: the age at which a row is deleted, how a row is inserted (`NAME` is its name, `WHEN` its age
/// as a time), and a query for the names of the remaining rows.
struct Rule {
    age: TimeDelta,
    insert: &'static str,
    left: &'static str,
}

const EXPIRED_SESSION: Rule = Rule {
    age: TimeDelta::zero(),
    insert: "INSERT INTO sessions (token_hash, kind, user_id, peer, created_at, last_seen_at, expires_at) \
             VALUES (NAME_BYTES, 'token', 1, NAME, FRESH, FRESH, WHEN)",
    left: "SELECT peer AS t FROM sessions",
};
const EXPIRED_BROWSER: Rule = Rule {
    age: TimeDelta::zero(),
    insert: "INSERT INTO sessions (token_hash, kind, user_id, peer, created_at, last_seen_at, expires_at) \
             VALUES (NAME_BYTES, 'browser', 1, NAME, FRESH, FRESH, WHEN)",
    left: "SELECT peer AS t FROM sessions",
};
const IDLE_BROWSER: Rule = Rule {
    age: TimeDelta::days(14),
    insert: "INSERT INTO sessions (token_hash, kind, user_id, peer, created_at, last_seen_at, expires_at) \
             VALUES (NAME_BYTES, 'browser', 1, NAME, WHEN, WHEN, LATER)",
    left: "SELECT peer AS t FROM sessions",
};
const EXPIRED_LINK: Rule = Rule {
    age: TimeDelta::days(30),
    insert: "INSERT INTO mail_tokens (token_hash, purpose, user_id, sent_to, created_at, expires_at) \
             VALUES (NAME_BYTES, 'verify_email', 1, NAME, WHEN, WHEN)",
    left: "SELECT sent_to AS t FROM mail_tokens",
};
/// Three days of delivery attempts, and the lifetime of the link.
const CLAIM: Rule = Rule {
    age: TimeDelta::hours(3 * 24 + 24 + 1),
    insert: "INSERT INTO claims (user_id, password_hash, created_at) VALUES (1, NAME, WHEN)",
    left: "SELECT password_hash AS t FROM claims",
};
const AUDIT_LINE: Rule = Rule {
    age: TimeDelta::days(365),
    insert: "INSERT INTO audit_log (user_id, event, succeeded, peer, at) VALUES (1, 'login', TRUE, NAME, WHEN)",
    left: "SELECT peer AS t FROM audit_log WHERE event = 'login'",
};
const SENT_MAIL: Rule = Rule {
    age: TimeDelta::days(7),
    insert: "INSERT INTO outbox (message_id, kind, detail, recipient, state, next_attempt_at, created_at, done_at) \
             VALUES ('x', 'x', 'x', NAME, 'sent', WHEN, WHEN, WHEN)",
    left: "SELECT recipient AS t FROM outbox",
};
const DROPPED_MAIL: Rule = Rule {
    age: TimeDelta::days(7),
    insert: "INSERT INTO outbox (message_id, kind, detail, recipient, state, next_attempt_at, created_at, done_at) \
             VALUES ('x', 'x', 'x', NAME, 'dropped', WHEN, WHEN, WHEN)",
    left: "SELECT recipient AS t FROM outbox",
};
const DEAD_MAIL: Rule = Rule {
    age: TimeDelta::days(90),
    insert: "INSERT INTO outbox (message_id, kind, detail, recipient, state, next_attempt_at, created_at, done_at) \
             VALUES ('x', 'x', 'x', NAME, 'dead', WHEN, WHEN, WHEN)",
    left: "SELECT recipient AS t FROM outbox",
};
const UNVERIFIED: Rule = Rule {
    age: TimeDelta::zero(),
    insert: "INSERT INTO users (email, password_hash, proof_due, created_at, updated_at) VALUES (NAME, '!', WHEN, WHEN, WHEN)",
    left: "SELECT email AS t FROM users WHERE id > 1",
};
const MUST_VERIFY: Rule = Rule {
    age: TimeDelta::zero(),
    insert: "INSERT INTO users (email, password_hash, must_prove, proof_due, created_at, updated_at) \
             VALUES (NAME, '!', TRUE, WHEN, WHEN, WHEN)",
    left: "SELECT email AS t FROM users WHERE id > 1",
};

impl Rule {
    fn insert(&self, database: &TestDatabase, name: &str, age: TimeDelta) {
        let bytes = match database.backend {
            Sqlite => format!("CAST('{name}' AS BLOB)"),
            Postgres => format!("'{name}'::bytea"),
        };
        let sql = self.insert.replace("NAME_BYTES", &bytes).replace("NAME", &format!("'{name}'"));
        let sql = sql.replace("WHEN", &at(-age)).replace("LATER", &at(TimeDelta::days(30)));
        database.execute(&sql.replace("FRESH", &at(-TimeDelta::minutes(1))));
    }
}

#[rstest]
#[case::sessions(EXPIRED_SESSION, &[])]
#[case::sessions_of_browsers(EXPIRED_BROWSER, &[])]
#[case::idle_browsers(IDLE_BROWSER, &[])]
#[case::links(EXPIRED_LINK, &[])]
#[case::claims(CLAIM, &[])]
#[case::audit_lines(AUDIT_LINE, &[])]
#[case::sent_mails(SENT_MAIL, &[])]
#[case::dropped_mails(DROPPED_MAIL, &[])]
#[case::dead_mails(DEAD_MAIL, &[])]
#[case::accounts_where_login_requires_verification(UNVERIFIED, REQUIRED)]
#[case::accounts_that_must_verify(MUST_VERIFY, &[])]
#[tokio::test(flavor = "multi_thread")]
async fn expired_rows_are_deleted_and_younger_ones_stay(
    #[case] rule: Rule,
    #[case] settings: Settings<'static>,
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    let database = database(backend);
    rule.insert(&database, "old", rule.age + TimeDelta::seconds(1));
    rule.insert(&database, "young", rule.age - MARGIN);
    let _server = maintain(&database, settings).await;
    assert_eq!(database.texts(rule.left), ["young"]);
    assert_eq!(database.texts("SELECT email AS t FROM users WHERE id = 1"), ["owner@example.com"]);
}

/// Verified accounts stay, and unverified ones where verification is optional.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accounts_stay_where_verification_is_optional(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = database(backend);
    UNVERIFIED.insert(&database, "waits@example.com", TimeDelta::days(1));
    let then = at(TimeDelta::days(-1));
    database.execute(&format!(
        "INSERT INTO users (email, password_hash, is_verified, must_prove, proof_due, created_at, updated_at) \
         VALUES ('proven@example.com', '!', TRUE, TRUE, {then}, {then}, {then})"
    ));
    let _server = maintain(&database, &[]).await;
    let left = database.texts("SELECT email AS t FROM users ORDER BY id");
    assert_eq!(left, ["owner@example.com", "waits@example.com", "proven@example.com"]);
}

/// Bearer tokens have no idle timeout: programs may use them rarely.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_unused_bearer_token_stays_until_it_expires(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = database(backend);
    let long_ago = at(-TimeDelta::days(40));
    database.execute(&format!(
        "INSERT INTO sessions (token_hash, kind, user_id, peer, created_at, last_seen_at, expires_at) \
         VALUES ({bytes}, 'token', 1, 'unused', {long_ago}, {long_ago}, {})",
        at(TimeDelta::days(1)),
        bytes = if backend == Sqlite { "x'00'" } else { "'0'::bytea" },
    ));
    let _server = maintain(&database, &[]).await;
    assert_eq!(database.texts("SELECT peer AS t FROM sessions"), ["unused"]);
}

/// The audit log records the expiry; all other rows of the account are deleted.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_account_leaves_only_an_audit_row(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = database(backend);
    MUST_VERIFY.insert(&database, "gone@example.com", TimeDelta::seconds(1));
    for (table, columns) in [
        ("sessions", "token_hash, kind, user_id, created_at, last_seen_at, expires_at"),
        ("mail_tokens", "token_hash, purpose, user_id, sent_to, created_at, expires_at"),
        ("claims", "user_id, password_hash, created_at"),
    ] {
        let (now, later) = (at(TimeDelta::zero()), at(TimeDelta::days(1)));
        let bytes = if backend == Sqlite { "x'00'" } else { "'0'::bytea" };
        let values = match table {
            "sessions" => format!("{bytes}, 'token', id, {now}, {now}, {later}"),
            "mail_tokens" => format!("{bytes}, 'verify_email', id, 'x', {now}, {later}"),
            _ => format!("id, '!', {now}"),
        };
        let select = format!("SELECT {values} FROM users WHERE email = 'gone@example.com'");
        database.execute(&format!("INSERT INTO {table} ({columns}) {select}"));
        assert_eq!(database.count(&format!("SELECT count(*) FROM {table}")), 1);
    }
    let id = database.count("SELECT id FROM users WHERE email = 'gone@example.com'");
    let _server = maintain(&database, &[]).await;
    for table in ["sessions", "mail_tokens", "claims"] {
        assert_eq!(database.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    let lines = format!("SELECT event AS t FROM audit_log WHERE user_id = {id}");
    assert_eq!(database.texts(&lines), ["account_expired"]);
}

/// Expired rate limit counters have no effect. Clocks of instances may be a minute apart.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn expired_rate_limit_counters_are_deleted(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = database(backend);
    #[expect(clippy::disallowed_methods, reason = "the server's clock is the system's")]
    let now = Utc::now().timestamp_micros();
    let insert = |name: &str, tat: i64| {
        let bytes = if backend == Sqlite { format!("CAST('{name}' AS BLOB)") } else { format!("'{name}'::bytea") };
        database.execute(&format!("INSERT INTO rate_limits (key, tat) VALUES ({bytes}, {tat})"));
    };
    insert("over", now - 61_000_000);
    insert("in the time between", now + 5_000_000);
    insert("in use", now + 3_600_000_000);
    let _server = Server::start_on(Arc::clone(&database), &[]);
    let name = if backend == Sqlite { "CAST(key AS TEXT)" } else { "convert_from(key, 'UTF8')" };
    let left = format!("SELECT {name} AS t FROM rate_limits ORDER BY tat");
    let gone = async || (!database.texts(&left).contains(&"over".to_owned())).then_some(());
    eventually("the counter is deleted", gone).await;
    assert_eq!(database.texts(&left), ["in the time between", "in use"]);
}

/// All expired rows are deleted, however many.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_run_deletes_more_than_a_batch(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = database(backend);
    let numbers = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 350)";
    let then = at(TimeDelta::days(-400));
    database.execute(&format!(
        "INSERT INTO audit_log (event, succeeded, at) {numbers} SELECT 'login', TRUE, {then} FROM n"
    ));
    database.execute(&format!(
        "INSERT INTO users (email, password_hash, must_prove, proof_due, created_at, updated_at) \
         {numbers} SELECT 'p' || n || '@example.com', '!', TRUE, {then}, {then}, {then} FROM n"
    ));
    let _server = maintain(&database, &[]).await;
    assert_eq!(database.count("SELECT count(*) FROM audit_log WHERE event = 'login'"), 0);
    assert_eq!(database.texts("SELECT email AS t FROM users"), ["owner@example.com"]);
    assert_eq!(database.count("SELECT count(*) FROM audit_log WHERE event = 'account_expired'"), 351);
}
