//! Whether response times reveal accounts.
//!
//! `cargo bench --bench timing` starts the release program, sends requests for an existing and for an unknown account,
//! and compares the response times by their medians and by the probability that one of the first set is above one of
//! the second (AUC of the Mann-Whitney test, 0.5: indistinguishable). A probe sends a request and times those that
//! follow. docs/security.md has results. It takes about eight minutes on a quiet machine; words after `--` select lines
//! whose name contains one of them. `TIMING_PAIRS` (200) is the number of requests of each kind per line, `TIMING_SEED`
//! repeats a random order.

#[path = "../tests/support/eventually.rs"]
mod eventually;
#[path = "../tests/support/mailbox.rs"]
#[expect(dead_code, reason = "it is the tests'")]
mod mailbox;
#[path = "../tests/support/port.rs"]
mod port;
#[path = "../tests/support/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "the others use the rest")]
mod support;

use std::{
    cell::Cell,
    cmp::Ordering,
    thread,
    time::{Duration, Instant},
};

use eventually::eventually;
use mailbox::{Behaviour, Mailbox};
use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use support::Service;

/// Discarded requests of each kind at the start of a line.
const WARM_UP: usize = 20;
/// Time for work after a response, before the next request.
const PAUSE: Duration = Duration::from_millis(20);
/// Time for mails in transit.
const SETTLED: Duration = Duration::from_secs(2);
const GOOD: &str = "correct-horse-battery";
const WRONG: &str = "wrong-horse-battery";
/// Attempts on an address before its comparison.
const TRIES: usize = 100;
/// Accepted range.
const AUC: std::ops::RangeInclusive<f64> = 0.43..=0.57;
/// Requests timed after a probed request.
const PROBES: usize = 12;
/// Rate limits that count without refusals.
const LIMITS: [(&str, &str); 22] = [
    ("RATE_LIMITS", "on"),
    ("RATE_LIMIT_LOGIN", "1000000/hour"),
    ("RATE_LIMIT_LOGIN_PAIR", "1000000/hour"),
    ("RATE_LIMIT_LOGIN_ACCOUNT", "1000000/hour"),
    ("RATE_LIMIT_LOGIN_TOTAL", "1000000/hour"),
    ("RATE_LIMIT_FORGOT_PASSWORD", "1000000/hour"),
    ("RATE_LIMIT_FORGOT_PASSWORD_PAIR", "1000000/hour"),
    ("RATE_LIMIT_FORGOT_PASSWORD_ACCOUNT", "1000000/hour"),
    ("RATE_LIMIT_FORGOT_PASSWORD_TOTAL", "1000000/hour"),
    ("RATE_LIMIT_SIGN_UP", "1000000/hour"),
    ("RATE_LIMIT_SIGN_UP_TOTAL", "1000000/hour"),
    ("RATE_LIMIT_LOGIN_BLOCK", "1000000/hour"),
    ("RATE_LIMIT_LOGIN_BLOCK_PAIR", "1000000/hour"),
    ("RATE_LIMIT_FORGOT_PASSWORD_BLOCK", "1000000/hour"),
    ("RATE_LIMIT_FORGOT_PASSWORD_BLOCK_PAIR", "1000000/hour"),
    ("RATE_LIMIT_SIGN_UP_BLOCK", "1000000/hour"),
    ("RATE_LIMIT_RESEND", "1000000/hour"),
    ("RATE_LIMIT_RESEND_PAIR", "1000000/hour"),
    ("RATE_LIMIT_RESEND_ACCOUNT", "1000000/hour"),
    ("RATE_LIMIT_RESEND_BLOCK", "1000000/hour"),
    ("RATE_LIMIT_RESEND_BLOCK_PAIR", "1000000/hour"),
    ("RATE_LIMIT_RESEND_TOTAL", "1000000/hour"),
];

/// The order of the two kinds of requests.
#[derive(Clone, Copy)]
enum Order {
    /// Pairs, in alternating order.
    Pairs,
    /// Alternating.
    Turns,
    Random,
}

/// Order and pauses of the requests of a line.
#[derive(Clone, Copy)]
struct Schedule {
    order: Order,
    pause: Duration,
}

/// Parameters and results of a run.
struct Run {
    pairs: usize,
    seed: u64,
    lines: Cell<usize>,
    different: Cell<usize>,
}

impl Order {
    /// Indices of the kinds, 0 or 1, in order.
    fn kinds(self, pairs: usize, seed: u64) -> Vec<usize> {
        match self {
            Self::Pairs => (0..pairs).flat_map(|pair| if pair % 2 == 0 { [0, 1] } else { [1, 0] }).collect(),
            Self::Turns => (0..pairs).flat_map(|_| [0, 1]).collect(),
            Self::Random => {
                let mut kinds = Self::Turns.kinds(pairs, seed);
                kinds.shuffle(&mut StdRng::seed_from_u64(seed));
                kinds
            }
        }
    }
}

impl Run {
    fn start() -> Self {
        let set = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect(name));
        let pairs = set("TIMING_PAIRS").map_or(200, |pairs: u64| usize::try_from(pairs).expect("a number"));
        assert!(pairs > WARM_UP, "TIMING_PAIRS: more than {WARM_UP}");
        Self {
            pairs,
            seed: set("TIMING_SEED").unwrap_or_else(rand::random),
            lines: Cell::new(0),
            different: Cell::new(0),
        }
    }
}

struct Visitor<'a> {
    client: Client,
    origin: String,
    run: &'a Run,
}

impl<'a> Visitor<'a> {
    fn new(service: &Service, run: &'a Run) -> Self {
        Self { client: Client::new(), origin: format!("http://{}", service.address), run }
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Duration) {
        let started = Instant::now();
        let answer = self.client.post(format!("{}{path}", self.origin)).json(body).send().expect("an answer");
        let status = answer.status().as_u16();
        answer.bytes().expect("a body");
        (status, started.elapsed())
    }

    /// Sends a request, then times unrelated ones; returns the slowest, in milliseconds.
    fn probe(&self, path: &str, body: &Value) -> f64 {
        assert_eq!(self.post(path, body).0, 202, "{path}");
        let slowest = (0..PROBES).map(|_| {
            let started = Instant::now();
            self.client.get(format!("{}/login", self.origin)).send().expect("an answer").bytes().expect("a body");
            started.elapsed().as_secs_f64() * 1e3
        });
        slowest.fold(0.0, f64::max)
    }

    /// Prints a line of the table for [`Self::probe`], with both kinds in random order.
    fn compare_probes(&self, name: &str, path: &str, bodies: [&dyn Fn(usize) -> Value; 2]) {
        if !Self::is_wanted(name) {
            return;
        }
        let mut times: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        for (done, kind) in Order::Random.kinds(self.run.pairs, self.run.seed).into_iter().enumerate() {
            let slowest = self.probe(path, &bodies[kind](done));
            if done >= 2 * WARM_UP {
                times[kind].push(slowest);
            }
            thread::sleep(PAUSE);
        }
        self.report(name, &times);
    }

    fn sign_up(&self, email: &str) {
        let (status, _) = self.post("/register", &json!({"email": email, "password": GOOD}));
        assert!(matches!(status, 201 | 202), "{status}");
    }

    /// Whether the line is selected.
    fn is_wanted(name: &str) -> bool {
        let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
        wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str()))
    }

    /// Prints a line of the table; asserts the status of all responses.
    fn compare(
        &self,
        name: &str,
        (path, expected): (&str, u16),
        schedule: Schedule,
        bodies: [&dyn Fn(usize) -> Value; 2],
    ) {
        if !Self::is_wanted(name) {
            return;
        }
        let mut times: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        let mut numbers = [0; 2];
        for (done, kind) in schedule.order.kinds(self.run.pairs, self.run.seed).into_iter().enumerate() {
            let (status, took) = self.post(path, &bodies[kind](numbers[kind]));
            numbers[kind] += 1;
            assert_eq!(status, expected, "{name}");
            if done >= 2 * WARM_UP {
                times[kind].push(took.as_secs_f64() * 1e3);
            }
            thread::sleep(schedule.pause);
        }
        self.report(name, &times);
    }

    fn report(&self, name: &str, times: &[Vec<f64>; 2]) {
        let medians = times.each_ref().map(|times| median(times));
        let auc = auc(&times[0], &times[1]);
        let difference = (medians[0] - medians[1]).abs();
        let is_equal = AUC.contains(&auc) && difference <= (medians[1] * 0.05).max(10.0);
        self.run.lines.set(self.run.lines.get() + 1);
        self.run.different.set(self.run.different.get() + usize::from(!is_equal));
        println!(
            "{name:<72} {:>7.2} {:>7.2} {auc:>6.3} {}",
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
    let run = Run::start();
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cpu = cpu.trim_start_matches([' ', '\t', ':']);
    println!("{cores} × {cpu}, {} of each, seed {}", run.pairs - WARM_UP, run.seed);
    println!("{:<72} {:>7} {:>7} {:>6}", "", "known", "unknown", "AUC");
    let started = Instant::now();
    reasons(&run);
    concealed(&run);
    for database in ["SQLite", "PostgreSQL"] {
        repeated(&run, database);
        for delay in ["5", "0"] {
            probes(&run, database, delay);
        }
    }
    println!(
        "{} of {} lines are outside {:.2} to {:.2}; {:.0} s",
        run.different.get(),
        run.lines.get(),
        AUC.start(),
        AUC.end(),
        started.elapsed().as_secs_f64()
    );
}

/// All reasons for a refused login, and mails with a failing mail server: in pairs, at the lowest production cost, on
/// SQLite.
fn reasons(run: &Run) {
    let pairs = Schedule { order: Order::Pairs, pause: PAUSE };
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = [("SMTP_URL", url.as_str()), ("REQUIRE_VERIFIED_EMAIL", "on"), ("BCRYPT_COST", "10")];
    with(run, "SQLite", &settings, |visitor, database| {
        for email in ["known@example.com", "unproven@example.com", "closed@example.com", "cheap@example.com"] {
            visitor.sign_up(email);
        }
        let low_cost = bcrypt::non_truncating_hash_with_result(GOOD, 4).expect("a hash");
        set(
            database,
            &format!(
                "UPDATE users SET is_verified = TRUE WHERE email <> 'unproven@example.com'; \
                 UPDATE users SET is_active = FALSE WHERE email = 'closed@example.com'; \
                 UPDATE users SET password_hash = '{low_cost}' WHERE email = 'cheap@example.com'"
            ),
        );
        let long = "x".repeat(5000);
        for (name, email, password) in [
            ("login: wrong password", "known@example.com", WRONG),
            ("login: not proven, right password", "unproven@example.com", GOOD),
            ("login: closed, right password", "closed@example.com", GOOD),
            ("login: a cheaper hash, wrong password", "cheap@example.com", WRONG),
            ("login: 5,000 characters", "known@example.com", &long),
            ("login: with U+0000", "known@example.com", "a\0b"),
        ] {
            let of = |email: &str| json!({"identifier": email, "password": password});
            visitor.compare(name, ("/login", 401), pairs, [&|_| of(email), &|_| of("nobody@example.com")]);
        }
        let of = |email: &str| json!({"email": email});
        let unknown = |_| of("fresh@example.com");
        let forgotten: [&dyn Fn(usize) -> Value; 2] = [&|_| of("known@example.com"), &unknown];
        visitor.compare("forgotten password", ("/forgot-password", 202), pairs, forgotten);
        let again: [&dyn Fn(usize) -> Value; 2] = [&|_| of("unproven@example.com"), &unknown];
        visitor.compare("the mail again", ("/verify-email/resend", 202), pairs, again);
        mailbox.behave(Behaviour { delay: Duration::from_secs(5), ..Behaviour::default() });
        let slow = "forgotten password, a mail server that takes 5 s";
        visitor.compare(slow, ("/forgot-password", 202), pairs, forgotten);
        mailbox.behave(Behaviour { hangs_up: true, ..Behaviour::default() });
        visitor.compare("forgotten password, no mail server", ("/forgot-password", 202), pairs, forgotten);
    });
}

/// Concealed sign-ups with and without `REQUIRE_VERIFIED_EMAIL`: in pairs, at the lowest production cost, on SQLite.
fn concealed(run: &Run) {
    let pairs = Schedule { order: Order::Pairs, pause: PAUSE };
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    for verification in ["off", "on"] {
        let settings = [
            ("SMTP_URL", url.as_str()),
            ("CONCEAL_ACCOUNTS", "on"),
            ("REQUIRE_VERIFIED_EMAIL", verification),
            ("BCRYPT_COST", "10"),
        ];
        with(run, "SQLite", &settings, |visitor, database| {
            visitor.sign_up("known@example.com");
            visitor.sign_up("proven@example.com");
            set(database, "UPDATE users SET is_verified = TRUE WHERE email = 'proven@example.com'");
            let of = |email: &str| json!({"email": email, "password": GOOD});
            for (known, what) in [("known@example.com", "not proven"), ("proven@example.com", "proven")] {
                let name = format!("sign-up, concealed, REQUIRE_VERIFIED_EMAIL={verification}, {what}");
                // Unique, and of the same length as the known address.
                let digits = known.len() - "k@example.com".len();
                let unknown = |number| of(&format!("{}{number:0digits$}@example.com", &known[..1]));
                visitor.compare(&name, ("/register", 202), pairs, [&|_| of(known), &unknown]);
            }
        });
    }
}

/// Repeated requests for one account against requests for unique unknown addresses, like an enumeration of accounts.
/// With counting rate limits, and hashes too fast to hide a difference.
fn repeated(run: &Run, database: &str) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = concealing(&url, "5");
    with(run, database, &settings, |visitor, url| {
        let accounts = ["login@example.com", "forgt@example.com", "prove@example.com", "claim@example.com"];
        let tried = ["logi2@example.com", "clai2@example.com"];
        for email in accounts.iter().chain(&tried) {
            visitor.sign_up(email);
        }
        set(url, "UPDATE users SET is_verified = TRUE WHERE email NOT LIKE 'cla%'");
        let login = |email: &str| json!({"identifier": email, "password": WRONG});
        let forgotten = |email: &str| json!({"email": email});
        let sign_up = |email: &str| json!({"email": email, "password": GOOD});
        for _ in 0..TRIES {
            visitor.post("/login", &login(tried[0]));
            visitor.sign_up(tried[1]);
        }
        // All addresses have the same length, and unknown ones are unique.
        let fresh = Cell::new(0);
        let unknown = |_: usize| {
            fresh.set(fresh.get() + 1);
            format!("{:05}@example.com", fresh.get())
        };
        for (name, endpoint, known, body) in [
            ("login", ("/login", 401), accounts[0], &login as &dyn Fn(&str) -> Value),
            ("login, tried 100 times", ("/login", 401), tried[0], &login),
            ("forgotten password", ("/forgot-password", 202), accounts[1], &forgotten),
            ("sign-up, concealed, proven", ("/register", 202), accounts[2], &sign_up),
            ("sign-up, concealed, not proven", ("/register", 202), accounts[3], &sign_up),
            ("sign-up, concealed, not proven, tried 100 times", ("/register", 202), tried[1], &sign_up),
        ] {
            for (order, word) in [(Order::Turns, "in turns"), (Order::Random, "at random")] {
                for (pause, pauses) in [(PAUSE, "pauses"), (Duration::ZERO, "no pause")] {
                    let name = format!("{database}: {name}: {word}, {pauses}");
                    let both: [&dyn Fn(usize) -> Value; 2] = [&|_| body(known), &|number| body(&unknown(number))];
                    visitor.compare(&name, endpoint, Schedule { order, pause }, both);
                }
            }
        }
    });
}

/// Requests after one that may send a mail: their times may reveal concurrent work for the mail, which
/// `MAIL_DELAY_SECONDS` delays.
fn probes(run: &Run, database: &str, delay: &str) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let settings = concealing(&url, delay);
    with(run, database, &settings, |visitor, url| {
        // Unique addresses: beyond the hourly limit of mails an address causes no more work.
        let known = |number: usize| format!("known{number:05}@example.com");
        let unknown = |number: usize| format!("fresh{number:05}@example.com");
        let wanted = ["forgotten password", "the mail again"];
        let names = wanted.map(|what| format!("{database}: after {what}, mails within {delay} s"));
        if !names.iter().any(|name| Visitor::is_wanted(name)) {
            return;
        }
        for number in 0..2 * run.pairs {
            visitor.sign_up(&known(number));
        }
        set(url, "DELETE FROM outbox");
        // Mails in transit.
        thread::sleep(SETTLED);
        for (name, path) in names.iter().zip(["/forgot-password", "/verify-email/resend"]) {
            let of = |email: String| json!({"email": email});
            visitor.compare_probes(name, path, [&|number| of(known(number)), &|number| of(unknown(number))]);
        }
    });
}

/// Settings for concealment, with counting rate limits, and hashes too fast to hide a difference.
fn concealing<'a>(smtp_url: &'a str, mail_delay: &'a str) -> Vec<(&'a str, &'a str)> {
    let settings = [
        ("SMTP_URL", smtp_url),
        ("CONCEAL_ACCOUNTS", "on"),
        ("REQUIRE_VERIFIED_EMAIL", "on"),
        ("ENVIRONMENT", "local"),
        ("BCRYPT_COST", "4"),
        ("MAIL_DELAY_SECONDS", mail_delay),
    ];
    settings.into_iter().chain(LIMITS).collect()
}

fn set(url: &str, sql: &str) {
    let url = vestibule::store::DatabaseUrl::parse(url).expect("a URL");
    let mut database = vestibule::store::connect(&url).expect("the database");
    diesel::connection::SimpleConnection::batch_execute(&mut database, sql).expect("set");
}

/// Runs `work` on an empty database, with its URL.
fn with(run: &Run, database: &str, settings: &[(&str, &str)], work: impl FnOnce(&Visitor, &str)) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = match database {
        "PostgreSQL" => postgres::create_database("UTF8"),
        _ => format!("sqlite://{}/vestibule.db", folder.path().display()),
    };
    let mut all = vec![("DATABASE_URL", url.as_str()), ("HASH_QUEUE_SECONDS", "30"), ("PATH", env!("PATH"))];
    all.extend_from_slice(settings);
    let service = Service::start_with(folder.path(), &all);
    work(&Visitor::new(&service, run), &url);
    service.stop();
    if database == "PostgreSQL" {
        postgres::drop_database(&url);
    }
}
