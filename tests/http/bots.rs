//! Bot checks of the sign-up form: docs/bots.md.

use std::sync::Arc;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, Backend, Browser, FakeClock, GOOD, Mailbox, Server, Settings, TestDatabase, eventually,
    proof::Proof,
    server::{BROWSER, Page},
};
use Backend::{Postgres, Sqlite};

/// Normal load up to three sign-ups, and a proof of work that a test finds quickly.
const TIGHT: Settings = &[("RATE_LIMITS", "on"), ("BOT_CHECK_NETWORK", "3/10minutes"), ("BOT_CHECK_WORK", "2000")];

/// Age in seconds of a form that a person filled in.
const TYPED: i64 = 5;

fn with(more: Settings<'_>) -> Vec<(&str, &str)> {
    TIGHT.iter().chain(more).copied().collect()
}

async fn post_plain(server: &Server, email: &str) -> Answer {
    server.post_form(&[("email", email), ("password", GOOD)]).await
}

async fn post_with_proof(server: &Server, email: &str, challenge: &str, answer: &str) -> Answer {
    let fields = [("email", email), ("password", GOOD), ("proof", challenge), ("proof_answer", answer)];
    server.post_form(&fields).await
}

/// Signs up this many accounts without a challenge.
async fn raise_load(server: &Server, number: usize) {
    for i in 0..number {
        let answer = post_plain(server, &format!("crowd{i}@example.com")).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/welcome"), "{i}");
    }
}

#[track_caller]
fn assert_challenged(answer: &Answer, why: &str) -> Page {
    let page = answer.page(429);
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    // At most four times the normal load is counted.
    assert!((1..=2400).contains(&wait), "{wait}");
    assert!(page.text(".summary li").starts_with(why), "{}", page.text(".summary li"));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    page
}

#[rstest]
#[tokio::test]
async fn suspicious_forms_are_accepted_under_normal_load(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("RATE_LIMITS", "on")]);
    let page = server.get("/register").await;
    assert_eq!((page.header("cache-control"), page.header("set-cookie")), ("private, no-cache", ""));
    let page = page.page(200);
    let timestamp = page.attribute("input[name=stamp]", "value").expect("a timestamp");
    assert!(!page.has(".proof"));
    assert!(!page.has("script[src*=proof]"));
    assert_eq!(page.attribute("input[name=topic]", "tabindex").as_deref(), Some("-1"));
    assert_eq!(page.attribute("input[name=topic]", "autocomplete").as_deref(), Some("off"));
    assert!(page.has("div[aria-hidden=true].visually-hidden > input[name=topic][aria-hidden=true]"));

    // Programs without the page, and forms filled in at once; a timestamp may be reused.
    assert_eq!(post_plain(&server, "curl@example.com").await.status, 303);
    let forged = timestamp.replacen('.', "0.", 1);
    for (i, timestamp) in
        [timestamp.as_str(), &timestamp, &forged, "", "x", "1.AAAAAAAAAAAAAAAAAAAAAA"].into_iter().enumerate()
    {
        let email = format!("ada{i}@example.com");
        let fields = [("email", email.as_str()), ("password", GOOD), ("stamp", timestamp), ("topic", "")];
        let answer = server.post_form(&fields).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/welcome"), "{timestamp}");
    }
}

#[rstest]
#[tokio::test]
async fn sixty_sign_ups_from_one_address_are_normal_load(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(&[("RATE_LIMITS", "on")]));
    let timestamp =
        server.get("/register").await.page(200).attribute("input[name=stamp]", "value").expect("a timestamp");
    clock.stand_still(TYPED);
    for i in 0..60 {
        let email = format!("pupil{i}@school.example.com");
        let fields = [("email", email.as_str()), ("password", GOOD), ("stamp", &timestamp), ("topic", "")];
        assert_eq!(server.post_form(&fields).await.status, 303, "{i}");
    }
}

#[rstest]
#[tokio::test]
async fn a_filled_honeypot_is_challenged_and_a_proof_is_accepted(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, TIGHT);
    let with_honeypot =
        [("email", "bot@example.com"), ("password", GOOD), ("topic", "Cheap pills"), ("full_name", "Bo Bot")];
    let answer = server.post_form(&with_honeypot).await;
    // Waiting does not help.
    assert_eq!(answer.header("retry-after"), "");
    let page = answer.page(403);
    assert_eq!(page.attribute("#register-full-name", "value").as_deref(), Some("Bo Bot"));
    assert_eq!(page.attribute("#register-email", "value").as_deref(), Some("bot@example.com"));
    assert_eq!(page.attribute("#register-password", "value"), None);
    assert!(!answer.text().contains("Cheap pills"));
    assert!(!answer.text().contains(GOOD));
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);

    let proof = Proof::solve(&page);
    let mut fields = with_honeypot.to_vec();
    fields.extend([("proof", proof.challenge.as_str()), ("proof_answer", proof.answer.as_str())]);
    assert_eq!(server.post_form(&fields).await.status, 303);
    let log = server.log_with("sign-up challenged").await;
    assert!(!log.contains("bot@example.com"), "{log}");
    assert!(!log.contains(&proof.challenge), "{log}");
}

#[rstest]
#[tokio::test]
async fn under_load_a_proof_is_accepted_once_and_for_its_address(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(TIGHT));
    // Suspicious sign-ups are challenged above half of the normal load.
    raise_load(&server, 1).await;
    assert_challenged(&post_plain(&server, "late@example.com").await, "We need one more check");
    let timestamp =
        server.get("/register").await.page(200).attribute("input[name=stamp]", "value").expect("a timestamp");
    clock.stand_still(TYPED);
    for i in 0..2 {
        let email = format!("person{i}@example.com");
        let fields = [("email", email.as_str()), ("password", GOOD), ("stamp", &timestamp)];
        assert_eq!(server.post_form(&fields).await.status, 303, "{i}");
    }
    let fields = [("email", "ada@example.com"), ("password", GOOD), ("stamp", timestamp.as_str())];
    let page = assert_challenged(&server.post_form(&fields).await, "We need one more check");
    assert!(page.has("script[src*=proof]"));
    assert!(page.text(".proof .notice").contains("JavaScript"));
    let proof = Proof::solve(&page);

    // Field errors come first, with the challenge again.
    let weak = [
        ("email", "ada@example.com"),
        ("password", "short"),
        ("proof", &proof.challenge),
        ("proof_answer", &proof.answer),
    ];
    let again = server.post_form(&weak).await.page(400);
    assert!(again.has("#register-password-error"));
    assert!(again.has(".proof"));

    let checks = [
        ("ada@example.com", proof.challenge.as_str(), proof.wrong(), "The check did not come out right"),
        ("ada@example.com", &proof.challenge, "x".to_owned(), "The check did not come out right"),
        ("eve@example.com", &proof.challenge, proof.answer.clone(), "The check was too old"),
        ("ada@example.com", "1.2.3.4", proof.answer.clone(), "The check was too old"),
        ("ada@example.com", &proof.challenge, String::new(), "Your browser did not do the check"),
    ];
    for (email, challenge, answer, why) in checks {
        let refused = post_with_proof(&server, email, challenge, &answer).await;
        assert_ne!(Proof::solve(&assert_challenged(&refused, why)).challenge, proof.challenge, "a new challenge");
    }
    let before = server.database.count("SELECT count(*) FROM users");
    assert_eq!(post_with_proof(&server, "Ada@Example.com", &proof.challenge, &proof.answer).await.status, 303);
    server.database.execute("DELETE FROM users WHERE email = 'ada@example.com'");
    assert_challenged(
        &post_with_proof(&server, "ada@example.com", &proof.challenge, &proof.answer).await,
        "The check was too old",
    );
    assert_eq!(server.database.count("SELECT count(*) FROM users"), before, "a proof is accepted once");

    // Programs have rate limits only.
    for path in ["/register", "/api/v1/users/register"] {
        let email = format!("program{}@example.com", path.len());
        assert_eq!(server.post_json(path, &json!({"email": email, "password": GOOD})).await.status, 201);
    }
}

#[rstest]
#[tokio::test]
async fn proof_of_work_grows_with_load_up_to_a_maximum(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [("RATE_LIMITS", "on"), ("BOT_CHECK_NETWORK", "2/10minutes"), ("BOT_CHECK_WORK", "1000")];
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(&settings));
    let timestamp =
        server.get("/register").await.page(200).attribute("input[name=stamp]", "value").expect("a timestamp");
    clock.stand_still(TYPED);
    let mut work = Vec::new();
    for i in 0..12 {
        let email = format!("bot{i}@example.com");
        let fields = [("email", email.as_str()), ("password", GOOD), ("stamp", timestamp.as_str())];
        let answer = server.post_form(&fields).await;
        if answer.status == 429 {
            let proof = Proof::solve(&answer.page(429));
            work.push(proof.most);
            assert_eq!(post_with_proof(&server, &email, &proof.challenge, &proof.answer).await.status, 303);
        }
    }
    assert_eq!(work.len(), 10, "two were under normal load");
    assert!(work.is_sorted(), "{work:?}");
    assert_eq!(work[0], 1500, "{work:?}");
    assert_eq!(work.last(), Some(&4000), "{work:?}");
}

#[rstest]
#[tokio::test]
async fn instances_share_load_and_used_challenges(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let one = Server::start_on(Arc::clone(&database), TIGHT);
    let two = Server::start_on(database, TIGHT);
    raise_load(&one, 1).await;
    let proof = Proof::solve(&assert_challenged(&post_plain(&two, "ada@example.com").await, "We need one more check"));
    // Twenty at once, over both instances.
    let posts = (0..20).map(|i| {
        let server = if i % 2 == 0 { &one } else { &two };
        post_with_proof(server, "ada@example.com", &proof.challenge, &proof.answer)
    });
    let answers = join_all(posts).await;
    let accepted = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(accepted, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| matches!(answer.status, 303 | 429)));
}

#[rstest]
#[tokio::test]
async fn challenges_and_form_timestamps_expire(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = FakeClock::new();
    clock.stand_still(0);
    let server = Server::start_with(backend, &clock.with(TIGHT));
    let timestamp =
        server.get("/register").await.page(200).attribute("input[name=stamp]", "value").expect("a timestamp");
    raise_load(&server, 1).await;
    let proof =
        Proof::solve(&assert_challenged(&post_plain(&server, "ada@example.com").await, "We need one more check"));
    clock.set(11 * 60);
    // The load is normal again by then, so a filled honeypot causes the challenge.
    let with_honeypot = [
        ("email", "ada@example.com"),
        ("password", GOOD),
        ("topic", "x"),
        ("proof", proof.challenge.as_str()),
        ("proof_answer", proof.answer.as_str()),
    ];
    let page = server.post_form(&with_honeypot).await.page(403);
    assert!(page.text(".summary li").starts_with("The check was too old"));

    // A page left open overnight is normal; one of two days ago is suspicious, which alone causes no challenge.
    for (hours, email) in [(20, "night@example.com"), (50, "days@example.com")] {
        clock.set(hours * 3600);
        let fields = [("email", email), ("password", GOOD), ("stamp", timestamp.as_str())];
        assert_eq!(server.post_form(&fields).await.status, 303, "{hours}");
    }
}

#[rstest]
#[tokio::test]
async fn without_javascript_a_challenged_sign_up_is_verified_by_mail(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("off", "on")] conceals: &str,
) {
    let mailbox = Mailbox::open();
    let server = Server::mailing(backend, &mailbox, &with(&[("CONCEAL_ACCOUNTS", conceals)]));
    for i in 0..3 {
        let fields = [("email", format!("crowd{i}@example.com")), ("password", GOOD.to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let _ = server.post_form(&fields).await;
    }
    let browser = Browser::new(&server);
    let answer = browser.post("/register", &[("email", "ada@example.com"), ("password", GOOD)]).await;
    let page = assert_challenged(&answer, "We need one more check");
    assert!(page.text(".proof .notice").contains("email you a code"));
    let proof = Proof::solve(&page);
    // A field error does not waive the proof.
    let weak = [
        ("email", "ada@example.com"),
        ("password", "short"),
        ("proof", &proof.challenge),
        ("proof_answer", &proof.answer),
    ];
    let again = browser.post("/register", &weak).await.page(400);
    assert_ne!(Proof::solve(&again).challenge, proof.challenge);
    let fields = [("email", "ada@example.com"), ("password", GOOD), ("proof", &proof.challenge), ("proof_answer", "")];
    let answer = browser.post("/register", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/welcome"), "{}", answer.text());
    assert_eq!(answer.set_cookie("vestibule_session"), "", "no session starts");
    assert!(browser.get("/welcome").await.page(200).has("input[name=code]"));

    // No login is possible yet, and the challenge is used.
    let body = json!({"identifier": "ada@example.com", "password": GOOD});
    assert_eq!(server.post_json("/login", &body).await.status, 401);
    assert_challenged(&browser.post("/register", &fields).await, "The check was too old");

    let mail = mailbox.wait_for("ada@example.com", 1).await;
    let code = mail.last().expect("a mail").code();
    assert_eq!(browser.post("/verify-email", &[("code", code.as_str())]).await.status, 200);
    assert_eq!(server.post_json("/login", &body).await.status, 200);
    assert_eq!(server.database.count("SELECT count(*) FROM users WHERE must_prove"), 0);
}

#[rstest]
#[tokio::test]
async fn only_challenged_accounts_that_stay_unverified_are_deleted(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let clock = FakeClock::new();
    let url = mailbox.url();
    let mail = [("SMTP_URL", url.as_str())];
    let settings = clock.with(&with(&mail));
    let database = Arc::new(TestDatabase::new(backend));
    let server = Server::start_on(Arc::clone(&database), &settings);
    raise_load(&server, 1).await;
    let proof =
        Proof::solve(&assert_challenged(&post_plain(&server, "ada@example.com").await, "We need one more check"));
    assert_eq!(post_with_proof(&server, "ada@example.com", &proof.challenge, "").await.status, 303);
    assert_eq!(database.count("SELECT count(*) FROM users WHERE must_prove AND NOT is_verified"), 1);
    // A second sign-up for the address is a claim, as where every address must be verified.
    let other =
        Proof::solve(&assert_challenged(&post_plain(&server, "ada@example.com").await, "We need one more check"));
    assert_eq!(post_with_proof(&server, "ada@example.com", &other.challenge, "").await.status, 303);
    assert_eq!(database.count("SELECT count(*) FROM claims"), 1);
    // Maintenance skips a row that the mail worker has locked.
    server.mails_are_settled().await;
    drop(server);

    clock.set(8 * 86_400);
    let server = Server::start_on(Arc::clone(&database), &settings);
    eventually("the account is deleted", async || {
        (database.count("SELECT count(*) FROM users WHERE must_prove") == 0).then_some(())
    })
    .await;
    assert_eq!(database.texts("SELECT email AS t FROM users"), ["crowd0@example.com"]);
    drop(server);
}

#[rstest]
#[tokio::test]
async fn disabled_bot_checks_accept_every_form(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("BOT_CHECKS", "RATE_LIMITS")] switch: &str,
) {
    let settings: Vec<_> = TIGHT.iter().filter(|(name, _)| *name != switch).copied().chain([(switch, "off")]).collect();
    let server = Server::start_with(backend, &settings);
    let page = server.send("GET", "/register", &[("accept", BROWSER)], "").await.page(200);
    assert!(!page.has("input[name=stamp]"));
    assert!(!page.has("input[name=topic]"));
    raise_load(&server, 6).await;
    let with_honeypot = [("email", "bot@example.com"), ("password", GOOD), ("topic", "x")];
    assert_eq!(server.post_form(&with_honeypot).await.status, 303);
}
