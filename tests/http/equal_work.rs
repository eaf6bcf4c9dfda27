//! A failed login and a concealed sign-up cause the same work for every account and for none: hashes, audit log lines,
//! counters and mails, with limits and without.

use rstest::rstest;
use serde_json::json;

use crate::support::{ADA, BETTER, Backend, GOOD, METRICS, Mailbox, Server};
use Backend::{Postgres, Sqlite};

/// Work that a service has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Work {
    hashes: i64,
    audit_lines: i64,
    counters: i64,
    mails: i64,
}

impl Work {
    async fn of(server: &Server) -> Self {
        let hashes = server.metrics().await.value("vestibule_hash_wait_seconds_count").expect("a number");
        let rows = |table: &str| server.database.count(&format!("SELECT count(*) FROM {table}"));
        #[expect(clippy::cast_possible_truncation, reason = "it counts a few")]
        Self {
            hashes: hashes as i64,
            audit_lines: rows("audit_log"),
            counters: rows("rate_limits"),
            mails: rows("outbox"),
        }
    }

    fn since(self, before: Self) -> Self {
        Self {
            hashes: self.hashes - before.hashes,
            audit_lines: self.audit_lines - before.audit_lines,
            counters: self.counters - before.counters,
            mails: self.mails - before.mails,
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_login_causes_equal_work_for_every_account_and_for_none(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("on", "off")] limits: &str,
) {
    let mailbox = Mailbox::open();
    let settings = [METRICS, ("RATE_LIMITS", limits), ("REQUIRE_VERIFIED_EMAIL", "on")];
    let server = Server::mailing(backend, &mailbox, &settings);
    for (email, change) in [
        (ADA, "is_verified = TRUE"),
        ("closed@example.com", "is_verified = TRUE, is_active = FALSE"),
        ("broken@example.com", "is_verified = TRUE, password_hash = 'not a hash'"),
        ("unproven@example.com", "is_verified = FALSE"),
    ] {
        assert!(matches!(
            server.post_json("/register", &json!({"email": email, "password": GOOD})).await.status,
            201 | 202
        ));
        server.database.execute(&format!("UPDATE users SET {change} WHERE email = '{email}'"));
    }
    assert_eq!(server.post_json("/users", &json!({"username": "bob", "password": GOOD})).await.status, 201);
    server.mails_are_settled().await;
    // Creates the counters that all logins share.
    let log_in = async |identifier: &str, password: &str| {
        server.post_json("/login", &json!({"identifier": identifier, "password": password})).await
    };
    assert_eq!(log_in("first@example.com", GOOD).await.status, 401);
    let mut seen = Vec::new();
    for (what, identifier, password) in [
        ("an unknown address", "nobody@example.com", GOOD),
        ("an unknown username", "nobody", GOOD),
        ("an invalid identifier", "\u{0}", GOOD),
        ("another password", ADA, BETTER),
        ("another password of a username", "bob", BETTER),
        ("an overlong password", "bob@example.com", &"x".repeat(5000)),
        ("a disabled account", "closed@example.com", GOOD),
        ("a hash that cannot be read", "broken@example.com", GOOD),
        ("an unverified address", "unproven@example.com", GOOD),
    ] {
        let before = Work::of(&server).await;
        let answer = log_in(identifier, password).await;
        assert_eq!(answer.status, 401, "{what}");
        seen.push((what, Work::of(&server).await.since(before)));
    }
    // The identifier with the network, with its block, and alone.
    let counters = if limits == "on" { 3 } else { 0 };
    let expected = Work { hashes: 1, audit_lines: 1, counters, mails: 0 };
    let different: Vec<_> = seen.iter().filter(|(_, work)| *work != expected).collect();
    assert!(different.is_empty(), "{different:?}, not {expected:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_concealed_sign_up_causes_equal_work_for_every_address(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("on", "off")] limits: &str,
    #[values("on", "off")] verification: &str,
) {
    let mailbox = Mailbox::open();
    let settings =
        [METRICS, ("RATE_LIMITS", limits), ("CONCEAL_ACCOUNTS", "on"), ("REQUIRE_VERIFIED_EMAIL", verification)];
    let server = Server::mailing(backend, &mailbox, &settings);
    let sign_up = async |email: &str, password: &str| {
        server.post_json("/register", &json!({"email": email, "password": password})).await
    };
    for email in [ADA, "unproven@example.com"] {
        assert_eq!(sign_up(email, GOOD).await.status, 202);
    }
    // A mail with a code is sent only while the address is unverified.
    server.mails_are_settled().await;
    server.database.execute(&format!("UPDATE users SET is_verified = TRUE, proof_due = NULL WHERE email = '{ADA}'"));
    let mut seen = Vec::new();
    for (password, status, expected) in [
        ("password1234", 400, Work { hashes: 0, audit_lines: 0, counters: 0, mails: 0 }),
        (BETTER, 202, Work { hashes: 1, audit_lines: 1, counters: 0, mails: 1 }),
    ] {
        for email in ["free@example.com", "unproven@example.com", ADA] {
            let before = Work::of(&server).await;
            assert_eq!(sign_up(email, password).await.status, status, "{email}");
            let work = Work::of(&server).await.since(before);
            seen.extend((work != expected).then_some((email, password, work, expected)));
        }
    }
    assert!(seen.is_empty(), "{seen:?}");
    // Each address gets its mail, of its own kind.
    for (email, number, subject) in [
        ("free@example.com", 1, "000000 is your code for Vestibule"),
        ("unproven@example.com", 2, "000000 is your code for Vestibule"),
        (ADA, 2, "You already have an account at Vestibule"),
    ] {
        let real = mailbox.newest(email, number).await.subject();
        let (code, rest) = real.split_at(6);
        let is_code = code.bytes().all(|byte| byte.is_ascii_digit());
        let real = if is_code { format!("000000{rest}") } else { real };
        assert_eq!(real, subject, "{email}");
    }
}
