//! How often something may be tried: over all instances, in every face, whoever somebody says they are.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, future::join_all, stream};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Backend, Browser, FakeClock, GOOD, Mailbox, Server, Settings, TestDatabase, server::form,
};
use Backend::{Postgres, Sqlite};

const ADA: &str = "ada@example.com";

fn limited(backend: Backend, settings: Settings) -> Server {
    let mut all = vec![("RATE_LIMITS", "on")];
    all.extend_from_slice(settings);
    Server::start_with(backend, &all)
}

fn credentials(identifier: &str, password: &str) -> Value {
    json!({"identifier": identifier, "password": password})
}

fn address(email: &str) -> Value {
    json!({"email": email, "password": GOOD})
}

async fn log_in(server: &Server, identifier: &str, password: &str) -> Answer {
    server.post_json("/login", &credentials(identifier, password)).await
}

/// By a proxy that says so; see [`behind`].
async fn log_in_from(server: &Server, network: &str, identifier: &str, password: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
    server.send("POST", "/login", &headers, credentials(identifier, password).to_string()).await
}

/// With everybody behind a trusted proxy.
fn behind(backend: Backend, settings: Settings) -> Server {
    let mut all = vec![("TRUSTED_PROXIES", "127.0.0.0/8")];
    all.extend_from_slice(settings);
    limited(backend, &all)
}

fn retry_after(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 429, "{}", answer.text());
    answer.header("retry-after").parse().expect("seconds")
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[rstest]
#[tokio::test]
async fn sign_ups_over_the_limit_are_refused_in_every_face(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[("RATE_LIMIT_SIGN_UP", "4/hour")]);
    // What breaks a rule of the form is no sign-up, nor is an easy password.
    for _ in 0..6 {
        for body in
            [json!({}), json!({"email": "x", "password": GOOD}), json!({"email": ADA, "password": "password123456"})]
        {
            assert_eq!(server.post_json("/register", &body).await.status, 400);
        }
    }
    // A taken address is one: whoever asks after many is looking for somebody.
    for status in [201, 400, 400] {
        assert_eq!(server.post_json("/register", &address(ADA)).await.status, status);
    }
    assert_eq!(server.post_json("/users", &json!({"username": "ada", "password": GOOD})).await.status, 201);

    let detail = "Too many tries. Nothing was saved. Try again in 15 minutes.";
    let known = server.post_json("/register", &address(ADA)).await;
    known.assert_json(429, &json!({"detail": detail}));
    assert!((890..=900).contains(&retry_after(&known)), "{}", retry_after(&known));
    server
        .post_json("/users", &json!({"username": "bob", "password": GOOD}))
        .await
        .assert_json(429, &json!({"detail": detail}));
    let fastapi = server.post_json("/api/v1/users/register", &address("bob@example.com")).await;
    fastapi.assert_json(429, &json!({"detail": detail}));

    let problem =
        [("content-type", "application/json"), ("accept", "application/problem+json"), ("accept-language", "de")];
    let problem = server.send("POST", "/register", &problem, address("bob@example.com").to_string()).await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert!(retry_after(&problem) > 0);
    assert_eq!(
        problem.json(),
        json!({
            "type": server.url("/docs#too_many_requests"),
            "title": "Das waren zu viele Versuche",
            "status": 429,
            "detail": "Zu viele Versuche. Es wurde nichts gespeichert. Versuchen Sie es in 15 Minuten noch einmal.",
            "code": "too_many_requests",
        })
    );

    // A person loses nothing but the password.
    let page = server.post_form(&[("full_name", "Bob"), ("email", "bob@example.com"), ("password", GOOD)]).await;
    assert!(retry_after(&page) > 0 && !page.text().contains(GOOD));
    let page = page.page(429);
    assert_eq!(
        page.text(".summary li"),
        "That was too many tries. Nothing was saved. Try again in 15 minutes. Your password is not kept, so enter it again."
    );
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("bob@example.com"));
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("Bob"));
    // Mistakes are still told, and a developer's own door is open.
    assert_eq!(server.post_json("/register", &json!({})).await.status, 400);
    let own = json!({"email": "dev@example.com", "password": "x", "full_name": "Dev"});
    assert_eq!(server.post_json("/api/v1/private/users/", &own).await.status, 200);
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 3);
}

/// Nothing is lost among many at once, and no more is hashed than is let through.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_200_wrong_logins_at_once_twenty_are_compared(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [("RATE_LIMITS", "on"), ("LOG_LEVEL", "debug"), ("HASH_QUEUE_SECONDS", "60")];
    let database = Arc::new(TestDatabase::new(backend));
    let servers = [Server::start_on(Arc::clone(&database), &settings), Server::start_on(database, &settings)];
    assert_eq!(servers[0].post_json("/register", &address(ADA)).await.status, 201);
    let started = Instant::now();
    let answers = join_all((0..200).map(|number| {
        // The same account, however it is written.
        let identifier = [ADA, "ADA@example.com", " ada@Example.COM "][number % 3];
        log_in(&servers[number % 2], identifier, "wrong-horse-battery")
    }));
    let answers = answers.await;
    let took = started.elapsed();
    assert_eq!((count(&answers, 401), count(&answers, 429)), (20, 180));
    assert!(
        answers.iter().filter(|answer| answer.status == 429).all(|answer| (1..=4320).contains(&retry_after(answer)))
    );
    let hashes: usize = servers.iter().map(|server| server.log().matches("hashed a password").count()).sum();
    println!("{backend:?}: 200 wrong logins over two instances: 20 hashes, answered in {took:?}");
    assert_eq!(hashes, 1 + 20, "with the sign-up's");
    // An account that is not there has the same limit and gets the same answer.
    let unknown = join_all((0..40).map(|number| log_in(&servers[number % 2], "nobody@example.com", GOOD))).await;
    assert_eq!((count(&unknown, 401), count(&unknown, 429)), (20, 20));
    let comparable = |answers: &[Answer]| -> BTreeSet<String> {
        let refused = answers.iter().filter(|answer| answer.status == 429);
        refused
            .map(|answer| {
                let headers = answer
                    .headers
                    .iter()
                    .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date" | "retry-after"));
                format!("{headers:?} {}", answer.text(), headers = headers.collect::<Vec<_>>())
            })
            .collect()
    };
    assert_eq!(comparable(&answers), comparable(&unknown));
    // No address stands in the table or in the log.
    let keys = servers[0].database.count("SELECT count(*) FROM rate_limits WHERE length(key) <> 16");
    assert_eq!(keys, 0);
    assert!(servers.iter().all(|server| !server.log().contains("example.com")));
}

#[rstest]
#[tokio::test]
async fn what_a_client_says_of_itself_changes_nothing(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[]);
    let random = || std::net::Ipv4Addr::from(rand::random::<u32>()).to_string();
    let mut answers = Vec::new();
    for number in 0..200 {
        let (one, two, three) = (random(), random(), format!("for={}", random()));
        let headers = [
            ("content-type", "application/json"),
            ("x-forwarded-for", one.as_str()),
            ("x-real-ip", &two),
            ("x_forwarded_for", &two),
            ("x_real_ip", &two),
            ("true-client-ip", &two),
            ("cf-connecting-ip", &two),
            ("client-ip", &two),
            ("forwarded", &three),
        ];
        let body = credentials(&format!("p{number}@example.com"), GOOD).to_string();
        answers.push(server.send("POST", "/login", &headers, body).await);
    }
    assert_eq!((count(&answers, 401), count(&answers, 429)), (100, 100));
    assert_eq!(server.database.texts("SELECT DISTINCT peer AS t FROM audit_log"), ["127.0.0.1"]);
}

#[rstest]
#[tokio::test]
async fn behind_a_trusted_proxy_the_rightmost_hop_counts(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[("TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8"), ("RATE_LIMIT_LOGIN", "2/hour")]);
    let mut number = 0;
    let mut is_let_through = async |headers: &[(&str, &str)]| {
        number += 1;
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        let body = credentials(&format!("p{number}@example.com"), GOOD).to_string();
        server.send("POST", "/login", &all, body).await.status == 401
    };
    // Whatever stands further left.
    for (hops, passes) in
        [("6.6.6.6, 198.51.100.1", true), ("7.7.7.7,198.51.100.1, 10.0.0.9", true), ("8.8.8.8, 198.51.100.1", false)]
    {
        assert_eq!(is_let_through(&[("x-forwarded-for", hops)]).await, passes, "{hops}");
    }
    // Several lines are one; the other header says the same.
    assert!(!is_let_through(&[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")]).await);
    assert!(!is_let_through(&[("forwarded", "for=6.6.6.6, for=\"198.51.100.1:4711\";proto=https")]).await);
    assert!(!is_let_through(&[("x-real-ip", "9.9.9.9"), ("x-forwarded-for", "198.51.100.1")]).await);
    assert!(!is_let_through(&[("x-forwarded-for", "::ffff:198.51.100.1")]).await);
    // An IPv6 network is one.
    for (hop, passes) in [
        ("2001:db8:1:2::1", true),
        ("2001:db8:1:2:ffff::", true),
        ("2001:db8:1:2::3", false),
        ("2001:db8:1:3::1", true),
    ] {
        assert_eq!(is_let_through(&[("x-forwarded-for", hop)]).await, passes, "{hop}");
    }
    // What cannot be read is the proxy's own, and so is what two headers do not agree about.
    for (header, passes) in [
        (("x-forwarded-for", "unknown"), true),
        (("forwarded", "for=_hidden"), true),
        (("x-forwarded-for", "6.6.6.6, x"), false),
    ] {
        assert_eq!(is_let_through(&[header]).await, passes, "{header:?}");
    }
    assert!(!is_let_through(&[("forwarded", "for=5.5.5.5"), ("x-forwarded-for", "5.5.5.6")]).await);
    let peers = server.database.texts("SELECT DISTINCT peer AS t FROM audit_log ORDER BY 1");
    assert_eq!(peers, ["127.0.0.1", "198.51.100.1", "2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:3::1"]);
}

/// Strangers who fail at an account keep nobody out who has been signed in before or has its mail.
#[rstest]
#[tokio::test]
async fn strangers_do_not_lock_the_owner_out(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = behind(backend, &[("SMTP_URL", &url)]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    mailbox.wait_for(ADA, 1).await;
    let cookie = ada.cookie("vestibule_devices").expect("a known browser");
    let set = ada.log_in(ADA, GOOD).await;
    let set = set.set_cookie("vestibule_devices");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"] {
        assert!(set.contains(attribute), "{set}");
    }
    ada.post("/logout", &[]).await;

    // One network may fail twenty times, which leaves the account open to all others.
    let mut refused = Vec::new();
    for _ in 0..100 {
        refused.push(log_in_from(&server, "198.51.100.1", ADA, "wrong-horse-battery").await);
    }
    assert_eq!((count(&refused, 401), count(&refused, 429)), (20, 80));
    assert_eq!(log_in_from(&server, "198.51.100.2", ADA, GOOD).await.status, 200);
    // Many networks together may fail fifty times.
    let mut failed = 20;
    for number in 0..100 {
        let network = format!("203.0.113.{number}");
        failed +=
            usize::from(log_in_from(&server, &network, "Ada@Example.com", "wrong-horse-battery").await.status == 401);
    }
    assert_eq!(failed, 50);
    let stranger = log_in_from(&server, "198.51.100.2", ADA, GOOD).await;
    assert!((1..=1728).contains(&retry_after(&stranger)));

    // The owner's own browser is not among them, from wherever.
    assert_eq!(Browser::location(&ada.log_in(ADA, GOOD).await), "/account");
    ada.post("/logout", &[]).await;
    // By JSON too, and not with the cookie of another account or a forged one.
    let known = |cookie: &str| format!("vestibule_devices={cookie}");
    let with = async |cookie: String| {
        let headers = [("content-type", "application/json"), ("cookie", cookie.as_str())];
        server.send("POST", "/login", &headers, credentials(ADA, GOOD).to_string()).await.status
    };
    assert_eq!(with(known(&cookie)).await, 200);
    let eve = Browser::new(&server);
    eve.sign_up("eve@example.com", GOOD).await;
    for other in [eve.cookie("vestibule_devices").expect("a known browser"), cookie.replace('A', "B") + "x"] {
        assert_eq!(with(known(&other)).await, 429);
    }
    for name in ["__%48ost-vestibule_devices", "Vestibule_devices", "__Host-vestibule_devices"] {
        assert_eq!(with(format!("{name}={cookie}")).await, 429, "{name}");
    }
    assert_eq!(with(format!("{0}; {0}", known(&cookie))).await, 429, "twice");
    // It has a limit of its own.
    let mut tries = Vec::new();
    for _ in 0..25 {
        tries.push(ada.log_in(ADA, "wrong-horse-battery").await);
    }
    assert_eq!((count(&tries, 403), count(&tries, 429)), (20, 5));

    // And whoever has the mail is let in whatever others do.
    let other = Browser::new(&server);
    assert_eq!(other.post("/forgot-password", &[("email", ADA)]).await.status, 200);
    let token = mailbox.newest(ADA, 2).await.token();
    let fields = [("token", token.as_str()), ("password", "another-horse-battery")];
    assert_eq!(other.post("/reset-password", &fields).await.status, 200);
    assert_eq!(Browser::location(&other.log_in(ADA, "another-horse-battery").await), "/account");
    // A new password makes strangers of all others.
    assert_eq!(with(known(&cookie)).await, 429);
}

/// Known browsers stay known, whoever signs in and however often the password changes there.
#[rstest]
#[tokio::test]
async fn the_cookie_of_a_known_browser_goes_with_the_password(#[values(Sqlite, Postgres)] backend: Backend) {
    let server =
        limited(backend, &[("PUBLIC_URL", "https://accounts.example.com"), ("RATE_LIMIT_LOGIN_ACCOUNT", "1/day")]);
    let ada = Browser::new(&server);
    let origin = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
    ];
    let answer = server.send("POST", "/register", &origin, form(&[("email", ADA), ("password", GOOD)])).await;
    let set = answer.set_cookie("__Host-vestibule_devices").to_owned();
    assert!(set.contains("Secure") && set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    assert!(!set.contains("ada") && ada.cookie("vestibule_devices").is_none());
    // Where nothing is counted, nothing is remembered.
    let off = Server::start(backend);
    let eve = Browser::new(&off);
    eve.sign_up("eve@example.com", GOOD).await;
    assert_eq!(eve.cookie("vestibule_devices"), None);
    assert_eq!(off.database.count("SELECT count(*) FROM rate_limits"), 0);

    let server = limited(backend, &[("RATE_LIMIT_LOGIN_ACCOUNT", "1/day"), ("RATE_LIMIT_LOGIN_DEVICE", "5/day")]);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let fields = [("current_password", GOOD), ("password", "another-horse-battery")];
    assert_eq!(ada.post("/account/password", &fields).await.status, 303);
    ada.post("/logout", &[]).await;
    assert_eq!(log_in(&server, ADA, "wrong").await.status, 401);
    assert_eq!(log_in(&server, ADA, "another-horse-battery").await.status, 429);
    assert_eq!(Browser::location(&ada.log_in(ADA, "another-horse-battery").await), "/account");
}

#[rstest]
#[tokio::test]
async fn who_is_right_is_never_counted(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[("RATE_LIMIT_LOGIN_PAIR", "3/hour"), ("RATE_LIMIT_CURRENT_PASSWORD", "2/hour")]);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    for _ in 0..20 {
        assert_eq!(log_in(&server, ADA, GOOD).await.status, 200);
    }
    let token = server.token(ADA, GOOD).await;
    let change = async |current: &str| {
        let body = json!({"password": "another-horse-battery", "current_password": current});
        server.as_program(&token, "PATCH", "/api/v1/users/me", &body).await
    };
    for _ in 0..2 {
        assert_eq!(log_in(&server, ADA, "wrong").await.status, 401);
        assert_eq!(change("wrong").await.status, 422);
    }
    assert!((1..=1800).contains(&retry_after(&change(GOOD).await)));
    assert_eq!(log_in(&server, ADA, GOOD).await.status, 200);
    assert_eq!(log_in(&server, ADA, "wrong").await.status, 401);
    assert_eq!(log_in(&server, ADA, GOOD).await.status, 429);
    // What is missing is no try.
    assert_eq!(log_in(&server, ADA, "").await.status, 400);
    // The page of the account comes back with its form.
    let own = limited(backend, &[("RATE_LIMIT_CURRENT_PASSWORD", "1/hour")]);
    let ada = Browser::new(&own);
    ada.sign_up(ADA, GOOD).await;
    let wrong = [("current_password", "wrong"), ("password", "another-horse-battery"), ("confirm", "on")];
    assert_eq!(ada.post("/account/password", &wrong).await.status, 400);
    for path in ["/account/password", "/account/delete"] {
        let answer = ada.post(path, &wrong).await;
        assert!(retry_after(&answer) > 3500);
        assert!(answer.page(429).text(".summary li").starts_with("That was too many tries."));
    }
}

#[rstest]
#[tokio::test]
async fn mails_and_proofs_are_counted_alike_for_known_and_unknown(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("RATE_LIMIT_FORGOT_PASSWORD", "12/hour"),
        ("RATE_LIMIT_FORGOT_PASSWORD_PAIR", "3/hour"),
        ("RATE_LIMIT_RESEND_ACCOUNT", "2/hour"),
        ("RATE_LIMIT_VERIFY", "3/hour"),
    ];
    let server = behind(backend, &settings);
    assert_eq!(server.post_json("/register", &address(ADA)).await.status, 201);
    let ask = async |path: &str, email: &str, network: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", network)];
        server.send("POST", path, &headers, json!({"email": email}).to_string()).await
    };
    let statuses = async |path: &str, email: &str, network: &str, times: usize| {
        let mut statuses = Vec::new();
        for _ in 0..times {
            statuses.push(ask(path, email, network).await.status);
        }
        statuses
    };
    for email in [ADA, "nobody@example.com"] {
        assert_eq!(statuses("/forgot-password", email, "198.51.100.1", 4).await, [202, 202, 202, 429], "{email}");
        assert_eq!(statuses("/forgot-password", email, "198.51.100.2", 1).await, [202], "another network");
        assert_eq!(statuses("/verify-email/resend", email, "198.51.100.1", 3).await, [202, 202, 429], "{email}");
        assert_eq!(statuses("/verify-email/resend", email, "198.51.100.2", 1).await, [429], "the same account");
    }
    // What is no address is none of it.
    assert_eq!(statuses("/forgot-password", "nobody", "198.51.100.1", 3).await, [400, 400, 400]);
    let others = (0..8).map(|number| format!("p{number}@example.com"));
    let mut left = 0;
    for email in others {
        left += usize::from(ask("/forgot-password", &email, "198.51.100.1").await.status == 202);
    }
    assert_eq!(left, 6, "of the network's twelve");

    // Links and codes.
    let tried = async |path: &str, body: Value| server.post_json(path, &body).await.status;
    let token = "A".repeat(43);
    for _ in 0..3 {
        assert_eq!(tried("/reset-password", json!({"password": GOOD})).await, 400, "nothing was tried");
        assert_eq!(tried("/verify-email", json!({"code": "12"})).await, 400, "nor here");
    }
    assert_eq!(tried("/reset-password", json!({"token": token, "password": "another-horse-battery"})).await, 400);
    assert_eq!(tried("/verify-email", json!({"token": token})).await, 400);
    let code = json!({"code": "123456", "identifier": ADA, "password": GOOD});
    assert_eq!(tried("/verify-email", code.clone()).await, 400);
    for body in [code, json!({"token": token})] {
        assert_eq!(tried("/verify-email", body).await, 429);
    }
    assert_eq!(tried("/reset-password", json!({"token": token, "password": GOOD})).await, 429);
}

/// Forms come back filled in, wherever a form of that kind is.
#[rstest]
#[tokio::test]
async fn every_form_comes_back(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("RATE_LIMIT_LOGIN", "1/hour"),
        ("RATE_LIMIT_FORGOT_PASSWORD", "1/hour"),
        ("RATE_LIMIT_RESEND", "1/hour"),
        ("RATE_LIMIT_VERIFY", "1/hour"),
    ];
    let server = limited(backend, &settings);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let token = mailbox.newest(ADA, 1).await.token();
    let stranger = Browser::new(&server);
    assert_eq!(stranger.log_in(ADA, "wrong").await.status, 403);
    let page = stranger.log_in(ADA, "wrong").await.page(429);
    assert_eq!(page.attribute("input[name=identifier]", "value").as_deref(), Some(ADA));
    assert!(page.text(".summary li").ends_with("enter it again."));

    for (path, title) in
        [("/forgot-password", "Forgot your password?"), ("/verify-email/resend", "Have the email sent again")]
    {
        assert_eq!(stranger.post(path, &[("email", "bob@example.com")]).await.status, 200);
        let page = stranger.post(path, &[("email", "bob@example.com")]).await.page(429);
        assert_eq!(page.text("h1"), title);
        assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("bob@example.com"));
        assert!(page.text(".summary li").ends_with("minutes."), "it has no password");
    }
    assert_eq!(ada.post("/verify-email", &[("code", "123456")]).await.status, 400);
    let page = ada.post("/verify-email", &[("code", "123456")]).await.page(429);
    assert!(page.has("input[name=code]") && page.text(".summary li").ends_with("minutes."));
    assert!(ada.post("/verify-email/resend", &[]).await.page(429).has("input[name=code]"));
    let page = stranger.post("/verify-email", &[("token", &token), ("password", "wrong")]).await.page(429);
    assert_eq!(page.attribute("input[name=token]", "value").as_deref(), Some(token.as_str()));
    assert!(page.has("input[type=password]") && page.text(".summary li").ends_with("enter it again."));
    // A link that is none of ours has no form to come back to.
    assert!(!stranger.post("/verify-email", &[("token", &"A".repeat(43))]).await.page(429).has("input[name=token]"));
}

/// What `Retry-After` says is true, and a clock that is set does not freeze anybody.
#[rstest]
#[tokio::test]
async fn the_time_to_wait_is_right_whatever_the_clock_does(#[values(Sqlite, Postgres)] backend: Backend) {
    const DAY: i64 = 24 * 3600;
    let clock = FakeClock::new();
    let settings = [
        ("RATE_LIMITS", "on"),
        ("RATE_LIMIT_LOGIN_PAIR", "2/10minutes"),
        ("RATE_LIMIT_LOGIN_ACCOUNT", "off"),
        ("RATE_LIMIT_LOGIN", "off"),
        ("RATE_LIMIT_LOGIN_TOTAL", "off"),
    ];
    let server = Server::start_with(backend, &clock.with(&settings));
    let try_at = async |seconds: i64| {
        clock.set(seconds);
        log_in(&server, ADA, GOOD).await
    };
    for _ in 0..2 {
        assert_eq!(try_at(0).await.status, 401);
    }
    let wait = i64::try_from(retry_after(&try_at(0).await)).expect("seconds");
    assert!((295..=300).contains(&wait), "{wait}");
    assert_eq!(try_at(wait - 10).await.status, 429);
    assert_eq!(try_at(wait + 1).await.status, 401);
    assert_eq!(try_at(wait + 1).await.status, 429);
    // Set back from somewhere, by an hour, over a year, from past 2038: it is as if everything was used up just now, and no
    // worse.
    for (number, (from, to)) in
        [(0, -3600), (3600, 0), (400 * DAY, 0), (15 * 365 * DAY, 0), (0, -400 * DAY)].into_iter().enumerate()
    {
        let identifier = format!("p{number}@example.com");
        let try_at = async |seconds: i64| {
            clock.set(seconds);
            log_in(&server, &identifier, GOOD).await
        };
        let mut tries = 0;
        while try_at(from).await.status == 401 {
            tries += 1;
        }
        assert_eq!(tries, 2, "from {from}");
        assert!(retry_after(&try_at(to).await) <= 300, "from {from} to {to}");
        let mut waited = 0;
        while try_at(to + waited).await.status == 429 {
            waited += 20;
        }
        println!("{backend:?}: from {from} to {to} s, let in again after {waited} s of 600");
        assert!(waited <= 660, "from {from} to {to}: {waited} s");
    }
}

/// Each of very many networks has its own counter; the program remembers few of them, and the table none that is over.
#[tokio::test(flavor = "multi_thread")]
async fn very_many_networks_take_little_room() {
    let networks: usize = if crate::support::is_full() { 100_000 } else { 3_000 };
    let mailbox = Mailbox::closed();
    let url = mailbox.url();
    // Two requests each: one that is let through, and one that is remembered as refused.
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("RATE_LIMIT_FORGOT_PASSWORD", "1/second"),
        ("RATE_LIMIT_FORGOT_PASSWORD_PAIR", "off"),
        ("RATE_LIMIT_FORGOT_PASSWORD_ACCOUNT", "off"),
        ("RATE_LIMIT_FORGOT_PASSWORD_TOTAL", "off"),
        ("LOG_LEVEL", "warn"),
    ];
    let server = behind(Sqlite, &settings);
    let resident = || server.resident_kib() / 1024;
    let ask = async |number: usize| {
        let network = format!("2001:db8:{:x}:{:x}::1", number >> 16, number & 0xffff);
        let headers = [("content-type", "application/json"), ("x-forwarded-for", network.as_str())];
        let body = json!({"email": format!("p{number}@example.com")}).to_string();
        let first = server.send("POST", "/forgot-password", &headers, body.clone()).await.status;
        (first, server.send("POST", "/forgot-password", &headers, body).await.status)
    };
    ask(0).await;
    let (before, started) = (resident(), Instant::now());
    let answers: Vec<(u16, u16)> = stream::iter(1..=networks).map(ask).buffer_unordered(16).collect().await;
    let refused = answers.iter().filter(|(_, second)| *second == 429).count();
    println!(
        "{networks} networks in {:?}: {before} MiB before, {} MiB after, {refused} refused, {} rows",
        started.elapsed(),
        resident(),
        server.database.count("SELECT count(*) FROM rate_limits")
    );
    assert!(answers.iter().all(|(first, second)| *first == 202 && matches!(second, 202 | 429)));
    assert!(refused > networks / 2);
    assert!(resident() - before < 200);
}

/// What a flood of refused logins costs: no hash and no write. docs/limits.md quotes its figures.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refused_logins_is_answered_at_once(#[values(Sqlite, Postgres)] backend: Backend) {
    const FLOOD: usize = 3000;
    let server = limited(backend, &[("LOG_LEVEL", "debug")]);
    for _ in 0..21 {
        log_in(&server, ADA, "wrong").await;
    }
    let before = server.log().matches("hashed a password").count();
    let started = Instant::now();
    let answers: Vec<u16> = stream::iter(0..FLOOD)
        .map(|_| async { log_in(&server, ADA, "wrong").await.status })
        .buffer_unordered(16)
        .collect()
        .await;
    let took = started.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let rate = FLOOD as f64 / took.as_secs_f64();
    println!("{backend:?}: {FLOOD} refused logins in {took:?}, {rate:.0}/s in a debug build");
    assert!(answers.iter().all(|status| *status == 429));
    assert_eq!(server.log().matches("hashed a password").count(), before);
    let asked = server.log().matches("over the limit").count();
    assert!(asked < 10, "{asked} went to the database");
    // Others are served meanwhile and after.
    assert_eq!(log_in(&server, "bob@example.com", "wrong").await.status, 401);
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[test]
fn a_wrong_rule_is_refused_by_its_name() {
    for (name, value) in [
        ("RATE_LIMITS", "yes"),
        ("RATE_LIMIT_SIGN_UP", "100"),
        ("RATE_LIMIT_LOGIN_PAIR", "0/hour"),
        ("RATE_LIMIT_VERIFY_TOTAL", "5/week"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "proxy.example"),
    ] {
        let output = crate::support::server::command("sqlite://x", &[(name, value)]).output().expect("vestibule");
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.starts_with(&format!("vestibule: {name}: use ")) && error.lines().count() == 1, "{error}");
    }
}
