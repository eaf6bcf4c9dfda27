//! A temporary PostgreSQL cluster, one for each test program, from the machine's own `initdb` and `postgres`.
//! `TEST_DATABASE_URL` names a server to use instead; its user must be allowed to create databases.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel::{Connection as _, PgConnection, connection::SimpleConnection as _};
use url::Url;

static SERVER: LazyLock<Url> = LazyLock::new(|| {
    let url = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| start_cluster());
    Url::parse(&url).expect("a URL")
});
static NUMBER: AtomicU32 = AtomicU32::new(0);

pub fn create_database(encoding: &str) -> String {
    let name = format!("vestibule_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    administrate(&format!("CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"));
    let mut url = SERVER.clone();
    url.set_path(&name);
    url.into()
}

pub fn drop_database(url: &str) {
    let name = Url::parse(url).expect("a URL").path().trim_start_matches('/').to_owned();
    administrate(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
}

/// Runs SQL as the administrator.
pub fn administrate(sql: &str) {
    let mut connection = PgConnection::establish(SERVER.as_str()).expect("the PostgreSQL server");
    connection.batch_execute(sql).expect(sql);
}

/// The script stops the cluster when its standard input closes, so at any end of this process.
#[expect(clippy::zombie_processes, reason = "it outlives this process for a moment")]
fn start_cluster() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres-for-tests");
    let mut cluster = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect(script);
    let mut url = String::new();
    BufReader::new(cluster.stdout.take().expect("stdout")).read_line(&mut url).expect("a line");
    assert!(!url.is_empty(), "no PostgreSQL; ./scripts/test installs it");
    std::mem::forget(cluster.stdin.take());
    url.trim_end().to_owned()
}
