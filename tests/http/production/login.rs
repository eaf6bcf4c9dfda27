//! Refused logins within and beyond the limits, whatever the reason.

use std::net::Ipv4Addr;

use crate::support::{Answer, Backend, GOOD};
use Backend::{Postgres, Sqlite};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use super::{Production, Seen, Traces, address, assert_all_like, network, username};

const WRONG: &str = "wrong-horse-battery";

/// The number of accounts that a test begins with.
const MADE: i64 = 14;

/// Stored hashes of other software, of lower and higher cost, and invalid ones.
const STORED: [(&str, &str); 9] = [
    ("cheaper", "$2y$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
    ("argon", "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
    ("scrypt", "$scrypt$ln=4,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E"),
    ("pbkdf", "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"),
    ("noformat", "!"),
    ("empty", ""),
    ("toodear", "$2b$31$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2"),
    ("broken", "$2x$10$n79VH.0Q2TMWmt3Oqt9ukuKq4Noyk3094Y2QlB8NdRT8SvGiI4ft2"),
    ("dearargon", "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
];

/// Accounts in every state.
async fn with_accounts(backend: Backend) -> Production {
    let production = Production::start(backend, &[("REQUIRE_VERIFIED_EMAIL", "on")]).await;
    let owners = network(200, 1);
    let made = ["verified", "disabled", "unproven"].into_iter().chain(STORED.map(|(name, _)| name));
    let answers = join_all(made.map(async |name| {
        production.json(owners, "/register", &json!({"email": address(name), "password": GOOD})).await
    }));
    assert!(answers.await.iter().all(|answer| answer.status == 201));
    for name in ["named", "disnamed"] {
        let body = json!({"username": username(name), "password": GOOD});
        assert_eq!(production.json(owners, "/users", &body).await.status, 201);
    }
    let database = &production.server.database;
    database.execute(&format!("UPDATE users SET is_verified = TRUE WHERE email <> '{}'", address("unproven")));
    database.execute(&format!(
        "UPDATE users SET is_active = FALSE WHERE email = '{}' OR username = '{}'",
        address("disabled"),
        username("disnamed")
    ));
    for (name, stored) in STORED {
        let of = address(name);
        database.execute(&format!("UPDATE users SET password_hash = '{stored}' WHERE email = '{of}'"));
    }
    production.mails_are_settled().await;
    production
}

/// A login by each endpoint: the JSON API, OAuth 2 and the page.
async fn by_each_endpoint(production: &Production, from: Ipv4Addr, typed: &str, password: &str) -> Vec<Seen> {
    let body = json!({"identifier": typed, "password": password});
    let oauth = [("username", typed), ("password", password), ("grant_type", "password")];
    let answers = [
        production.json(from, "/login", &body).await,
        production.form(from, "/api/v1/login/access-token", &oauth).await,
        production.browser(from).log_in(typed, password).await,
    ];
    answers.iter().map(|answer| Seen::of(answer, typed)).collect()
}

async fn json_logins(
    production: &Production,
    from: Ipv4Addr,
    typed: &str,
    password: &str,
    times: usize,
) -> Vec<Answer> {
    let body = json!({"identifier": typed, "password": password});
    join_all((0..times).map(|_| production.json(from, "/login", &body))).await
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[rstest]
#[tokio::test]
async fn every_refused_login_looks_alike(#[values(Sqlite, Postgres)] backend: Backend) {
    let production = with_accounts(backend).await;
    let long = "x".repeat(5000);
    let longest = "y".repeat(128);
    let mut subjects = vec![
        ("absent", WRONG),
        ("verified", WRONG),
        ("verified", "correct-horse-battery "),
        ("verified", &long),
        ("verified", &longest),
        ("verified", "a\0b"),
        ("lacking", &long),
        ("lacking", "a\0b"),
        ("disabled", GOOD),
        ("disabled", WRONG),
        ("unproven", GOOD),
        ("unproven", WRONG),
    ];
    subjects.extend(STORED.map(|(name, _)| (name, GOOD)));
    let addresses = subjects.into_iter().map(|(name, password)| (address(name), password));
    let usernames = [("missing", GOOD), ("named", WRONG), ("disnamed", GOOD), ("disnamed", WRONG)];
    let usernames = usernames.map(|(name, password)| (username(name), password));
    let mut number = 0;
    for group in [addresses.collect::<Vec<_>>(), usernames.to_vec()] {
        let mut first = None::<(Vec<Seen>, Traces)>;
        for (typed, password) in group {
            number += 1;
            let from = network(number, 1);
            let mut answers = Vec::new();
            // Counters are reset for each subject.
            production.server.database.execute("DELETE FROM rate_limits");
            let traces = production
                .traces_of(from, async || answers = by_each_endpoint(&production, from, &typed, password).await)
                .await;
            // One for each login, whatever is stored, and those of the sign-ups.
            production.hashes_are(MADE + 3 * i64::try_from(number).expect("a number")).await;
            let what = format!("{typed} with {:?}", &password[..password.len().min(30)]);
            let Some((absent, absent_traces)) = &first else {
                let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
                assert_eq!(statuses, [401, 400, 403]);
                assert_eq!(answers[0].body, r#"{"detail":"Incorrect email or password"}"#);
                // Total, block, network, account, block and account, network and account; three times each.
                let intervals = [36_000, 1_200_000, 6_000_000, 1_728_000_000, 2_880_000_000, 4_320_000_000];
                assert_eq!(traces.counters, intervals.map(|interval| 3 * interval));
                assert_eq!((traces.audit.len(), traces.sessions), (3, 0));
                // Requests and logins.
                assert_eq!(traces.metrics.values().sum::<i64>(), 6, "{:?}", traces.metrics);
                first = Some((answers, traces));
                continue;
            };
            assert_all_like(&answers, absent, &what);
            traces.assert_like(absent_traces, &what);
        }
    }
    // Identifiers that can be no account count the same.
    for typed in ["not an address@", "a\0b", "\u{130}@example.com", &"z".repeat(4000)] {
        production.server.database.execute("DELETE FROM rate_limits");
        let answers = json_logins(&production, network(50, 1), typed, GOOD, 1).await;
        assert_eq!((answers[0].status, production.counters().len()), (401, 6), "{typed:?}");
    }
    assert_eq!(production.server.database.count("SELECT count(*) FROM sessions"), 0);
}

#[rstest]
#[tokio::test]
async fn beyond_the_limit_every_account_looks_alike(#[values(Sqlite, Postgres)] backend: Backend) {
    let production = with_accounts(backend).await;
    let subjects = [
        (address("absent"), WRONG, address("absent").to_uppercase()),
        (address("verified"), WRONG, address("verified").to_uppercase()),
        (address("disabled"), GOOD, address("disabled").to_uppercase()),
        (address("unproven"), GOOD, address("unproven").to_uppercase()),
        (address("noformat"), GOOD, address("noformat").to_uppercase()),
        (address("argon"), WRONG, address("argon").to_uppercase()),
        (username("missing"), WRONG, username("missing").to_uppercase()),
        (username("named"), WRONG, username("named").to_uppercase()),
        (username("disnamed"), GOOD, username("disnamed").to_uppercase()),
    ];
    let (mut of_addresses, mut of_usernames) = (None::<(Vec<Seen>, Traces)>, None);
    for (number, (typed, password, respelled)) in subjects.iter().enumerate() {
        production.server.database.execute("DELETE FROM rate_limits");
        let mut seen = Vec::new();
        let within = network(number, 1);
        let traces = production.traces_of(within, async || {
            // One network may fail twenty times at an account.
            let answers = json_logins(&production, within, typed, password, 22).await;
            assert_eq!((count(&answers, 401), count(&answers, 429)), (20, 2), "{typed}");
            seen.extend(answers.iter().filter(|answer| answer.status == 429).map(|answer| Seen::of(answer, typed)));
            seen.extend(by_each_endpoint(&production, within, typed, password).await);
            // In another spelling, and with the right password.
            seen.extend(by_each_endpoint(&production, within, respelled, GOOD).await);
        });
        let traces = traces.await;
        assert!(seen.iter().all(|seen| seen.status == 429), "{typed}");
        assert!(seen.iter().all(|seen| seen.headers.contains(&"retry-after: 4320".to_owned())), "{:?}", seen[0]);
        assert_eq!(traces.audit.len(), 20, "rate limited requests have no audit rows");

        // Three networks exhaust the limit of the account.
        for other in 2..=3 {
            let most = if other == 2 { 20 } else { 10 };
            let answers = json_logins(&production, network(number, other), typed, password, most + 1).await;
            assert_eq!((count(&answers, 401), count(&answers, 429)), (most, 1), "{typed}");
        }
        let fourth = network(number, 4);
        let mut of_account = by_each_endpoint(&production, fourth, typed, password).await;
        of_account.extend(by_each_endpoint(&production, fourth, respelled, GOOD).await);
        assert!(of_account.iter().all(|seen| seen.headers.contains(&"retry-after: 1728".to_owned())), "{typed}");
        seen.extend(of_account);

        let first = if typed.contains('@') { &mut of_addresses } else { &mut of_usernames };
        match first {
            Some((first, first_traces)) => {
                assert_all_like(&seen, first, typed);
                traces.assert_like(first_traces, typed);
            }
            None => *first = Some((seen, traces)),
        }
    }
}
