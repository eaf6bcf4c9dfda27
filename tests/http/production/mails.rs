//! Requested mails (password reset, repeated verification) within and beyond the limits.

use std::net::Ipv4Addr;

use crate::support::{Backend, GOOD};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::json;

use super::{Production, Seen, address, assert_all_like, network};

/// Requests a mail by each endpoint and in each response format.
async fn ask(production: &Production, path: &str, from: Ipv4Addr, typed: &str) -> Vec<Seen> {
    let answers = [
        production.json(from, path, &json!({"email": typed})).await,
        production.form(from, path, &[("email", typed)]).await,
        production.browser(from).post(path, &[("email", typed)]).await,
    ];
    answers.iter().map(|answer| Seen::of(answer, typed)).collect()
}

fn statuses(seen: &[Seen]) -> Vec<u16> {
    seen.iter().map(|seen| seen.status).collect()
}

#[rstest]
#[tokio::test]
async fn mail_requests_reveal_no_account_within_and_beyond_the_limit(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("/forgot-password", "/verify-email/resend")] path: &str,
) {
    let production = Production::start(backend, &[("REQUIRE_VERIFIED_EMAIL", "on")]).await;
    let owners = network(200, 1);
    for name in ["verified", "disabled", "unproven", "disunprov"] {
        let body = json!({"email": address(name), "password": GOOD});
        assert_eq!(production.json(owners, "/register", &body).await.status, 201);
    }
    production.mails_are_settled().await;
    let database = &production.server.database;
    let set = |column: &str, names: [&str; 2]| {
        let names = names.map(|name| format!("'{}'", address(name))).join(", ");
        database.execute(&format!("UPDATE users SET {column} WHERE email IN ({names})"));
    };
    set("is_verified = TRUE", ["verified", "disabled"]);
    set("is_active = FALSE", ["disabled", "disunprov"]);

    let mut first = None;
    for (number, name) in ["absent", "verified", "disabled", "unproven", "disunprov"].into_iter().enumerate() {
        let (typed, within) = (address(name), network(number, 1));
        database.execute("DELETE FROM rate_limits");
        let before = (production.mailbox.to(&typed).len(), database.count("SELECT count(*) FROM outbox"));
        let mut seen = Vec::new();
        let traces = production.traces_of(within, async || {
            // Ten by one network: nine here, one in another spelling.
            for _ in 0..3 {
                seen.extend(ask(&production, path, within, &typed).await);
                production.mails_are_settled().await;
            }
            let respelled = typed.to_uppercase();
            let answer = production.json(within, path, &json!({"email": respelled})).await;
            seen.push(Seen::of(&answer, &respelled));
            production.mails_are_settled().await;
            assert_eq!(
                (seen[0].status, statuses(&seen)[3..].to_vec()),
                (202, [202, 202, 200, 202, 202, 200, 202].into())
            );
            seen.extend(ask(&production, path, within, &typed).await);
            seen.extend(ask(&production, path, within, &respelled).await);
        });
        let mut traces = traces.await;
        assert_eq!(statuses(&seen[10..]), [429; 6], "{name}");
        assert!(seen[10..].iter().all(|seen| seen.headers.contains(&"retry-after: 360".to_owned())), "{:?}", seen[10]);
        // Thirty by all networks together.
        for other in 2..=3 {
            for _ in 0..10 {
                let answer = production.json(network(number, other), path, &json!({"email": typed})).await;
                assert_eq!(answer.status, 202, "{name}");
            }
        }
        let of_account = ask(&production, path, network(number, 4), &typed).await;
        assert!(of_account.iter().all(|seen| seen.headers.contains(&"retry-after: 120".to_owned())), "{name}");
        seen.extend(of_account);
        production.mails_are_settled().await;

        // The outbox has the same rows; the account is looked up when a mail is rendered.
        let queued = database.count("SELECT count(*) FROM outbox") - before.1;
        assert_eq!(queued, 30, "{name}");
        let is_sent = match path {
            "/forgot-password" => ["verified", "unproven"].contains(&name),
            _ => name == "unproven",
        };
        // Five an hour by one network, and fifteen by all; the sign-up's counts too.
        let sent = production.mailbox.to(&typed).len() - before.0;
        assert_eq!(sent > 0, is_sent, "{name} got {sent} mails");
        assert!(sent <= 15, "{name} got {sent} mails");
        // The audit log, for operators, records which requests found an account. It has a row for each request.
        let is_forgot = path == "/forgot-password";
        assert_eq!(traces.audit.iter().any(|line| line.starts_with("password_reset_requested")), is_forgot, "{name}");
        traces.audit.clear();
        match &first {
            None => first = Some((seen, traces)),
            Some((absent, absent_traces)) => {
                assert_all_like(&seen, absent, name);
                traces.assert_like(absent_traces, name);
            }
        }
    }
}

/// Unknown, used, replaced, expired and malformed links do not reveal whose they were.
#[rstest]
#[tokio::test]
async fn an_invalid_link_of_any_account_looks_alike(#[values(Sqlite, Postgres)] backend: Backend) {
    let production = Production::start(backend, &[("REQUIRE_VERIFIED_EMAIL", "on")]).await;
    let owners = network(200, 1);
    let mut links = Vec::new();
    // Links of a disabled account count as replaced (disabled_accounts.rs).
    for name in ["verified", "unproven"] {
        let body = json!({"email": address(name), "password": GOOD});
        assert_eq!(production.json(owners, "/register", &body).await.status, 201);
        links.push(production.mailbox.newest(&address(name), 1).await.token());
    }
    let database = &production.server.database;
    database.execute(&format!("UPDATE users SET is_verified = TRUE WHERE email <> '{}'", address("unproven")));
    let mut resets = Vec::new();
    for name in ["verified", "unproven"] {
        assert_eq!(production.json(owners, "/forgot-password", &json!({"email": address(name)})).await.status, 202);
        resets.push(production.mailbox.newest(&address(name), 2).await.token());
    }
    database.execute("UPDATE mail_tokens SET expires_at = '2029-12-31 23:59:00'");

    // Links of another purpose and unknown links look like expired ones.
    let never = "A".repeat(43);
    let tokens: Vec<&str> =
        [never.as_str()].into_iter().chain(links.iter().chain(&resets).map(String::as_str)).collect();
    for path in ["/verify-email", "/reset-password"] {
        let mut first = None;
        for (number, token) in tokens.iter().enumerate() {
            let from = network(number, if path == "/verify-email" { 1 } else { 2 });
            database.execute("DELETE FROM rate_limits");
            let mut seen = Vec::new();
            let traces = production.traces_of(from, async || {
                let body = json!({"token": token, "password": "another-horse-battery"});
                let fields = [("token", *token), ("password", "another-horse-battery")];
                // Sixty in ten minutes by one network.
                for _ in 0..20 {
                    seen.push(Seen::of(&production.json(from, path, &body).await, token));
                    seen.push(Seen::of(&production.form(from, path, &fields).await, token));
                    seen.push(Seen::of(&production.browser(from).post(path, &fields).await, token));
                }
                assert_eq!(statuses(&seen), [400; 60], "{path}");
                let refused = production.json(from, path, &body).await;
                assert_eq!((refused.status, refused.header("retry-after")), (429, "10"));
                seen.push(Seen::of(&refused, token));
                seen.push(Seen::of(&production.browser(from).post(path, &fields).await, token));
                let page = production.browser(from).get(&format!("{path}?token={token}")).await;
                seen.push(Seen::of(&page, token));
            });
            let traces = traces.await;
            match &first {
                None => first = Some((seen, traces)),
                Some((absent, absent_traces)) => {
                    let what = format!("token {number} at {path}");
                    assert_all_like(&seen, absent, &what);
                    traces.assert_like(absent_traces, &what);
                }
            }
        }
    }
}
