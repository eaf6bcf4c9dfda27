//! Responses that must be equal for every kind of account, in the configuration of production: an `https://` address,
//! default limits and bot checks. The clock is stopped, so that times, dates and counters can be compared exactly.

mod concealment;
mod edge;
mod login;
mod mails;

use std::{collections::BTreeMap, net::Ipv4Addr};

use serde_json::Value;

use crate::support::{Answer, Backend, Browser, FakeClock, Mailbox, Server, Settings, eventually, server::form};

/// The time of the stopped clock, as text and in microseconds since 1970.
const NOW: &str = "2030-01-01 00:00:00";
const NOW_MICROS: i64 = 1_893_456_000_000_000;

/// An address of fixed length, so that lengths can be compared.
fn address(name: &str) -> String {
    format!("{name:q<10}@example.com")
}

/// A username of fixed length.
fn username(name: &str) -> String {
    format!("{name:q<10}")
}

/// A server in production, its mails, its clock and its metrics.
struct Production {
    server: Server,
    mailbox: Mailbox,
    metrics: String,
    _clock: FakeClock,
}

/// A response. Random values are replaced by their lengths, the submitted identifier by a placeholder.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Seen {
    status: u16,
    headers: Vec<String>,
    body: String,
}

/// Side effects of requests that could reveal an account.
#[derive(Debug, Default, PartialEq, Eq)]
struct Traces {
    /// How far each rate limit counter advanced, in microseconds.
    counters: Vec<i64>,
    /// Event, success, network address and `User-Agent`.
    audit: Vec<String>,
    metrics: BTreeMap<String, i64>,
    sessions: i64,
}

impl Seen {
    fn of(answer: &Answer, typed: &str) -> Self {
        let headers = answer.headers.iter().map(|(name, value)| {
            let value = value.to_str().expect("text");
            let value = match name.as_str() {
                "x-request-id" => format!("<{}>", value.len()),
                "set-cookie" => {
                    let (pair, attributes) = value.split_once(';').expect("attributes");
                    let (name, value) = pair.split_once('=').expect("a pair");
                    format!("{name}=<{}>;{attributes}", value.len())
                }
                _ => value.to_owned(),
            };
            format!("{name}: {value}")
        });
        let mut headers: Vec<String> = headers.collect();
        // The order of cookies is not fixed.
        headers.sort();
        // Pages allow a line break before the @ of an address.
        let typed = typed.split('@').next().expect("a local part");
        Self { status: answer.status, headers, body: answer.text().replace(typed, "TYPED") }
    }

    #[track_caller]
    fn assert_like(&self, other: &Self, what: &str) {
        assert_eq!(self.status, other.status, "the status of {what}");
        assert_eq!(self.headers, other.headers, "the headers of {what}");
        for (this, other) in self.body.lines().zip(other.body.lines()) {
            assert_eq!(this, other, "a line of the body of {what}");
        }
        assert_eq!(self.body.len(), other.body.len(), "the length of the body of {what}");
    }
}

#[track_caller]
fn assert_all_like(these: &[Seen], others: &[Seen], what: &str) {
    assert_eq!(these.len(), others.len(), "{what}");
    for (number, (this, other)) in these.iter().zip(others).enumerate() {
        this.assert_like(other, &format!("answer {number} of {what}"));
    }
}

impl Traces {
    #[track_caller]
    fn assert_like(&self, other: &Self, what: &str) {
        assert_eq!(self.counters, other.counters, "the counters of {what}");
        assert_eq!(self.audit, other.audit, "the audit log of {what}");
        assert_eq!(self.metrics, other.metrics, "the metrics of {what}");
        assert_eq!(self.sessions, other.sessions, "the sessions of {what}");
    }
}

impl Production {
    async fn start(backend: Backend, settings: Settings<'_>) -> Self {
        let (mailbox, clock) = (Mailbox::open(), FakeClock::new());
        clock.stop_at(NOW);
        let mut all = clock.with(&[("METRICS_ADDR", "127.0.0.1:0")]);
        all.extend_from_slice(settings);
        let server = Server::production(backend, &mailbox, &all);
        let log = server.log_with("serving metrics at http://").await;
        let address = log.split("serving metrics at ").nth(1).and_then(|rest| rest.split_whitespace().next());
        Self { metrics: address.expect("an address").to_owned(), server, mailbox, _clock: clock }
    }

    /// The side effects of `work`, which comes from one network; its address is replaced.
    async fn traces_of(&self, network: Ipv4Addr, work: impl AsyncFnOnce()) -> Traces {
        let (counters, metrics) = (self.counters(), self.counted().await);
        let audit = self.server.database.count("SELECT coalesce(max(id), 0) FROM audit_log");
        let sessions = self.server.database.count("SELECT count(*) FROM sessions");
        work().await;
        let ahead = |(key, tat): (String, i64)| {
            let before = counters.get(&key).copied().unwrap_or(0).max(NOW_MICROS);
            Some(tat - before).filter(|ahead| *ahead != 0)
        };
        let mut ahead: Vec<i64> = self.counters().into_iter().filter_map(ahead).collect();
        ahead.sort_unstable();
        let lines = self.server.database.texts(&format!(
            "SELECT event || ' ' || CASE WHEN succeeded THEN 'succeeded' ELSE 'failed' END || ' ' || coalesce(peer, '') || ' ' || \
             coalesce(user_agent, '') AS t FROM audit_log WHERE id > {audit} ORDER BY id"
        ));
        let mut counted = self.counted().await;
        counted.retain(|name, count| {
            *count -= metrics.get(name).copied().unwrap_or(0);
            *count != 0
        });
        Traces {
            counters: ahead,
            audit: lines.iter().map(|line| line.replace(&network.to_string(), "NETWORK")).collect(),
            metrics: counted,
            sessions: self.server.database.count("SELECT count(*) FROM sessions") - sessions,
        }
    }

    /// The rate limit counters with their times.
    fn counters(&self) -> BTreeMap<String, i64> {
        let key = match self.server.database.backend {
            Backend::Sqlite => "hex(key)",
            Backend::Postgres => "encode(key, 'hex')",
        };
        let rows = self.server.database.texts(&format!("SELECT {key} || ' ' || tat AS t FROM rate_limits"));
        let row = |row: String| {
            let (key, tat) = row.split_once(' ').expect("two columns");
            (key.to_owned(), tat.parse().expect("microseconds"))
        };
        rows.into_iter().map(row).collect()
    }

    /// The metrics that count requests of clients.
    async fn counted(&self) -> BTreeMap<String, i64> {
        const COUNTED: [&str; 4] = [
            "vestibule_http_requests_total{",
            "vestibule_logins_total{",
            "vestibule_sign_ups_total{",
            "vestibule_rate_limit_refusals_total{",
        ];
        self.metrics_that(&COUNTED).await
    }

    /// Waits until this many hashes are counted; a thread counts a moment after the response.
    async fn hashes_are(&self, number: i64) {
        let hashes = async || self.metrics_that(&["vestibule_hashes_total{"]).await.into_values().sum::<i64>();
        eventually("the hashes of the requests", async || (hashes().await == number).then_some(())).await;
    }

    async fn metrics_that(&self, names: &[&str]) -> BTreeMap<String, i64> {
        let metrics = Answer::of(reqwest::get(&self.metrics).await.expect("metrics")).await;
        let lines = metrics.text().lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
        let line = |line: &str| {
            let (name, count) = line.rsplit_once(' ').expect("a name and a number");
            (name.to_owned(), count.parse().expect("a whole number"))
        };
        lines.map(line).collect()
    }

    /// A program posts JSON.
    async fn json(&self, network: Ipv4Addr, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("user-agent", "importer/1.0")];
        self.server.send_from(network, "POST", path, &headers, body.to_string()).await
    }

    /// A program posts a form.
    async fn form(&self, network: Ipv4Addr, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
        self.server.send_from(network, "POST", path, &headers, form(fields)).await
    }

    fn browser(&self, network: Ipv4Addr) -> Browser<'_> {
        Browser::from_network(&self.server, network)
    }

    /// Waits until every mail is sent or dropped.
    async fn mails_are_settled(&self) {
        let pending = "SELECT count(*) FROM outbox WHERE state = 'pending'";
        eventually("an outbox with nothing to send", async || (self.server.database.count(pending) == 0).then_some(()))
            .await;
    }
}

/// A network of a test; each is in a /24 of its own.
fn network(subject: usize, number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, number, u8::try_from(subject + 1).expect("few subjects"), 1)
}
