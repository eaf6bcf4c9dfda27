//! Accounts that a test keeps locked while a request of the service is under way, and the events that tell how far it is.

use diesel::connection::SimpleConnection as _;

use super::{Backend, Server, TestDatabase, eventually, server::Answer};
use vestibule::store::AnyConnection;

/// What [`Hashes`] needs of a server.
pub const METRICS: (&str, &str) = ("METRICS_ADDR", "127.0.0.1:0");

/// A transaction of the test's own that locks every account: the rows on PostgreSQL, the one writer on SQLite. Who only
/// reads goes on.
pub struct Held(AnyConnection);

impl Held {
    pub fn accounts(database: &TestDatabase) -> Self {
        let mut connection = database.connect();
        let sql = match database.backend {
            Backend::Postgres => {
                "SET idle_in_transaction_session_timeout = 0; BEGIN; SELECT id FROM users ORDER BY id FOR UPDATE"
            }
            Backend::Sqlite => "BEGIN IMMEDIATE",
        };
        connection.batch_execute(sql).expect(sql);
        Self(connection)
    }

    pub fn execute(&mut self, sql: &str) {
        self.0.batch_execute(sql).expect(sql);
    }

    pub fn release(mut self) {
        self.execute("COMMIT");
    }
}

/// Once so many connections to this database wait for a lock; PostgreSQL alone tells.
pub async fn until_waiting(database: &TestDatabase, connections: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let wait = async || (database.count(waiting) == connections).then_some(());
    eventually(&format!("{connections} connections that wait for a lock"), wait).await;
}

/// How many passwords a server has hashed or compared.
pub struct Hashes(String);

impl Hashes {
    pub async fn of(server: &Server) -> Self {
        let log = server.log_with("metrics are at").await;
        let url = log.split("metrics are at ").nth(1).and_then(|rest| rest.split_whitespace().next());
        Self(url.expect("an address").trim_end_matches(',').to_owned())
    }

    pub async fn finished(&self) -> u64 {
        let text = Answer::of(reqwest::get(&self.0).await.expect("an answer")).await.text().to_owned();
        let series = "vestibule_hashes_total{outcome=\"finished\"} ";
        let count = text.lines().find_map(|line| line.strip_prefix(series));
        count.unwrap_or_else(|| panic!("{text}")).parse().expect("a number")
    }

    pub async fn until(&self, number: u64) {
        let done = async || (self.finished().await >= number).then_some(());
        eventually(&format!("{number} passwords hashed or compared"), done).await;
    }
}
