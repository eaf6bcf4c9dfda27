//! A throwaway PostgreSQL cluster, one for each test program, from the machine's own `initdb` and `postgres`.
//! `TEST_DATABASE_URL` names a server to use instead; its user must be allowed to create databases.

use std::{
    fs,
    io::Write as _,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection as _, PgConnection, connection::SimpleConnection as _};
use url::Url;

static SERVER: LazyLock<Url> = LazyLock::new(|| {
    let url = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| start_cluster());
    Url::parse(&url).expect("a URL")
});
static NUMBER: AtomicU32 = AtomicU32::new(0);

pub fn create_database() -> String {
    let name = format!("vestibule_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    administrate(&format!("CREATE DATABASE {name}"));
    let mut url = SERVER.clone();
    url.set_path(&name);
    url.into()
}

pub fn drop_database(url: &str) {
    let name = Url::parse(url).expect("a URL").path().trim_start_matches('/').to_owned();
    administrate(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
}

fn administrate(sql: &str) {
    let mut connection = PgConnection::establish(SERVER.as_str()).expect("the PostgreSQL server");
    connection.batch_execute(sql).expect(sql);
}

#[expect(clippy::zombie_processes, reason = "it ends with this process")]
fn start_cluster() -> String {
    const PASSWORD: &str = "for-tests-only";
    let folder = tempfile::Builder::new().prefix("vestibule-postgres-").tempdir().expect("a temporary folder").keep();
    let data = folder.join("data");
    let password_file = folder.join("password");
    fs::write(&password_file, PASSWORD).expect("a file");
    if is_root() {
        run(Command::new("chown").arg("-R").arg("postgres").arg(&folder));
    }
    run(as_postgres(&program("initdb"))
        .args(["--username=tester", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
        .arg(format!("--pwfile={}", password_file.display()))
        .arg("--pgdata")
        .arg(&data)
        .current_dir(&folder)
        .stdout(Stdio::null()));

    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
    let log = fs::File::create(folder.join("log")).expect("a file");
    let server = as_postgres(&program("postgres"))
        .arg("-D")
        .arg(&data)
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=400"])
        .args(["-c", "fsync=off", "-c", &format!("port={port}")])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("the log"))
        .stderr(log)
        .spawn()
        .expect("postgres");
    stop_with_this_process(server.id(), &folder);

    let deadline = Instant::now() + Duration::from_secs(30);
    let url = format!("postgres://tester:{PASSWORD}@127.0.0.1:{port}/postgres");
    while TcpStream::connect(("127.0.0.1", port)).is_err() || PgConnection::establish(&url).is_err() {
        assert!(Instant::now() < deadline, "{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        thread::sleep(Duration::from_millis(50));
    }
    url
}

#[expect(clippy::zombie_processes, reason = "it outlives this process for a moment")]
/// Statics are not dropped and a test may end in any way, so a shell waits for this process's end of a pipe to close.
fn stop_with_this_process(server: u32, folder: &Path) {
    let script = "read -r _; kill -QUIT $0; for _ in $(seq 200); do kill -0 $0 2>/dev/null || break; sleep 0.05; done; rm -rf \"$1\"";
    let mut watcher = Command::new("sh")
        .args(["-c", script, &server.to_string()])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh");
    let mut pipe = watcher.stdin.take().expect("a pipe");
    pipe.flush().expect("a pipe");
    // Kept open for as long as this process lives.
    std::mem::forget(pipe);
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// Debian keeps the servers' programs out of PATH.
fn program(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join(name)))
        .filter(|path| path.exists())
        .collect();
    versions.sort();
    versions.pop().unwrap_or_else(|| name.into())
}

fn run(command: &mut Command) {
    let status =
        command.status().unwrap_or_else(|error| panic!("{command:?}: {error}; ./scripts/test installs PostgreSQL"));
    assert!(status.success(), "{command:?}");
}
