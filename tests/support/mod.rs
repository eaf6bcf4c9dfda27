//! Shared by the tests: temporary databases, real servers, and their clients.
#![allow(dead_code, unused_imports, reason = "each test program uses its own part")]

pub mod browser;
pub mod cluster;
pub mod collector;
pub mod echo;
mod eventually;
pub mod faketime;
pub mod held;
pub mod https;
pub mod line;
pub mod mailbox;
pub mod metrics;
pub mod port;
pub mod postgres;
pub mod proof;
pub mod proxy;
pub mod random;
pub mod reader;
pub mod server;

use std::{path::PathBuf, process::Command, sync::LazyLock, time::Duration};

use diesel::{RunQueryDsl as _, connection::SimpleConnection as _, sql_query, sql_types};
use tempfile::TempDir;
use vestibule::{
    domain::secret::Secret,
    hashing::{HashPurpose, Hasher, StoredPassword, Verdict},
    store::{self, AnyConnection, DatabaseUrl},
};

pub use browser::{Browser, SetCookie};
pub use cluster::Cluster;
pub use eventually::eventually;
pub use faketime::FakeClock;
pub use held::Held;
pub use line::{Line, Mode};
pub use mailbox::{Behaviour, Mailbox};
pub use metrics::{METRICS, Metrics};
pub use port::Port;
pub use random::random;
pub use reader::Reader;
pub use server::{Answer, Server, Settings};

/// A password that the default policy accepts.
pub const GOOD: &str = "correct-horse-battery";
/// Another accepted password.
pub const BETTER: &str = "four crabs on a warm beach";
/// The address of the account under test.
pub const ADA: &str = "ada@example.com";

/// Whether the whole campaigns run: `./scripts/test full`.
pub fn is_full() -> bool {
    std::env::var_os("VESTIBULE_TEST_FULL").is_some()
}

/// The two databases that every test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// An empty database for one test, dropped after it.
pub struct TestDatabase {
    pub url: String,
    pub backend: Backend,
    folder: Option<TempDir>,
    is_ours: bool,
}

impl TestDatabase {
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite://{}", folder.path().join("test.db").display());
                Self { url, backend, folder: Some(folder), is_ours: true }
            }
            Backend::Postgres => Self::postgres_in("UTF8"),
        }
    }

    pub fn postgres_in(encoding: &str) -> Self {
        Self { url: postgres::create_database(encoding), backend: Backend::Postgres, folder: None, is_ours: true }
    }

    /// A database that the caller creates and removes.
    pub fn at(url: String, backend: Backend) -> Self {
        Self { url, backend, folder: None, is_ours: false }
    }

    pub fn connect(&self) -> AnyConnection {
        let url = DatabaseUrl::parse(&self.url).expect("a URL");
        store::prepare_file(&url).expect("the file");
        store::connect(&url).expect("a connection")
    }

    /// The number that a query returns.
    pub fn count(&self, sql: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql_types::BigInt)]
            n: i64,
        }
        let query = sql_query(format!("SELECT CAST(({sql}) AS BIGINT) AS n"));
        let row: Row = match &mut self.connect() {
            AnyConnection::Postgres(connection) => query.get_result(connection),
            AnyConnection::Sqlite(connection) => query.get_result(connection),
        }
        .expect("a number");
        row.n
    }

    /// The texts that a query returns as `t`, NULL as "NULL".
    pub fn texts(&self, sql: &str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
            t: Option<String>,
        }
        let query = sql_query(format!("SELECT CAST(t AS TEXT) AS t FROM ({sql}) AS q"));
        let rows: Vec<Row> = match &mut self.connect() {
            AnyConnection::Postgres(connection) => query.load(connection),
            AnyConnection::Sqlite(connection) => query.load(connection),
        }
        .expect("rows");
        rows.into_iter().map(|row| row.t.unwrap_or_else(|| "NULL".to_owned())).collect()
    }

    pub fn execute(&self, sql: &str) {
        self.connect().batch_execute(sql).expect(sql);
    }

    /// The SQLite file and its companions, for reading them as bytes.
    pub fn files(&self) -> Vec<PathBuf> {
        let folder = self.folder.as_ref().expect("a SQLite database");
        std::fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").path()).collect()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.is_ours && self.backend == Backend::Postgres {
            postgres::drop_database(&self.url);
        }
    }
}

/// A Python with the packages of tests/python/requirements.txt, installed by `./scripts/test` or here.
pub static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(root.join("scripts/python-for-tests")).status().expect("scripts/python-for-tests");
    assert!(
        status.success(),
        "Python's packages could not be installed; is python3-venv installed? ./scripts/test installs it"
    );
    root.join("target/python-for-tests/bin/python")
});

/// Whether the service accepts this password for the stored hash.
pub async fn verifies(password: &str, stored: &str) -> bool {
    static HASHER: LazyLock<Hasher> = LazyLock::new(|| Hasher::start(1, Duration::from_mins(1), 4).expect("a thread"));
    let place = HASHER.reserve(HashPurpose::Login).expect("a place");
    let stored = StoredPassword::new(stored.to_owned());
    let verdict = HASHER.verify(place, &Secret::new(password.to_owned()), Some(&stored)).await.expect("a verdict");
    assert!(!matches!(verdict, Verdict::Unreadable(_)), "{}", stored.as_str());
    matches!(verdict, Verdict::Right { .. })
}
