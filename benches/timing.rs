//! Whether the time of an answer tells who has an account.
//!
//! `cargo bench --bench timing` starts the release program and sends pairs of requests in turn, one about an account there
//! is and one about none, and compares the two sets of times: by their medians, and by how often one of the first set is
//! above one of the second (Mann-Whitney's AUC, 0.5 where nothing can be told). docs/security.md keeps the figures. It takes
//! about six minutes and wants a quiet machine; words after `--` choose those whose name holds one of them.

#[path = "../tests/support/eventually.rs"]
mod eventually;
#[path = "../tests/support/mailbox.rs"]
#[expect(dead_code, reason = "it is the tests'")]
mod mailbox;
#[path = "../tests/support/port.rs"]
mod port;
#[expect(dead_code, reason = "the others use the rest")]
mod support;

use std::{
    cmp::Ordering,
    thread,
    time::{Duration, Instant},
};

use eventually::eventually;
use mailbox::{Behaviour, Mailbox};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use support::Service;

/// Of these the first are left out.
const PAIRS: usize = 200;
const WARM_UP: usize = 20;
/// So that what one request leaves behind is done when the next one comes.
const PAUSE: Duration = Duration::from_millis(30);
const COST: &str = "10";
const GOOD: &str = "correct-horse-battery";
/// What a difference must stay within.
const AUC: std::ops::RangeInclusive<f64> = 0.43..=0.57;

struct Visitor {
    client: Client,
    origin: String,
}

impl Visitor {
    fn new(service: &Service) -> Self {
        Self { client: Client::new(), origin: format!("http://{}", service.address) }
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Duration) {
        let started = Instant::now();
        let answer = self.client.post(format!("{}{path}", self.origin)).json(body).send().expect("an answer");
        let status = answer.status().as_u16();
        answer.bytes().expect("a body");
        (status, started.elapsed())
    }

    fn sign_up(&self, email: &str) {
        let (status, _) = self.post("/register", &json!({"email": email, "password": GOOD}));
        assert!(matches!(status, 201 | 202), "{status}");
    }

    /// Prints a line of the table; both answers have the status, or it is no comparison.
    fn compare(&self, name: &str, path: &str, expected: u16, bodies: [&dyn Fn(usize) -> Value; 2]) {
        let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
        if !wanted.is_empty() && !wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            return;
        }
        let mut times: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        for pair in 0..PAIRS {
            // Neither is always the first.
            for place in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
                let (status, took) = self.post(path, &bodies[place](pair));
                assert_eq!(status, expected, "{name}");
                if pair >= WARM_UP {
                    times[place].push(took.as_secs_f64() * 1e3);
                }
                thread::sleep(PAUSE);
            }
        }
        let medians = times.each_ref().map(|times| median(times));
        let auc = auc(&times[0], &times[1]);
        let difference = (medians[0] - medians[1]).abs();
        let is_equal = AUC.contains(&auc) && difference <= (medians[1] * 0.05).max(10.0);
        println!(
            "{name:<58} {:>7.2} {:>7.2} {auc:>6.3} {}",
            medians[0],
            medians[1],
            if is_equal { "equal" } else { "DIFFERENT" }
        );
    }
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn auc(first: &[f64], second: &[f64]) -> f64 {
    let above = |a: &f64, b: &f64| match a.total_cmp(b) {
        Ordering::Greater => 1.0,
        Ordering::Equal => 0.5,
        Ordering::Less => 0.0,
    };
    let above: f64 = first.iter().flat_map(|a| second.iter().map(move |b| above(a, b))).sum();
    above / (first.len() * second.len()) as f64
}

fn main() {
    println!("{:<58} {:>7} {:>7} {:>6}", "", "known", "unknown", "AUC");
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    with(&[("SMTP_URL", &url), ("REQUIRE_VERIFIED_EMAIL", "on")], |visitor, folder| {
        for email in ["known@example.com", "unproven@example.com", "closed@example.com", "cheap@example.com"] {
            visitor.sign_up(email);
        }
        let cheap = bcrypt::non_truncating_hash_with_result(GOOD, 4).expect("a hash");
        set(
            folder,
            &format!(
                "UPDATE users SET is_verified = TRUE WHERE email <> 'unproven@example.com'; \
                 UPDATE users SET is_active = FALSE WHERE email = 'closed@example.com'; \
                 UPDATE users SET password_hash = '{cheap}' WHERE email = 'cheap@example.com'"
            ),
        );
        let long = "x".repeat(5000);
        for (name, email, password) in [
            ("login: wrong password", "known@example.com", "wrong-horse-battery"),
            ("login: not proven, right password", "unproven@example.com", GOOD),
            ("login: closed, right password", "closed@example.com", GOOD),
            ("login: a cheaper hash, wrong password", "cheap@example.com", "wrong-horse-battery"),
            ("login: 5,000 characters", "known@example.com", &long),
            ("login: with U+0000", "known@example.com", "a\0b"),
        ] {
            let of = |email: &str| json!({"identifier": email, "password": password});
            visitor.compare(name, "/login", 401, [&|_| of(email), &|_| of("nobody@example.com")]);
        }
        let of = |email: &str| json!({"email": email});
        let both: [&dyn Fn(usize) -> Value; 2] = [&|_| of("known@example.com"), &|_| of("fresh@example.com")];
        visitor.compare("forgotten password", "/forgot-password", 202, both);
        visitor.compare(
            "forgotten password, another address each time",
            "/forgot-password",
            202,
            [&|_| of("known@example.com"), &|number| of(&format!("f{number}@example.com"))],
        );
        visitor.compare("the mail again", "/verify-email/resend", 202, [&|_| of("unproven@example.com"), both[1]]);
        mailbox.behave(Behaviour { delay: Duration::from_secs(5), ..Behaviour::default() });
        visitor.compare("forgotten password, a mail server that takes 5 s", "/forgot-password", 202, both);
        mailbox.behave(Behaviour { hangs_up: true, ..Behaviour::default() });
        visitor.compare("forgotten password, no mail server", "/forgot-password", 202, both);
    });
    for (proof, name) in [("off", "sign-up, concealed"), ("on", "sign-up, concealed, REQUIRE_VERIFIED_EMAIL")] {
        mailbox.behave(Behaviour::default());
        let settings = [("SMTP_URL", url.as_str()), ("CONCEAL_ACCOUNTS", "on"), ("REQUIRE_VERIFIED_EMAIL", proof)];
        with(&settings, |visitor, folder| {
            visitor.sign_up("known@example.com");
            visitor.sign_up("proven@example.com");
            set(folder, "UPDATE users SET is_verified = TRUE WHERE email = 'proven@example.com'");
            let of = |email: &str| json!({"email": email, "password": GOOD});
            for known in ["known@example.com", "proven@example.com"] {
                let name = format!("{name}, {}", known.trim_end_matches("@example.com").replace("known", "not proven"));
                visitor.compare(
                    &name,
                    "/register",
                    202,
                    [&|_| of(known), &|number| of(&format!("{}{number:03}@example.com", &known[..2]))],
                );
            }
        });
    }
}

fn set(folder: &std::path::Path, sql: &str) {
    let url = format!("sqlite://{}/vestibule.db", folder.display());
    let url = vestibule::store::DatabaseUrl::parse(&url).expect("a URL");
    let mut database = vestibule::store::connect(&url).expect("the database");
    diesel::connection::SimpleConnection::batch_execute(&mut database, sql).expect("set");
}

/// On an empty SQLite file.
fn with(settings: &[(&str, &str)], work: impl FnOnce(&Visitor, &std::path::Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut all = vec![("BCRYPT_COST", COST), ("HASH_QUEUE_SECONDS", "30")];
    all.extend_from_slice(settings);
    let service = Service::start_with(folder.path(), &all);
    work(&Visitor::new(&service), folder.path());
    service.stop();
}
