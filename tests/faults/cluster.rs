//! A PostgreSQL cluster of a test's own, to be killed and started again. Unlike that of `support::postgres` it syncs.

use std::{
    io,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection as _, PgConnection};
use tempfile::TempDir;

pub struct Cluster {
    pub url: String,
    port: u16,
    folder: TempDir,
    server: Option<Child>,
}

impl Cluster {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status().expect("chown");
            assert!(owned.success());
        }
        let url = format!("postgres://tester@127.0.0.1:{port}/postgres");
        let mut cluster = Self { url, port, folder, server: None };
        let made = cluster
            .program("initdb")
            .args(["--username=tester", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata=data"])
            .output()
            .expect("initdb; ./scripts/test installs it");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.revive();
        cluster
    }

    /// `kill -9` of the postmaster: its backends find out and leave, and nothing is written any more.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("killed");
            server.wait().expect("its end");
        }
    }

    /// Starts it again; it recovers from its write-ahead log. Gives how long that took.
    pub fn revive(&mut self) -> Duration {
        let started = Instant::now();
        while PgConnection::establish(&self.url).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "PostgreSQL does not start: {}", self.log());
            // The first tries fail as long as a backend of the one before is there.
            if self.server.as_mut().is_none_or(|server| server.try_wait().expect("the process").is_some()) {
                self.server = Some(self.launch().expect("postgres"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        started.elapsed()
    }

    fn launch(&self) -> io::Result<Child> {
        let log = std::fs::OpenOptions::new().append(true).create(true).open(self.folder.path().join("log"))?;
        self.program("postgres")
            .args(["-D", "data", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .args(["-c", &format!("port={}", self.port)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
    }

    /// One of PostgreSQL's own, which refuse to run as root.
    fn program(&self, name: &str) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]);
            command.arg(path_of(name));
            command
        } else {
            Command::new(path_of(name))
        };
        command.current_dir(self.folder.path());
        command
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            // At once, but with its shared memory given back.
            let _ = Command::new("kill").args(["-s", "QUIT", &server.id().to_string()]).status();
            let _ = server.wait();
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Debian keeps the server's programs out of PATH.
fn path_of(name: &str) -> String {
    let script = format!("ls /usr/lib/postgresql/*/bin/{name} 2>/dev/null | sort -V | tail -n 1");
    let found = Command::new("sh").args(["-c", &script]).output().expect("sh");
    let path = String::from_utf8(found.stdout).expect("text").trim().to_owned();
    if Path::new(&path).exists() { path } else { name.to_owned() }
}
