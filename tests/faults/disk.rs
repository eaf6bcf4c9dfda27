//! A disk that is full.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    GRACE,
    support::{Backend, Browser, GOOD, Server, TestDatabase, eventually, server::command},
    wire::{BodyFormat, Wire, get, log_in, post_json, sign_up},
};

const SMALL: &str = "size=32m,mode=700";
/// Documented bound of the recovery once there is space again.
const LONGEST_RECOVERY: Duration = Duration::from_secs(2);

/// How the test gets a small disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SmallDiskKind {
    /// A small file system, mounted for the test; needs root.
    Mounted,
    /// The same, in a mount namespace of the service.
    Namespace,
    /// A file-size limit of the process. The error is EFBIG instead of ENOSPC, at the same place.
    Limit,
}

/// A folder on a small disk.
struct SmallDisk {
    kind: SmallDiskKind,
    folder: TempDir,
}

impl SmallDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_str().expect("a path");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SMALL, "tmpfs", path]).output();
        let kind = if mounted.is_ok_and(|output| output.status.success()) {
            SmallDiskKind::Mounted
        } else if namespace("true", path).output().is_ok_and(|output| output.status.success()) {
            SmallDiskKind::Namespace
        } else {
            SmallDiskKind::Limit
        };
        eprintln!("a full disk: {kind:?}");
        Self { kind, folder }
    }

    /// Starts a server whose database is on this disk.
    fn serve(&self) -> Server {
        let path = self.folder.path().to_str().expect("a path");
        let url = format!("sqlite://{path}/test.db");
        let plain = command(&url, &[]);
        let wrapped = match self.kind {
            SmallDiskKind::Mounted => plain,
            SmallDiskKind::Namespace => with_settings_of(&plain, namespace("exec \"$1\"", path)),
            // SIGXFSZ would end the process, so it is ignored.
            SmallDiskKind::Limit => with_settings_of(&plain, shell("trap '' XFSZ; exec \"$1\"", path)),
        };
        Server::run(wrapped, Arc::new(TestDatabase::at(url, Backend::Sqlite)))
    }

    /// A copy of the database, made while there are no writes. SQLite could not open it in another mount namespace.
    fn copy(&self, server: &Server) -> TestDatabase {
        let copy = TestDatabase::new(Backend::Sqlite);
        let to = copy.url.trim_start_matches("sqlite://").to_owned();
        for ending in ["", "-wal"] {
            fs::copy(self.visible_folder(server).join(format!("test.db{ending}")), format!("{to}{ending}"))
                .expect("a copy");
        }
        copy
    }

    /// The folder as this process sees it.
    fn visible_folder(&self, server: &Server) -> PathBuf {
        match self.kind {
            SmallDiskKind::Namespace => {
                PathBuf::from(format!("/proc/{}/root{}", server.pid(), self.folder.path().display()))
            }
            _ => self.folder.path().to_owned(),
        }
    }

    fn fill(&self, server: &Server) {
        if self.kind == SmallDiskKind::Limit {
            return limit(server, "4096");
        }
        let mut file = File::create(self.visible_folder(server).join("filler")).expect("a file");
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
        let more = file.write_all(b"x").expect_err("it is full");
        assert_eq!(more.kind(), io::ErrorKind::StorageFull);
    }

    fn free(&self, server: &Server) {
        match self.kind {
            SmallDiskKind::Limit => limit(server, "unlimited"),
            _ => fs::remove_file(self.visible_folder(server).join("filler")).expect("removed"),
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if self.kind == SmallDiskKind::Mounted {
            let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
        }
    }
}

/// Sets the soft file-size limit, in bytes. The hard limit stays, so that the soft limit can be raised again.
fn limit(server: &Server, bytes: &str) {
    let (pid, limit) = (server.pid().to_string(), format!("--fsize={bytes}:"));
    assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().expect("prlimit").success());
}

/// `$0` is the folder, `$1` the program.
fn shell(script: &str, folder: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, folder, env!("CARGO_BIN_EXE_vestibule")]);
    command
}

fn namespace(script: &str, folder: &str) -> Command {
    let script = format!("mount -t tmpfs -o {SMALL} tmpfs \"$0\" && {script}");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, folder]);
    command.arg(env!("CARGO_BIN_EXE_vestibule"));
    command
}

fn with_settings_of(plain: &Command, mut command: Command) -> Command {
    let settings = plain.get_envs().filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(settings).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.current_dir(std::env::temp_dir());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_503_and_recovers_without_a_restart() {
    let disk = SmallDisk::new();
    let server = disk.serve();
    let mut wire = Wire::open(server.address).await.expect("a connection");
    let mut acknowledged = Vec::new();
    for number in 0..20 {
        let email = format!("before-{number}@example.com");
        assert_eq!(wire.exchange(&sign_up(BodyFormat::Json, &email)).await.expect("an answer").status, 201);
        acknowledged.push(email);
    }
    let ada = Browser::new(&server);
    ada.sign_up("ada@example.com", GOOD).await;
    acknowledged.push("ada@example.com".to_owned());

    disk.fill(&server);
    let mut refused = 0;
    for number in 0..200 {
        let format = if number % 2 == 0 { BodyFormat::Json } else { BodyFormat::Form };
        let email = format!("full-{number}@example.com");
        let reply = wire.exchange(&sign_up(format, &email)).await.expect("an answer");
        match reply.status {
            503 => {
                assert!(reply.retry_after.is_some(), "{reply:?}");
                refused += 1;
            }
            // Space that the file already had.
            201 | 303 if refused == 0 => acknowledged.push(email),
            _ => panic!("{reply:?}"),
        }
        if refused == 20 {
            break;
        }
    }
    assert_eq!(refused, 20);
    // A login whose session cannot be written is a 503, with a right and with a wrong password. Existing sessions stay
    // valid, and pages are served.
    let wrong = post_json("/login", &serde_json::json!({"identifier": "ada@example.com", "password": "wrong"}));
    for login in [log_in("ada@example.com"), log_in("nobody@example.com"), wrong] {
        let reply = wire.exchange(&login).await.expect("an answer");
        assert_eq!((reply.status, reply.retry_after), (503, Some(5)), "{reply:?}");
        assert!(reply.body.starts_with(r#"{"detail":"#), "{reply:?}");
    }
    assert!(ada.is_signed_in().await);
    for (path, status) in [("/register", 200), ("/login", 200), ("/healthz", 200), ("/readyz", 503)] {
        assert_eq!(wire.exchange(&get(path)).await.expect("an answer").status, status, "{path}");
    }

    disk.free(&server);
    let freed = Instant::now();
    eventually("a sign-up succeeds", async || {
        let reply = wire.exchange(&sign_up(BodyFormat::Json, "after@example.com")).await.expect("an answer");
        (reply.status == 201).then_some(())
    })
    .await;
    let recovery = freed.elapsed();
    assert!(recovery < LONGEST_RECOVERY + GRACE, "{recovery:?}");
    assert_eq!(wire.exchange(&get("/readyz")).await.expect("an answer").status, 200);
    acknowledged.push("after@example.com".to_owned());
    let copy = disk.copy(&server);
    assert_eq!(copy.texts("SELECT integrity_check AS t FROM pragma_integrity_check"), ["ok"]);
    let emails = copy.texts("SELECT email AS t FROM users ORDER BY id");
    assert_eq!(emails, acknowledged, "exactly the acknowledged accounts exist");
    for email in &acknowledged {
        assert_eq!(wire.exchange(&log_in(email)).await.expect("an answer").status, 200, "{email}");
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
    eprintln!(
        "{:?}: {refused} refused while it was full; the first sign-up {recovery:.2?} after there was space again",
        disk.kind
    );
}

/// Why the log cannot be written.
enum Log {
    /// Each write fails with ENOSPC.
    FullDisk,
    /// The reader is gone: EPIPE.
    ClosedPipe,
}

/// A server that cannot write to standard error. Its standard output is closed after the line with its address.
fn serve_without_log(database: &TestDatabase, log: &Log) -> (Child, SocketAddr) {
    let errors = match log {
        Log::FullDisk => File::options().write(true).open("/dev/full").expect("/dev/full").into(),
        Log::ClosedPipe => Stdio::piped(),
    };
    let settings = [("LOG_LEVEL", "trace")];
    let mut child = command(&database.url, &settings).stdout(Stdio::piped()).stderr(errors).spawn().expect("vestibule");
    drop(child.stderr.take());
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    let address = line.trim_end().strip_prefix("listening on http://").and_then(|address| address.parse().ok());
    (child, address.unwrap_or_else(|| panic!("no address in {line:?}")))
}

#[tokio::test]
async fn an_unwritable_log_does_not_affect_requests() {
    for log in [Log::FullDisk, Log::ClosedPipe] {
        let database = TestDatabase::new(Backend::Sqlite);
        let (mut child, address) = serve_without_log(&database, &log);
        let mut wire = Wire::open(address).await.expect("a connection");
        for number in 0..10 {
            let email = format!("p{number}@example.com");
            assert_eq!(wire.exchange(&sign_up(BodyFormat::Json, &email)).await.expect("an answer").status, 201);
            assert_eq!(wire.exchange(&log_in(&email)).await.expect("an answer").status, 200);
        }
        // Log lines of every kind: a refused request, a database error, a stop.
        assert_eq!(wire.exchange(&get("/nowhere")).await.expect("an answer").status, 404);
        database.execute("ALTER TABLE users RENAME TO elsewhere");
        assert_eq!(wire.exchange(&log_in("p0@example.com")).await.expect("an answer").status, 500);
        database.execute("ALTER TABLE elsewhere RENAME TO users");
        assert_eq!(wire.exchange(&log_in("p0@example.com")).await.expect("an answer").status, 200);
        assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill").success());
        assert_eq!(child.wait().expect("its end").code(), Some(0));
    }
}

/// Invalid settings and an unavailable database still end with the documented exit code.
#[test]
fn exit_codes_do_not_depend_on_a_writable_log() {
    for (settings, code) in [([("PORT", "http")], 2), ([("DATABASE_URL", "sqlite:///nowhere/at/all.db")], 1)] {
        let full = File::options().write(true).open("/dev/full").expect("/dev/full");
        let status = command("sqlite:///nowhere/at/all.db", &settings)
            .stderr(full)
            .stdout(Stdio::null())
            .status()
            .expect("vestibule");
        assert_eq!(status.code(), Some(code));
    }
}
