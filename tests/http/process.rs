//! The process: settings, exit codes, start and stop.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    process::Output,
    sync::Arc,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, Backend, GOOD, METRICS, Server, Settings, TestDatabase,
    server::{BROWSER, command, listening_on},
};
use Backend::{Postgres, Sqlite};

/// Runs the program to its end.
fn run(settings: Settings, arguments: &[&str]) -> (Option<i32>, String, String) {
    let database = TestDatabase::new(Sqlite);
    let Output { status, stdout, stderr } =
        command(&database.url, settings).args(arguments).output().expect("vestibule");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[rstest]
#[case(&[("PORT", "99999")], "PORT: use a whole number from 0 to 65535")]
#[case(&[("PORT", "http")], "PORT: use a whole number from 0 to 65535")]
#[case(&[("HOST", "www.example.com")], "HOST: use an IP address of this machine, for example 127.0.0.1 or 0.0.0.0")]
#[case(&[("DATABASE_URL", "mysql://u:s3cret@h/db")], "DATABASE_URL: this is no database URL; use sqlite://PATH, for example sqlite://vestibule.db, or postgres://user:password@host/name")]
#[case(&[("DATABASE_URL", "postgre://u:s3cret@h/db")], "DATABASE_URL: this is no database URL; use sqlite://PATH, for example sqlite://vestibule.db, or postgres://user:password@host/name")]
#[case(&[("DATABASE_URL", "postgres://u:s3cret%zz@h/db")], "DATABASE_URL: a % in the URL must be followed by two hexadecimal digits; write %25 for % itself")]
#[case(&[("DATABASE_URL", "sqlite://:memory:")], "DATABASE_URL: a SQLite database needs the path of a file, for example sqlite://vestibule.db")]
#[case(&[("DATABASE_MAX_CONNS", "0")], "DATABASE_MAX_CONNS: use a whole number from 1 to 1000")]
#[case(&[("ENVIRONMENT", "staging")], "ENVIRONMENT: use one of local, production")]
#[case(&[("PUBLIC_URL", "accounts.example.com")], "PUBLIC_URL: relative URL without a base; use an origin such as https://accounts.example.com")]
#[case(&[("PUBLIC_URL", "https://accounts.example.com/path")], "PUBLIC_URL: use an origin such as https://accounts.example.com")]
#[case(&[("SECRET_KEY", "s3cret")], "SECRET_KEY: it is 6 bytes long; use 32 or more, for example from `openssl rand -base64 48`")]
#[case(&[("SECRET_KEY_FILE", "/nowhere/key")], "SECRET_KEY_FILE: cannot read /nowhere/key: No such file or directory (os error 2)")]
#[case(&[("SECRET_KEY", "0123456789012345678901234567890123456789"), ("SECRET_KEY_FILE", "/nowhere/key")], "SECRET_KEY and SECRET_KEY_FILE are both set; keep one of them")]
#[case(&[("DATABASE_URL_FILE", "/nowhere/url")], "DATABASE_URL and DATABASE_URL_FILE are both set; keep one of them")]
#[case(&[("BCRYPT_COST", "16")], "BCRYPT_COST: use a whole number from 4 to 15")]
#[case(&[("BCRYPT_COST", "9"), ("ENVIRONMENT", "production")], "BCRYPT_COST: 9 is too low for production; use 10 to 15, or set ENVIRONMENT=local for a test")]
#[case(&[("PASSWORD_MIN_LENGTH", "0")], "PASSWORD_MIN_LENGTH: use a whole number from 1 to 128")]
#[case(&[("PASSWORD_BLOCKLIST", "yes")], "PASSWORD_BLOCKLIST: use one of on, off")]
#[case(&[("HASH_THREADS", "0")], "HASH_THREADS: use a whole number from 1 to 1024")]
#[case(&[("HASH_QUEUE_SECONDS", "-1")], "HASH_QUEUE_SECONDS: use a whole number from 1 to 60")]
#[case(&[("LOG_LEVEL", "loud")], "LOG_LEVEL: use one of error, warn, info, debug, trace")]
#[case(&[("LOG_FORMAT", "xml")], "LOG_FORMAT: use one of text, json")]
fn an_invalid_setting_is_named_in_one_line(#[case] settings: Settings, #[case] line: &str) {
    let (code, stdout, stderr) = run(settings, &[]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(2), "", format!("vestibule: {line}\n").as_str()));
    assert!(!stderr.contains("s3cret"));
}

#[rstest]
#[case(&["--port", "x"], "PORT: use a whole number from 0 to 65535")]
#[case(&["serve", "--bcrypt-cost=3"], "BCRYPT_COST: use a whole number from 4 to 15")]
#[case(&["--colour"], "--colour is not a setting; see `vestibule --help`")]
fn an_invalid_flag_is_a_one_line_error(#[case] arguments: &[&str], #[case] line: &str) {
    assert_eq!(run(&[], arguments), (Some(2), String::new(), format!("vestibule: {line}\n")));
}

#[test]
fn an_empty_setting_is_named() {
    let database = TestDatabase::new(Sqlite);
    let output = command(&database.url, &[]).env("PUBLIC_URL", "").output().expect("vestibule");
    let line = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((output.status.code(), line.lines().count()), (Some(2), 1), "{line}");
    assert!(line.starts_with("vestibule: PUBLIC_URL: "), "{line}");
}

#[test]
fn a_setting_that_is_not_utf8_is_named() {
    use std::os::unix::ffi::OsStrExt as _;

    let database = TestDatabase::new(Sqlite);
    let value = std::ffi::OsStr::from_bytes(b"0123456789abcdef0123456789abcdef\xff");
    let output = command(&database.url, &[]).env("SECRET_KEY", value).output().expect("vestibule");
    let line = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((output.status.code(), line.as_str()), (Some(2), "vestibule: SECRET_KEY: it is not UTF-8\n"));
}

#[test]
fn help_and_the_example_name_every_setting() {
    let (code, help, stderr) = run(&[], &["--help"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let example = include_str!("../../.env.example");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let settings: Vec<&str> = help.split("[env: ").skip(1).filter_map(|rest| rest.split(']').next()).collect();
    assert!(settings.len() >= 14, "{settings:?}");
    for setting in &settings {
        assert!(
            example.lines().any(|line| line.starts_with(&format!("#{setting}="))),
            "{setting} is not in .env.example"
        );
        let flag = format!("--{}", setting.to_lowercase().replace('_', "-"));
        assert!(help.contains(&flag), "{flag}");
    }
    for line in example.lines().filter(|line| line.contains('=') && !line.starts_with("# ")) {
        let name = line.trim_start_matches('#').split('=').next().expect("a name");
        assert!(settings.contains(&name), "{name} is not a setting");
    }
    let (code, version, _) = run(&[], &["--version"]);
    assert_eq!((code, version), (Some(0), format!("vestibule {}\n", env!("CARGO_PKG_VERSION"))));
}

#[rstest]
#[tokio::test]
async fn settings_come_from_flags_then_the_environment_then_dot_env(#[values(Sqlite, Postgres)] backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::new(backend);
    let key = folder.path().join("key");
    fs::write(&key, "0123456789abcdef0123456789abcdef\n").expect("written");
    fs::write(folder.path().join("url"), format!("{}\n", database.url)).expect("written");
    // The flag beats the environment (port), the environment beats the file (cost), the file beats the default (length).
    let dot_env = "PORT=1\nBCRYPT_COST=99\nLOG_FORMAT=json\nPASSWORD_MIN_LENGTH=20\nDATABASE_URL_FILE=url\n";
    fs::write(folder.path().join(".env"), dot_env).expect("written");
    let mut child = command("", &[("PORT", "2"), ("SECRET_KEY_FILE", key.to_str().expect("a path"))])
        .env_remove("DATABASE_URL")
        .args(["serve", "--port", "0"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("vestibule");
    let mut line = [0; 64];
    let read = child.stdout.as_mut().expect("stdout").read(&mut line).expect("a line");
    let line = String::from_utf8_lossy(&line[..read]).into_owned();
    let address = line.trim().strip_prefix("listening on ").expect("an address");
    let port: u16 = address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    assert!(port > 2, "{port}");
    let hint = reqwest::get(format!("{address}/register")).await.expect("an answer").text().await.expect("a page");
    assert!(hint.contains("20 characters or more."));
    child.kill().expect("killed");
    let mut log = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut log).expect("read");
    child.wait().expect("ended");
    assert!(log.lines().all(|line| line.starts_with('{')), "{log}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 0, "the database of the file was used");
}

#[test]
fn a_flag_beats_a_file_named_in_the_environment() {
    let database = TestDatabase::new(Sqlite);
    let output = command("", &[("DATABASE_URL_FILE", "/nowhere/url"), ("PORT", "x")])
        .env_remove("DATABASE_URL")
        .args(["--database-url", &database.url])
        .output()
        .expect("vestibule");
    let line = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(line.starts_with("vestibule: PORT: "), "{line}");
    let output = command("", &[("DATABASE_URL_FILE", "/nowhere/url")])
        .env_remove("DATABASE_URL")
        .args(["--database-url", &database.url, "--bcrypt-cost", "3"])
        .output()
        .expect("vestibule");
    let line = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(line, "vestibule: BCRYPT_COST: use a whole number from 4 to 15\n");
}

#[test]
fn dot_env_is_read_from_the_working_directory_and_never_quoted() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::new(Sqlite);
    let run_in = |folder: &std::path::Path, arguments: &[&str]| {
        let output = command(&database.url, &[("BCRYPT_COST", "")])
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("vestibule");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let file = folder.path().join(".env");
    fs::write(&file, "BCRYPT_COST=99\n").expect("written");
    assert_eq!(
        run_in(folder.path(), &[]),
        (Some(2), "vestibule: BCRYPT_COST: use a whole number from 4 to 15\n".into())
    );
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("made");
    assert_eq!(
        run_in(&inner, &["--port", "x"]),
        (Some(2), "vestibule: PORT: use a whole number from 0 to 65535\n".into())
    );

    fs::write(&file, "SECRET_KEY s3cret\n").expect("written");
    let (code, line) = run_in(folder.path(), &[]);
    assert_eq!(
        (code, line.as_str()),
        (Some(2), "vestibule: .env: a line is not NAME=value; put a value with spaces, $ or # in single quotes\n")
    );
    assert_eq!(run_in(folder.path(), &["--help"]).0, Some(0), "--help works with an invalid .env");
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("made");
    let (code, line) = run_in(folder.path(), &[]);
    assert_eq!((code, line.lines().count()), (Some(2), 1), "{line}");
    assert!(line.starts_with("vestibule: .env: it cannot be read: "), "{line}");
}

#[test]
fn a_busy_port_is_one_line_and_exit_1() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let (code, stdout, stderr) = run(&[("PORT", &port)], &[]);
    let line = format!(
        "vestibule: HOST, PORT: cannot listen on 127.0.0.1:{port}: Address already in use (os error 98). \
         Stop what is using it, or choose another PORT\n"
    );
    assert_eq!((code, stdout.as_str(), stderr), (Some(1), "", line));
}

#[test]
fn a_sqlite_path_that_cannot_be_opened_is_one_line_and_exit_1() {
    // Not retried: each attempt would log a line.
    let (code, _, stderr) = run(&[("DATABASE_URL", "sqlite:///nowhere/at/all.db")], &[]);
    assert_eq!((code, stderr.lines().count()), (Some(1), 1), "{stderr}");
    assert!(stderr.starts_with("vestibule: DATABASE_URL: sqlite:///nowhere/at/all.db: "), "{stderr}");
    assert!(
        stderr.ends_with(". Create the folder, make it writable for this user, or choose another path\n"),
        "{stderr}"
    );
}

/// Retries for 30 s, alive but not ready, then exits with one line.
#[tokio::test]
async fn an_unreachable_postgres_is_retried_for_30_seconds() {
    // Nothing listens on port 1.
    let database_port = 1;
    let started = Instant::now();
    let url = format!("postgres://who:s3cret@127.0.0.1:{database_port}/accounts");
    let child = command(&url, &[])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("vestibule");
    let address = format!("http://{}", listening_on(child.id()).await);
    let get = async |path: &str| {
        let request = reqwest::Client::new().get(format!("{address}{path}")).header("accept", BROWSER);
        Answer::of(request.send().await.expect("an answer")).await
    };
    assert_eq!(get("/healthz").await.status, 200);
    get("/readyz").await.assert_json(503, &json!({"detail": "The service is starting. Try again in a few seconds."}));
    let register = get("/register").await;
    assert_eq!(register.page(503).text("h1"), "We will be there in a moment");
    assert_eq!((register.header("retry-after"), register.header("x-frame-options")), ("1", "DENY"));
    assert_eq!(register.header("x-request-id").len(), 32);
    let output = child.wait_with_output().expect("ended");
    // About 30 s; the upper bound detects a hang.
    let took = started.elapsed();
    assert!((Duration::from_secs(25)..Duration::from_mins(2)).contains(&took), "{took:?}");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let last = stderr.lines().last().expect("a line");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(
        last.starts_with(&format!("vestibule: DATABASE_URL: postgres://127.0.0.1:{database_port}/accounts: ")),
        "{last}"
    );
    assert!(last.contains("refused"), "{stderr}");
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

#[rstest]
#[tokio::test]
async fn a_database_newer_than_the_program_is_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = TestDatabase::new(backend);
    let database = Arc::new(database);
    drop(Server::start_on(Arc::clone(&database), &[]));
    database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')");
    let output = command(&database.url, &[]).output().expect("vestibule");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(1), 1), "{stderr}");
    assert!(
        stderr.ends_with(
            "the database is newer than this program: it has migration 20991231000000, which this program does not know. \
             Start the version that made it, or a later one\n"
        ),
        "{stderr}"
    );
}

#[tokio::test]
async fn two_installations_have_different_keys_and_a_private_file() {
    let (one, two) = (Server::start(Sqlite), Server::start(Sqlite));
    let posted = one.post_form(&[("email", "a@example.com"), ("password", GOOD)]).await;
    let cookie = posted.cookie("vestibule_flash").pair();
    assert_eq!(two.send("GET", "/welcome", &[("cookie", &cookie)], "").await.status, 303);
    for file in one.database.files() {
        let mode = fs::metadata(&file).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_finishes_requests_in_flight(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("TERM", "INT")] signal: &str,
) {
    let mut server = Server::start_with(backend, &[METRICS]);
    let silent = TcpStream::connect(server.address).expect("a connection");
    let mut half = TcpStream::connect(server.address).expect("a connection");
    half.write_all(b"POST /register HTTP/1.1\r\nHost: localhost\r\n").expect("sent");
    // Its head is complete only after the signal; the response is 503.
    let mut late = TcpStream::connect(server.address).expect("a connection");
    late.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n").expect("sent");
    assert_eq!(server.get("/healthz").await.status, 200);

    // A sign-up whose body is complete only after the signal.
    let body = json!({"email": "a@example.com", "password": GOOD}).to_string();
    let (most, rest) = body.split_at(body.len() - 1);
    let mut in_flight = TcpStream::connect(server.address).expect("a connection");
    let head = "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length:";
    write!(in_flight, "{head} {}\r\n\r\n{most}", body.len()).expect("sent");
    server.has_in_flight(1).await;
    server.signal(signal);
    server.log_with("stopping: finishing requests in flight").await;
    in_flight.write_all(rest.as_bytes()).expect("sent");
    late.write_all(b"\r\n").expect("sent");
    let mut answer = String::new();
    in_flight.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(answer.ends_with(r#"{"id":1,"email":"a@example.com"}"#), "{answer}");
    let mut draining = String::new();
    late.read_to_string(&mut draining).expect("an answer");
    assert!(draining.starts_with("HTTP/1.1 503 "), "{draining}");
    assert!(draining.ends_with(r#"{"detail":"The service is stopping."}"#), "{draining}");
    assert_eq!(server.exit_code().await, Some(0));
    assert!(TcpStream::connect(server.address).is_err(), "the listener is closed");
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);
    drop((silent, half));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_stops_at_once_and_a_second_signal_does_not_wait() {
    let [mut idle, mut waiting, mut signalled_twice] = [(); 3].map(|()| Server::start_with(Sqlite, &[METRICS]));
    let _stalled = [waiting.stalled_post(), signalled_twice.stalled_post()];
    waiting.has_in_flight(1).await;
    signalled_twice.has_in_flight(1).await;
    for server in [&waiting, &signalled_twice, &idle] {
        server.signal("TERM");
        server.log_with("stopping: finishing requests in flight").await;
    }
    signalled_twice.signal("TERM");
    assert_eq!(idle.exit_code().await, Some(0));
    assert_eq!(signalled_twice.exit_code().await, Some(0));
    assert!(waiting.is_running(), "a server with a request in flight waits");
    assert!(signalled_twice.log_with("second signal").await.contains("stopped at once"));
    assert!(idle.log().lines().any(|line| line.ends_with(" stopped")), "{}", idle.log());
}
