//! `CONCEAL_ACCOUNTS` in production: all that an attacker can do after a sign-up, within and beyond every limit.

use std::net::Ipv4Addr;

use crate::support::{Answer, Backend, GOOD};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::json;

use super::{Production, Seen, address, assert_all_like, network};

const OTHER: &str = "strangers-own-battery";
/// An address without account, then one of each state of an account.
const KINDS: [&str; 6] = ["absent", "verified", "unproven", "claimed", "disabled", "disunprov"];

async fn with_accounts(backend: Backend, require_verified: &str, settings: &[(&str, &str)]) -> Production {
    let mut all = vec![("CONCEAL_ACCOUNTS", "on"), ("REQUIRE_VERIFIED_EMAIL", require_verified)];
    all.extend_from_slice(settings);
    let production = Production::start(backend, &all).await;
    for (number, name) in KINDS.into_iter().chain(["claimed"]).enumerate().skip(1) {
        let body = json!({"email": address(name), "password": GOOD});
        assert_eq!(production.json(network(200 + number, 1), "/register", &body).await.status, 202);
    }
    production.mails_are_settled().await;
    let database = &production.server.database;
    let of = |names: [&str; 2]| names.map(|name| format!("'{}'", address(name))).join(", ");
    database.execute(&format!("UPDATE users SET is_verified = TRUE WHERE email IN ({})", of(["verified", "disabled"])));
    database.execute(&format!("UPDATE users SET is_active = FALSE WHERE email IN ({})", of(["disabled", "disunprov"])));
    production
}

/// Submits the form with the timestamp of its page.
async fn sign_up_by_form(production: &Production, from: Ipv4Addr, typed: &str, topic: &str) -> Answer {
    let browser = production.browser(from);
    let page = browser.get("/register").await.page(200);
    let timestamp = page.attribute("input[name=stamp]", "value").expect("bot checks are on");
    browser.post("/register", &[("email", typed), ("password", OTHER), ("stamp", &timestamp), ("topic", topic)]).await
}

/// All that a client without the mail can do with an address. Two sign-ups by form, then as JSON.
async fn journey(production: &Production, from: Ipv4Addr, typed: &str) -> Vec<Seen> {
    let browser = production.browser(from);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let page = browser.get("/register").await.page(200);
        let timestamp = page.attribute("input[name=stamp]", "value").expect("bot checks are on");
        let fields = [("email", typed), ("password", OTHER), ("stamp", &timestamp), ("topic", "")];
        answers.push(browser.post("/register", &fields).await);
        // The response precedes the mail, and the code.
        production.mails_are_settled().await;
        for path in ["/welcome", "/welcome", "/verify-email", "/account", "/login"] {
            answers.push(browser.get(path).await);
        }
    }
    answers.push(production.json(from, "/register", &json!({"email": typed, "password": OTHER})).await);
    answers.push(production.json(from, "/api/v1/users/register", &json!({"email": typed, "password": OTHER})).await);
    production.mails_are_settled().await;

    // Codes, beyond the limit: sixty in ten minutes, and five and a few more of one code.
    for number in 0..59 {
        answers.push(browser.post("/verify-email", &[("code", &format!("{:06}", number * 3))]).await);
    }
    let code = json!({"code": "000001", "identifier": typed, "password": OTHER});
    for _ in 0..2 {
        answers.push(production.json(from, "/verify-email", &code).await);
    }
    answers.push(browser.post("/verify-email", &[("code", "000002")]).await);
    // Repeated mails, beyond the limit: ten in an hour.
    for _ in 0..12 {
        answers.push(browser.post("/verify-email/resend", &[]).await);
        production.mails_are_settled().await;
    }
    answers.push(production.json(from, "/verify-email/resend", &json!({"email": typed})).await);
    // The new password is no login before verification.
    answers.push(browser.log_in(typed, OTHER).await);
    answers.push(production.json(from, "/login", &json!({"identifier": typed, "password": OTHER})).await);
    // Sign-ups, beyond the limit of the test: six in an hour.
    answers.push(sign_up_by_form(production, from, typed, "").await);
    answers.push(sign_up_by_form(production, from, typed, "").await);
    answers.push(sign_up_by_form(production, from, typed, "").await);
    answers.push(production.json(from, "/register", &json!({"email": typed, "password": OTHER})).await);
    answers.iter().map(|answer| Seen::of(answer, typed)).collect()
}

#[rstest]
#[tokio::test]
async fn a_concealed_sign_up_and_later_requests_look_alike(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("on", "off")] require_verified: &str,
) {
    let production = with_accounts(backend, require_verified, &[("RATE_LIMIT_SIGN_UP", "6/hour")]).await;
    let database = &production.server.database;
    let mut first = None;
    for (number, name) in KINDS.into_iter().enumerate() {
        let (typed, from) = (address(name), network(number, 1));
        database.execute("DELETE FROM rate_limits");
        let users = database.count("SELECT count(*) FROM users");
        let mut seen = Vec::new();
        let mut traces = production.traces_of(from, async || seen = journey(&production, from, &typed).await).await;
        assert_eq!(database.count("SELECT count(*) FROM users") - users, i64::from(name == "absent"));
        let statuses: Vec<u16> = seen.iter().map(|seen| seen.status).collect();
        let begin = [303, 200, 303, 200, 303, 200];
        assert_eq!(statuses[..12], [begin, begin].concat(), "{name}");
        assert_eq!(statuses[12..14], [202, 202], "{name}");
        assert_eq!(statuses[14..76], [vec![400; 60], vec![429; 2]].concat(), "{name}");
        assert_eq!(statuses[76..89], [vec![200; 10], vec![429; 3]].concat(), "{name}");
        assert_eq!(statuses[89..], [403, 401, 303, 303, 429, 429], "{name}");
        // The audit log records which sign-ups found an account; the number of rows is the same.
        let lines = traces.audit.iter().map(|line| line.split(' ').next().expect("an event"));
        let events: Vec<&str> = lines
            .map(|event| event.replace("account_claimed", "account_registered"))
            .map(|event| match event.as_str() {
                "account_registered" => "sign_up",
                "email_verified" => "proof",
                "login" => "login",
                other => panic!("{other}"),
            })
            .collect();
        let of = |event: &str| events.iter().filter(|other| **other == event).count();
        assert_eq!((of("sign_up"), of("proof"), of("login")), (6, 60, 2), "{name}");
        traces.audit.clear();
        match &first {
            None => first = Some((seen, traces)),
            Some((absent, absent_traces)) => {
                assert_all_like(&seen, absent, name);
                traces.assert_like(absent_traces, name);
            }
        }
    }
    // The attacker's requests have no effect on the account of another user.
    let owner = network(100, 1);
    let login = json!({"identifier": address("verified"), "password": GOOD});
    assert_eq!(production.json(owner, "/login", &login).await.status, 200);
}

/// The challenge, and the verification by mail instead, are the same whatever the address.
#[rstest]
#[tokio::test]
async fn a_suspicious_sign_up_is_challenged_alike(#[values(Sqlite, Postgres)] backend: Backend) {
    let production = with_accounts(backend, "off", &[]).await;
    let mut first = None;
    for (number, name) in KINDS.into_iter().enumerate() {
        let (typed, from) = (address(name), network(number, 1));
        production.server.database.execute("DELETE FROM rate_limits");
        let mut seen = Vec::new();
        let mut traces = production
            .traces_of(from, async || {
                let challenged = sign_up_by_form(&production, from, &typed, "x").await;
                let page = challenged.page(403);
                let random = [("value", "input[name=proof]"), ("data-salt", ".proof"), ("data-target", ".proof")]
                    .map(|(attribute, element)| page.attribute(element, attribute).expect("a value"));
                // The first contains the second.
                let mut challenged = Seen::of(&challenged, &typed);
                for value in &random {
                    challenged.body = challenged.body.replace(value.as_str(), &format!("<{}>", value.len()));
                }
                seen.push(challenged);
                // Without a solution the address is verified by mail.
                let browser = production.browser(from);
                let fields = [("email", typed.as_str()), ("password", OTHER), ("topic", "x"), ("proof", &random[0])];
                seen.push(Seen::of(&browser.post("/register", &fields).await, &typed));
                seen.push(Seen::of(&browser.get("/welcome").await, &typed));
                seen.push(Seen::of(&browser.post("/verify-email", &[("code", "000000")]).await, &typed));
                seen.push(Seen::of(&browser.log_in(&typed, OTHER).await, &typed));
            })
            .await;
        let statuses: Vec<u16> = seen.iter().map(|seen| seen.status).collect();
        assert_eq!(statuses, [403, 303, 200, 400, 403], "{name}");
        assert_eq!(traces.audit.len(), 3, "{:?}", traces.audit);
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
