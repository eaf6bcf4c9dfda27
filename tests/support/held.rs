//! Locks on accounts that a test holds during a request to the service.

use diesel::connection::SimpleConnection as _;
use vestibule::store::AnyConnection;

use super::{Backend, TestDatabase, eventually};

/// A transaction that locks every account: the rows on PostgreSQL, the single writer on SQLite. Reads are not blocked.
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

    /// Locks only the accounts that match a condition. PostgreSQL only.
    pub fn rows(database: &TestDatabase, condition: &str) -> Self {
        let mut connection = database.connect();
        let sql = format!("BEGIN; SELECT id FROM users WHERE {condition} ORDER BY id FOR UPDATE");
        connection.batch_execute(&sql).expect(&sql);
        Self(connection)
    }

    pub fn execute(&mut self, sql: &str) {
        self.0.batch_execute(sql).expect(sql);
    }

    pub fn release(mut self) {
        self.execute("COMMIT");
    }
}

/// Waits until this number of connections to the database wait for a lock. PostgreSQL only.
pub async fn until_waiting(database: &TestDatabase, connections: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let wait = async || (database.count(waiting) == connections).then_some(());
    eventually(&format!("{connections} connections that wait for a lock"), wait).await;
}
