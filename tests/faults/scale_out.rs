//! Several instances behind a load balancer, on a PostgreSQL with a standby.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use diesel::{QueryDsl as _, RunQueryDsl as _};
use futures_util::{StreamExt as _, stream};
use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};
use tokio::{task, time};
use vestibule::store::{self, DatabaseUrl, schema::users};

use crate::{
    GRACE,
    support::{
        Answer, Backend, GOOD, Server, is_full,
        server::{BROWSER, form},
    },
};

/// Between two sign-ups: 50 each second.
const INTERVAL: Duration = Duration::from_millis(20);
/// Longest time from the promotion of the standby to the first write.
const FAILOVER: Duration = Duration::from_secs(15);
/// Longer than the load balancer takes to detect that an instance is available.
const DETECTION: Duration = Duration::from_millis(1200);

/// The processes of `scripts/scale-out`, which stops them when its standard input closes.
struct ScaleOut {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    url: String,
    instances: Vec<String>,
    database: String,
}

impl ScaleOut {
    fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/scale-out");
        let mut child = Command::new(script)
            .env("VESTIBULE", env!("CARGO_BIN_EXE_vestibule"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect(script);
        let mut answers = BufReader::new(child.stdout.take().expect("stdout"));
        let started = read(&mut answers);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Self {
            commands: child.stdin.take(),
            child,
            answers,
            url: text(&started["url"]),
            instances: started["instances"].as_array().expect("a list").iter().map(text).collect(),
            database: text(&started["database"]),
        }
    }

    /// Runs a command of the script; returns its response.
    fn run(&mut self, command: &str) -> Value {
        let commands = self.commands.as_mut().expect("stdin");
        let answer = task::block_in_place(|| {
            writeln!(commands, "{command}").expect("the script");
            read(&mut self.answers)
        });
        assert_eq!(answer["done"], command, "{answer}");
        answer
    }

    /// The addresses of all accounts, with duplicates.
    fn accounts(&self) -> Vec<String> {
        let url = DatabaseUrl::parse(&self.database).expect("a URL");
        let mut connection = store::connect(&url).expect("the server that can write");
        let emails: Vec<Option<String>> = users::table.select(users::email).load(&mut connection).expect("rows");
        emails.into_iter().map(|email| email.expect("an address")).collect()
    }
}

impl Drop for ScaleOut {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.child.wait();
    }
}

fn read(answers: &mut impl BufRead) -> Value {
    let mut line = String::new();
    answers.read_line(&mut line).expect("the script");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}; ./scripts/test installs haproxy"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Acknowledged,
    /// The response says that nothing was saved.
    Refused,
    /// The response says that the outcome is unknown, or there is no response.
    Unknown,
}

#[derive(Debug)]
struct Attempt {
    email: String,
    sent: Instant,
    answered: Instant,
    outcome: Outcome,
}

/// Clients that sign up at a steady rate, by form and by JSON, in all phases.
struct Visitors {
    client: Client,
    url: String,
    attempts: Arc<Mutex<Vec<Attempt>>>,
}

impl Visitors {
    async fn send_sign_ups(&self, mut stop: tokio::sync::oneshot::Receiver<()>) {
        let mut clock = time::interval(INTERVAL);
        let mut signing_up = task::JoinSet::new();
        for number in 0.. {
            tokio::select! {
                _ = &mut stop => break,
                _ = clock.tick() => {}
            }
            let email = format!("visitor{number}@example.com");
            let request = sign_up(&self.client, &self.url, &email, number % 2 == 0);
            let attempts = Arc::clone(&self.attempts);
            signing_up.spawn(async move {
                let sent = Instant::now();
                // HAProxy closes a client's connection without a response when an instance ends during the response and
                // the request is not the first of its connection.
                let outcome = match request.send().await {
                    Ok(response) => outcome(&Answer::of(response).await),
                    Err(error) if error.is_request() => Outcome::Unknown,
                    Err(error) => panic!("HAProxy cannot be reached: {error}"),
                };
                let attempt = Attempt { email, sent, answered: Instant::now(), outcome };
                attempts.lock().expect("the list").push(attempt);
            });
        }
        while let Some(done) = signing_up.join_next().await {
            done.expect("a known outcome");
        }
    }

    fn acknowledged_after(&self, moment: Instant) -> Option<Duration> {
        let attempts = self.attempts.lock().expect("the list");
        let acknowledged = attempts.iter().filter(|attempt| attempt.outcome == Outcome::Acknowledged);
        acknowledged.filter_map(|attempt| attempt.answered.checked_duration_since(moment)).min()
    }

    /// The first acknowledged sign-up that was sent after `moment`.
    fn acknowledged_sent_after(&self, moment: Instant) -> Option<String> {
        let attempts = self.attempts.lock().expect("the list");
        let mut since = attempts.iter().filter(|attempt| attempt.sent > moment);
        since.find(|attempt| attempt.outcome == Outcome::Acknowledged).map(|attempt| attempt.email.clone())
    }

    async fn wait_for_an_account(&self, moment: Instant) -> Duration {
        loop {
            if let Some(took) = self.acknowledged_after(moment) {
                return took;
            }
            assert!(moment.elapsed() < FAILOVER + GRACE, "no sign-up within {FAILOVER:?} and more");
            time::sleep(INTERVAL).await;
        }
    }
}

fn sign_up(client: &Client, url: &str, email: &str, is_form: bool) -> RequestBuilder {
    let request = client.post(format!("{url}/register"));
    if is_form {
        let fields = [("full_name", "Ada Lovelace"), ("email", email), ("password", GOOD)];
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", BROWSER)
            .header("sec-fetch-site", "same-origin")
            .body(form(&fields))
    } else {
        request.json(&json!({"email": email, "password": GOOD}))
    }
}

fn outcome(answer: &Answer) -> Outcome {
    match (answer.status, answer.header("location")) {
        (201, "") | (303, "/welcome") => return Outcome::Acknowledged,
        _ => {}
    }
    let is_unknown = ["may have been saved", "could not tell whether it was saved"];
    let is_unknown = is_unknown.iter().any(|words| answer.text().contains(words));
    let expected = if is_unknown { 502..=504 } else { 503..=503 };
    assert!(expected.contains(&answer.status), "{}: {}", answer.status, answer.text());
    assert!(answer.header("retry-after").parse::<u8>().is_ok(), "{:?}", answer.headers);
    if is_unknown { Outcome::Unknown } else { Outcome::Refused }
}

/// The phases of a run, by start.
struct Timeline {
    started: Vec<(&'static str, Instant)>,
}

impl Timeline {
    fn begin(&mut self, phase: &'static str) -> Instant {
        let now = Instant::now();
        self.started.push((phase, now));
        now
    }

    /// How many sign-ups that were sent in a phase had this outcome.
    fn count(&self, attempts: &[Attempt], phase: &str, outcome: Outcome) -> usize {
        self.sent_in(attempts, phase).filter(|attempt| attempt.outcome == outcome).count()
    }

    fn sent_in<'a>(&self, attempts: &'a [Attempt], phase: &str) -> impl Iterator<Item = &'a Attempt> {
        let (from, to) = self.span(phase);
        attempts.iter().filter(move |attempt| (from..to).contains(&attempt.sent))
    }

    fn span(&self, phase: &str) -> (Instant, Instant) {
        let at = self.started.iter().position(|(name, _)| *name == phase).expect("a phase");
        (self.started[at].1, self.started.get(at + 1).map_or_else(Instant::now, |next| next.1))
    }

    fn print(&self, attempts: &[Attempt]) {
        println!("phase | sent | acknowledged | refused | unknown | slowest answer | longest without a new account");
        for (phase, _) in &self.started {
            let sent = self.sent_in(attempts, phase).count();
            let [acknowledged, refused, unknown] = [Outcome::Acknowledged, Outcome::Refused, Outcome::Unknown]
                .map(|outcome| self.count(attempts, phase, outcome));
            let slowest = self.sent_in(attempts, phase).map(|attempt| attempt.answered - attempt.sent).max();
            let of_phase: BTreeSet<Instant> = self.sent_in(attempts, phase).map(|attempt| attempt.sent).collect();
            let mut gap = Duration::ZERO;
            if let (Some(first), Some(last)) = (of_phase.first(), of_phase.last()) {
                let created = attempts.iter().filter(|attempt| attempt.outcome == Outcome::Acknowledged);
                let mut moments: Vec<Instant> = created.map(|attempt| attempt.answered).collect();
                moments.sort();
                let pauses = moments.windows(2).filter(|pair| pair[1] >= *first && pair[0] <= *last);
                gap = pauses.map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
            }
            println!(
                "{phase} | {sent} | {acknowledged} | {refused} | {unknown} | {:.2?} | {gap:.2?}",
                slowest.unwrap_or_default()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_account_is_lost_by_kill_failover_or_rolling_update() {
    for pass in 1..=if is_full() { 5 } else { 1 } {
        println!("pass {pass}");
        pass_once().await;
    }
}

async fn pass_once() {
    let mut set = task::block_in_place(ScaleOut::start);
    let client = Client::builder().redirect(Policy::none()).timeout(Duration::from_mins(1)).build().expect("a client");
    let cookie = sign_in_by_form(&client, &set.instances[0]).await;
    let token = token(&client, &set.instances[0], "first@example.com").await;

    let visitors = Arc::new(Visitors { client: client.clone(), url: set.url.clone(), attempts: Arc::default() });
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let sending = tokio::spawn({
        let visitors = Arc::clone(&visitors);
        async move { visitors.send_sign_ups(stopped).await }
    });
    let mut timeline = Timeline { started: Vec::new() };

    timeline.begin("normal operation");
    time::sleep(Duration::from_secs(2)).await;

    timeline.begin("kill -9 of an instance");
    set.run("kill 2");
    time::sleep(Duration::from_secs(2)).await;
    timeline.begin("the instance restarted");
    set.run("start 2");
    time::sleep(DETECTION).await;

    // A commit that only the primary has is not acknowledged.
    timeline.begin("the standby is frozen");
    set.run("freeze standby");
    let silence = Instant::now();
    time::sleep(Duration::from_millis(1400)).await;
    assert_eq!(visitors.acknowledged_sent_after(silence), None, "acknowledged an account that only the primary has");
    let thawed = timeline.begin("the standby resumed");
    set.run("thaw standby");
    visitors.wait_for_an_account(thawed).await;
    time::sleep(Duration::from_secs(1)).await;

    timeline.begin("the primary is unreachable");
    set.run("cut primary");
    // The time to detect the failure.
    time::sleep(Duration::from_secs(3)).await;
    for (path, status) in [("/register", 200), ("/readyz", 503), ("/healthz", 200)] {
        let answer = client.get(format!("{}{path}", set.url)).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{path} without a database");
    }
    let promoted = timeline.begin("the standby is promoted");
    set.run("promote");
    let took = visitors.wait_for_an_account(promoted).await;
    println!("from promoting the standby to the first new account: {took:.2?}");
    time::sleep(Duration::from_secs(2)).await;

    timeline.begin("rolling update");
    for number in 1..=3 {
        assert_eq!(set.run(&format!("stop {number}"))["exit"], 0);
        set.run(&format!("start {number}"));
        time::sleep(DETECTION).await;
    }
    stop.send(()).expect("visitors");
    sending.await.expect("every sign-up has an outcome");

    let attempts = std::mem::take(&mut *visitors.attempts.lock().expect("the list"));
    timeline.print(&attempts);
    let outcomes = |wanted| attempts.iter().filter(move |attempt| attempt.outcome == wanted);
    let emails = |wanted| outcomes(wanted).map(|attempt| attempt.email.as_str()).collect::<BTreeSet<_>>();
    let accounts = set.accounts();
    let existing: BTreeSet<&str> = accounts.iter().map(String::as_str).collect();
    assert_eq!(existing.len(), accounts.len(), "duplicate accounts");
    let lost: Vec<_> = emails(Outcome::Acknowledged).difference(&existing).copied().collect();
    assert!(lost.is_empty(), "acknowledged and missing: {lost:?}");
    let ghosts: Vec<_> = emails(Outcome::Refused).intersection(&existing).copied().collect();
    assert!(ghosts.is_empty(), "refused and saved: {ghosts:?}");
    let unknown = emails(Outcome::Unknown);
    println!("of {} with an unknown outcome, {} are saved", unknown.len(), unknown.intersection(&existing).count());

    for phase in ["normal operation", "the instance restarted", "rolling update"] {
        let (from, to) = timeline.span(phase);
        let during = outcomes(Outcome::Unknown).filter(|attempt| (from..to).contains(&attempt.answered));
        assert_eq!(during.count(), 0, "{phase}");
    }
    let acknowledged = outcomes(Outcome::Acknowledged).count();
    let logins = stream::iter(outcomes(Outcome::Acknowledged))
        .map(async |attempt| drop(self::token(&client, &set.url, &attempt.email).await));
    assert_eq!(logins.buffer_unordered(8).count().await, acknowledged);
    println!("{acknowledged} acknowledged accounts exist once and log in");

    for instance in &set.instances {
        let me = client.get(format!("{instance}/api/v1/users/me"));
        let me = Answer::of(me.bearer_auth(&token).send().await.expect("an answer")).await;
        assert_eq!((me.status, &me.json()["email"]), (200, &json!("first@example.com")), "by the token at {instance}");
        let page = client.get(format!("{instance}/account")).header("cookie", &cookie).header("accept", BROWSER);
        assert_eq!(page.send().await.expect("an answer").status(), 200, "by the cookie at {instance}");
    }
}

/// Signs up by form; returns the session cookie.
async fn sign_in_by_form(client: &Client, url: &str) -> String {
    let answer = sign_up(client, url, "first@example.com", true).send().await.expect("an answer");
    let answer = Answer::of(answer).await;
    assert_eq!(outcome(&answer), Outcome::Acknowledged);
    let cookie = answer.set_cookie("vestibule_session").split(';').next().expect("a cookie");
    assert!(!cookie.is_empty(), "{:?}", answer.headers);
    cookie.to_owned()
}

async fn token(client: &Client, url: &str, email: &str) -> String {
    let body = json!({"identifier": email, "password": GOOD});
    let answer = Answer::of(client.post(format!("{url}/login")).json(&body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 200, "{email}: {}", answer.text());
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

/// A load balancer may connect before the signal and send its request after it. The service waits half a second for the
/// request; an attempt in which the test itself is slower is repeated.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_opened_before_sigterm_may_send_its_request_after_it() {
    for _ in 0..20 {
        let mut server = Server::start(Backend::Sqlite);
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        // An answer on a later connection: the first one was accepted too.
        assert_eq!(server.get("/healthz").await.status, 200);
        let signalled = Instant::now();
        server.signal("TERM");
        server.log_with("stopping: finishing requests in flight").await;
        let body = json!({"email": "late@example.com", "password": GOOD}).to_string();
        let head = "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        let sent = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        if signalled.elapsed() > Duration::from_millis(400) {
            continue;
        }
        sent.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer, then the end");
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert_eq!(server.exit_code().await, Some(0));
        return;
    }
    panic!("this test was late twenty times");
}
