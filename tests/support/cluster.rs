//! A PostgreSQL cluster for one test, which may stop, kill and restart it. Unlike the one of `postgres.rs`, it uses
//! fsync.

use std::{
    fs::{self, OpenOptions},
    io,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection as _, PgConnection};
use tempfile::TempDir;

/// Poll interval and longest wait of a start.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_mins(2);

pub struct Cluster {
    pub url: String,
    port: u16,
    folder: TempDir,
    programs: PathBuf,
    server: Option<Child>,
}

impl Cluster {
    pub fn start() -> Self {
        let found = Command::new("sh").args(["-c", "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1"]).output();
        let programs = String::from_utf8(found.expect("sh").stdout).expect("text").trim().to_owned();
        assert!(!programs.is_empty(), "no PostgreSQL; ./scripts/test installs it");
        let folder = tempfile::tempdir().expect("a folder");
        let mut cluster = Self { url: String::new(), port: 0, folder, programs: programs.into(), server: None };
        if is_root() {
            let status = Command::new("chown").arg("postgres").arg(cluster.folder.path()).status().expect("chown");
            assert!(status.success());
        }
        let made = cluster
            .program("initdb")
            .args(["--username=tester", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .arg("--pgdata=data")
            .output()
            .expect("initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.choose_port();
        cluster
    }

    /// Starts the server on a free port below the ephemeral range, so that it is still free after a stop. Tries other
    /// ports while the port is in use.
    fn choose_port(&mut self) {
        const IN_USE: &str = "Address already in use";
        for _ in 0..10 {
            self.port = rand::random_range(20_000..32_000);
            self.url = format!("postgres://tester@127.0.0.1:{}/postgres", self.port);
            let mut server = self.launch().expect("postgres");
            // The error may be in the log before or after the process has ended.
            while server.try_wait().expect("the process").is_none() && PgConnection::establish(&self.url).is_err() {
                thread::sleep(LOOK_EVERY);
            }
            if server.try_wait().expect("the process").is_none() {
                self.server = Some(server);
                return;
            }
            assert!(self.log().contains(IN_USE), "PostgreSQL does not start: {}", self.log());
        }
        panic!("no port is free: {}", self.log());
    }

    /// As its own user: PostgreSQL refuses to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }

    /// Starts the server and waits for a connection: it recovers from its write-ahead log first. Returns the elapsed
    /// time.
    pub fn up(&mut self) -> Duration {
        let started = Instant::now();
        while PgConnection::establish(&self.url).is_err() {
            assert!(started.elapsed() < PATIENCE, "PostgreSQL does not start: {}", self.log());
            // Attempts fail while a process of the previous server exists.
            if self.server.as_mut().is_none_or(|server| server.try_wait().expect("the process").is_some()) {
                self.server = Some(self.launch().expect("postgres"));
            }
            thread::sleep(LOOK_EVERY);
        }
        started.elapsed()
    }

    fn launch(&self) -> io::Result<Child> {
        let log = OpenOptions::new().append(true).create(true).open(self.folder.path().join("log"))?;
        self.program("postgres")
            .args(["-D", "data", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .args(["-c", &format!("port={}", self.port)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// `kill -9` of the postmaster: its backends detect it and exit, and nothing more is written.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("killed");
            server.wait().expect("its end");
        }
    }

    /// Stops the server without a clean shutdown, as `pg_ctl stop -m immediate` does.
    pub fn down(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let _ = Command::new("kill").args(["-s", "QUIT", &server.id().to_string()]).status();
        let _ = server.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.down();
    }
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}
