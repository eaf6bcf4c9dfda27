//! The real binary on a free port, and clients of it over the network.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Client, Method, header::HeaderMap, redirect::Policy};
use scraper::{Html, Selector};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    Backend, GOOD, TestDatabase, eventually, faketime,
    https::{Https, ORIGIN},
};

/// Longest wait for a response, reached only by a hang.
pub(super) const PATIENCE: Duration = Duration::from_mins(5);

/// Environment variables of a server, in addition to those of [`command`].
pub type Settings<'a> = &'a [(&'a str, &'a str)];

/// A running `vestibule`. Killed when dropped.
pub struct Server {
    pub address: SocketAddr,
    pub database: Arc<TestDatabase>,
    child: Child,
    log: Arc<Mutex<String>>,
    client: Client,
    /// The client of a server with TLS.
    https: Option<Https>,
}

impl Server {
    /// On an empty database, with bcrypt at its lowest cost.
    pub fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[])
    }

    pub fn start_with(backend: Backend, settings: Settings) -> Self {
        Self::start_on(Arc::new(TestDatabase::new(backend)), settings)
    }

    /// On a database that other servers may use too.
    pub fn start_on(database: Arc<TestDatabase>, settings: Settings) -> Self {
        let command = command(&database.url, settings);
        Self::run(command, database)
    }

    /// On an empty database, by a command that executes the program.
    pub fn start_as(backend: Backend, program: &mut Command, settings: Settings) -> Self {
        let database = Arc::new(TestDatabase::new(backend));
        let plain = command(&database.url, settings);
        let mut command = Command::new(program.get_program());
        command.args(program.get_args()).env_clear().current_dir(std::env::temp_dir());
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self::run(command, database)
    }

    /// By a command that executes the program.
    pub fn run(mut command: Command, database: Arc<TestDatabase>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vestibule");
        let log = Arc::new(Mutex::new(String::new()));
        let mut errors = child.stderr.take().expect("stderr");
        thread::spawn({
            let log = Arc::clone(&log);
            move || {
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = errors.read(&mut buffer) {
                    log.lock().expect("the log").push_str(&String::from_utf8_lossy(&buffer[..read]));
                }
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
        let address =
            line.split_once("://").map(|(_, address)| address.trim_end()).and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}: {}", log.lock().expect("the log")));
        let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build().expect("a client");
        Self { address, database, child, log, client, https: None }
    }

    pub fn url(&self, path: &str) -> String {
        match &self.https {
            Some(_) => format!("{ORIGIN}{path}"),
            None => format!("http://{}{path}", self.address),
        }
    }

    /// On an empty database, as in production: HTTPS, limits and bot checks as they are by default, and a mail server.
    pub fn production(backend: Backend, mailbox: &super::Mailbox, settings: Settings) -> Self {
        let https = Https::new();
        let (certificate, key, mail) = (https.file("certificate.pem"), https.file("key.pem"), mailbox.url());
        // Empty is unset. The cost is the lowest that production accepts.
        let mut all = vec![
            ("ENVIRONMENT", ""),
            ("RATE_LIMITS", ""),
            ("BCRYPT_COST", "10"),
            ("HASH_QUEUE_SECONDS", "60"),
            ("PUBLIC_URL", ORIGIN),
            ("TLS_CERT", certificate.as_str()),
            ("TLS_KEY", &key),
            ("SMTP_URL", &mail),
        ];
        all.extend_from_slice(settings);
        let mut server = Self::start_with(backend, &all);
        server.https = Some(https);
        server
    }

    /// On an empty database, with a mail server.
    pub fn mailing(backend: Backend, mailbox: &super::Mailbox, settings: Settings) -> Self {
        let url = mailbox.url();
        let mut all = vec![("SMTP_URL", url.as_str())];
        all.extend_from_slice(settings);
        Self::start_with(backend, &all)
    }

    /// Two instances on one empty database, with a mail server and a long hash queue.
    pub fn two_mailing(backend: Backend, mailbox: &super::Mailbox) -> [Self; 2] {
        let database = Arc::new(TestDatabase::new(backend));
        let url = mailbox.url();
        let settings = [("SMTP_URL", url.as_str()), ("HASH_QUEUE_SECONDS", "30")];
        [Self::start_on(Arc::clone(&database), &settings), Self::start_on(database, &settings)]
    }

    /// Kills the process (SIGKILL).
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Waits until a complete line of the log contains `words`; returns the log.
    pub async fn log_with(&self, words: &str) -> String {
        eventually(&format!("{words:?} in the log"), async || {
            let log = self.log();
            log.split_inclusive('\n').any(|line| line.contains(words) && line.ends_with('\n')).then_some(log)
        })
        .await
    }

    /// Waits until no mail is pending.
    pub async fn mails_are_settled(&self) {
        eventually("no mail is pending", async || {
            (self.database.count("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0).then_some(())
        })
        .await;
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).expect("its files").count()
    }

    /// Open sockets: connections and listeners.
    pub fn open_sockets(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.pid())).expect("its files").flatten();
        let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> i64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }

    /// Seconds of processor time so far.
    pub fn processor_time(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("its statistics");
        let (_, numbers) = stat.rsplit_once(") ").expect("numbers");
        let numbers: Vec<f64> = numbers.split(' ').filter_map(|number| number.parse().ok()).collect();
        // Without the state, which is not a number. Then utime and stime, in hundredths of a second.
        (numbers[10] + numbers[11]) / 100.0
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().expect("kill");
        assert!(status.success());
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the process").is_none()
    }

    /// Waits for the end of the process; returns its exit code.
    pub async fn exit_code(&mut self) -> Option<i32> {
        let ended = eventually("the end of the process", async || self.child.try_wait().expect("the process"));
        ended.await.code()
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        if self.https.is_some() {
            return self.send_from(Ipv4Addr::LOCALHOST, method, path, headers, body).await;
        }
        let method: Method = method.parse().expect("a method");
        let mut request = self.client.request(method, self.url(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// To a server with HTTPS, from this loopback address.
    pub async fn send_from(
        &self,
        network: Ipv4Addr,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let body = body.into();
        let body = body.as_bytes().expect("a complete body");
        let https = self.https.as_ref().expect("a server with HTTPS");
        https.send((network, self.address), method, path, headers, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("accept", BROWSER)], "").await
    }

    /// Posts JSON as an API client, without `Accept`.
    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// As [`Self::post_json`], with this bearer token and any method.
    pub async fn as_program(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let authorization = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        self.send(method, path, &headers, if body.is_null() { String::new() } else { body.to_string() }).await
    }

    /// Signs up as an API client, with the password [`GOOD`].
    pub async fn sign_up(&self, email: &str) {
        let answer = self.post_json("/register", &serde_json::json!({"email": email, "password": GOOD})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Logs in as an API client; returns the bearer token.
    pub async fn token(&self, identifier: &str, password: &str) -> String {
        let body = serde_json::json!({"identifier": identifier, "password": password});
        let answer = self.post_json("/login", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// Posts the sign-up form as a browser from the service's own page.
    pub async fn post_form(&self, fields: &[(&str, &str)]) -> Answer {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", BROWSER),
            ("sec-fetch-site", "same-origin"),
            ("origin", &self.url("")),
        ];
        self.send("POST", "/register", &headers, form(fields)).await
    }

    /// Sends a sign-up without the rest of its body.
    pub fn stalled_post(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let head = "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
        stream.write_all(head.as_bytes()).expect("sent");
        stream
    }

    /// A GET of this exact target; other clients would remove `..` from it.
    pub fn raw_get(&self, target: &str) -> String {
        self.raw(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
    }

    /// Sends exact bytes; returns all that is received until the server closes.
    pub fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        // The server may respond and close before it has received everything.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        faketime::remove_shared_memory(self.child.id());
    }
}

/// The `Accept` header of a browser.
pub const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

/// The program with these settings and no others.
pub fn command(database_url: &str, settings: Settings) -> Command {
    let mut environment = BTreeMap::from([
        ("DATABASE_URL", database_url),
        ("PORT", "0"),
        ("ENVIRONMENT", "local"),
        ("BCRYPT_COST", "4"),
        // Tests of limits turn them on.
        ("RATE_LIMITS", "off"),
        ("MAIL_DELAY_SECONDS", "0"),
        ("PATH", env!("PATH")),
    ]);
    environment.extend(settings.iter().copied());
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    // A folder without `.env`.
    command
        .env_clear()
        .envs(environment.into_iter().filter(|(_, value)| !value.is_empty()))
        .current_dir(std::env::temp_dir());
    command
}

/// The address of a listening process that has not printed it yet.
pub async fn listening_on(pid: u32) -> SocketAddr {
    let sockets = || -> Option<BTreeSet<String>> {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
        let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        let inode = |target: PathBuf| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
        Some(targets.filter_map(inode).collect())
    };
    eventually("the process listens", async || {
        let sockets = sockets()?;
        let table = fs::read_to_string("/proc/net/tcp").expect("the sockets");
        // Columns 1, 3 and 9 are address, state (0A is LISTEN) and inode.
        let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let row = rows.into_iter().find(|row| row.len() > 9 && row[3] == "0A" && sockets.contains(row[9]))?;
        let (_, port) = row[1].split_once(':').expect("a port");
        let port = u16::from_str_radix(port, 16).expect("a port");
        Some(SocketAddr::from(([127, 0, 0, 1], port)))
    })
    .await
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A complete response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Self { status, headers, body: response.bytes().await.expect("a body").to_vec() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Asserts status and JSON body.
    #[track_caller]
    pub fn assert_json(&self, status: u16, body: &Value) {
        assert_eq!((self.status, &self.json()), (status, body));
        assert_eq!(self.header("content-type"), "application/json");
    }

    /// Asserts that the Content Security Policy allows the style sheet of the page.
    #[track_caller]
    pub fn assert_policy_fits(&self) {
        let document = Html::parse_document(self.text());
        let style: String =
            document.select(&Selector::parse("style").expect("a selector")).flat_map(|style| style.text()).collect();
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        assert!(!style.is_empty(), "a page has its style sheet in it");
        let policy = self.header("content-security-policy");
        assert!(policy.split("; ").any(|part| part == format!("style-src 'sha256-{hash}'")), "{policy}");
    }

    /// The HTML page. Panics on another status.
    #[track_caller]
    pub fn page(&self, status: u16) -> Page {
        assert_eq!((self.status, self.header("content-type")), (status, "text/html; charset=utf-8"), "{}", self.text());
        Page(Html::parse_document(self.text()))
    }
}

/// A page, read by CSS selector.
pub struct Page(Html);

impl Page {
    fn all(&self, selector: &str) -> Vec<scraper::ElementRef<'_>> {
        self.0.select(&Selector::parse(selector).expect("a selector")).collect()
    }

    pub fn texts(&self, selector: &str) -> Vec<String> {
        let text = |element: scraper::ElementRef| element.text().collect::<String>();
        self.all(selector)
            .into_iter()
            .map(|element| text(element).split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// The exact text of the single element that matches.
    #[track_caller]
    pub fn raw_text(&self, selector: &str) -> String {
        let elements = self.all(selector);
        assert_eq!(elements.len(), 1, "{selector}");
        elements[0].text().collect()
    }

    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let mut texts = self.texts(selector);
        assert_eq!(texts.len(), 1, "{selector}: {texts:?}");
        texts.remove(0)
    }

    pub fn has(&self, selector: &str) -> bool {
        !self.all(selector).is_empty()
    }

    #[track_caller]
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let elements = self.all(selector);
        assert_eq!(elements.len(), 1, "{selector}");
        elements[0].attr(name).map(str::to_owned)
    }
}
