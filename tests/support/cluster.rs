//! A PostgreSQL cluster of a test's own, which it may stop and start.

use std::{
    net::TcpListener,
    path::PathBuf,
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
    programs: PathBuf,
    server: Option<Child>,
}

impl Cluster {
    pub fn start() -> Self {
        let found = Command::new("sh").args(["-c", "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1"]).output();
        let programs = String::from_utf8(found.expect("sh").stdout).expect("text").trim().to_owned();
        assert!(!programs.is_empty(), "no PostgreSQL; ./scripts/test installs it");
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let url = format!("postgres://tester@127.0.0.1:{port}/postgres");
        let mut cluster = Self { url, port, folder, programs: programs.into(), server: None };
        if is_root() {
            let status = Command::new("chown").arg("postgres").arg(cluster.folder.path()).status().expect("chown");
            assert!(status.success());
        }
        let made = cluster
            .program("initdb")
            .args(["--username=tester", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .arg("--pgdata")
            .arg(cluster.folder.path().join("data"))
            .output()
            .expect("initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.up();
        cluster
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

    /// Starts the server and waits until it answers.
    pub fn up(&mut self) {
        let server = self
            .program("postgres")
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"])
            .args(["-c", &format!("port={}", self.port)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.server = Some(server.expect("postgres"));
        let deadline = Instant::now() + Duration::from_secs(20);
        while PgConnection::establish(&self.url).is_err() {
            assert!(Instant::now() < deadline, "PostgreSQL does not start");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it without a shutdown, as `pg_ctl stop -m immediate` does.
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
