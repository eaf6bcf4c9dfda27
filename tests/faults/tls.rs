//! HTTPS by Vestibule itself: certificates that change, HTTP/2 with its limits, and clients that stall in a handshake.

use std::{
    fs,
    path::Path,
    process::Output,
    sync::Arc,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, Version,
    body::Bytes,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::{Backend::Sqlite, Held, METRICS, Server, TestDatabase, server};

/// A certificate for 127.0.0.1 and its key.
struct Files {
    folder: TempDir,
    certificate: String,
    key: String,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let files = Self { certificate: path("certificate.pem"), key: path("key.pem"), folder };
        files.renew();
        files
    }

    fn renew(&self) {
        let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        fs::write(&self.certificate, certified.cert.pem()).expect("a file");
        fs::write(&self.key, certified.signing_key.serialize_pem()).expect("a file");
    }

    fn settings(&self) -> [(&str, &str); 2] {
        [("TLS_CERT", &self.certificate), ("TLS_KEY", &self.key)]
    }

    /// Connects and trusts the certificate that is in the file now.
    async fn connect(&self, server: &Server, protocol: &[u8]) -> Result<TlsStream<TcpStream>, std::io::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.certificate).expect("a certificate")).expect("a root");
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(server.address).await.expect("a connection");
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    async fn http2(&self, server: &Server) -> http2::SendRequest<Full<Bytes>> {
        let stream = self.connect(server, b"h2").await.expect("TLS");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .handshake(TokioIo::new(stream))
            .await
            .expect("HTTP/2");
        tokio::spawn(connection);
        sender
    }
}

fn request(server: &Server, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(format!("https://{}{path}", server.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(body.to_owned())).expect("a request")
}

fn header<'a, T>(response: &'a Response<T>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_over_http2_and_the_page_over_http1() {
    let files = Files::new();
    let server = Server::start_with(Sqlite, &files.settings());
    let stream = files.connect(&server, b"http/1.1").await.expect("TLS");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1");
    tokio::spawn(connection);
    let page =
        Request::builder().uri("/register").header("host", server.address.to_string()).body(Full::<Bytes>::default());
    let page: Response<_> = sender.send_request(page.expect("a request")).await.expect("an answer");
    assert_eq!((page.status().as_u16(), page.version()), (200, Version::HTTP_11));
    assert_eq!(header(&page, "strict-transport-security"), "max-age=63072000; includeSubDomains");
    let page = page.into_body().collect().await.expect("a page").to_bytes();
    assert!(String::from_utf8_lossy(&page).contains("<form method=\"post\" action=\"/register\""));

    let mut sender = files.http2(&server).await;
    let origin = format!("https://{}", server.address);
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("sec-fetch-site", "same-origin"),
        ("origin", origin.as_str()),
    ];
    let body = "email=ada%40example.com&password=correct-horse-battery";
    let answer: Response<_> =
        sender.send_request(request(&server, "POST", "/register", &form, body)).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.version(), header(&answer, "location")),
        (303, Version::HTTP_2, "/welcome")
    );
    let cookies: Vec<&str> =
        answer.headers().get_all("set-cookie").iter().map(|value| value.to_str().expect("text")).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-vestibule_session=")).expect("a session");
    assert!(session.contains("; Secure"), "{session}");
    assert!(session.contains("; HttpOnly"), "{session}");
    // HTTP/2 may split the Cookie header (RFC 9113, section 8.2.3).
    let session = session.split(';').next().expect("a pair");
    let apart = [("cookie", "other=1"), ("cookie", session), ("accept", "text/html")];
    let account = sender.send_request(request(&server, "GET", "/account", &apart, "")).await.expect("an answer");
    assert_eq!(account.status().as_u16(), 200);

    // Forty requests, more than the limit of concurrent streams: the rest waits.
    let many = (0..40).map(|_| sender.send_request(request(&server, "GET", "/register", &[], "")));
    let answers = futures_util::future::join_all(many).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status() == 200)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_host_is_refused_over_http2_too() {
    let files = Files::new();
    let [certificate, key] = files.settings();
    let settings = [
        certificate,
        key,
        ("PUBLIC_URL", "https://accounts.example.com"),
        ("ENVIRONMENT", "production"),
        ("BCRYPT_COST", "10"),
    ];
    let server = Server::start_with(Sqlite, &settings);
    let mut sender = files.http2(&server).await;
    for (uri, headers, status) in [
        ("https://accounts.example.com/register", &[][..], 200),
        ("https://elsewhere.example/register", &[], 421),
        ("https://elsewhere.example/register", &[("host", "accounts.example.com")], 421),
    ] {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = sender.send_request(request.body(Full::default()).expect("a request")).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{uri} {headers:?}");
    }
}

/// Without `PUBLIC_URL`, `:authority` must be a name or an address of this machine.
#[tokio::test]
async fn http2_without_public_url_accepts_only_hosts_of_this_machine() {
    let files = Files::new();
    let server = Server::start_with(Sqlite, &files.settings());
    let mut sender = files.http2(&server).await;
    for (authority, status) in [
        ("localhost", 200),
        ("127.0.0.1:8443", 200),
        ("[::1]", 200),
        ("elsewhere.example", 421),
        ("localhost.elsewhere.example", 421),
        ("192.0.2.1", 421),
    ] {
        let request = Request::builder().uri(format!("https://{authority}/register")).body(Full::default());
        let answer = sender.send_request(request.expect("a request")).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{authority}");
    }
}

/// The first frame has the server's limits.
#[tokio::test]
async fn http2_limits_are_announced_and_unused_connections_are_closed() {
    let files = Files::new();
    let server = Server::start_with(Sqlite, &files.settings());
    let mut stream = files.connect(&server, b"h2").await.expect("TLS");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("sent");
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.expect("a frame");
    let length = usize::from(head[1]) << 8 | usize::from(head[2]);
    assert_eq!((head[0], head[3]), (0, 4), "SETTINGS");
    let mut settings = vec![0; length];
    stream.read_exact(&mut settings).await.expect("settings");
    let setting = |number: u16| {
        let found = settings.chunks(6).find(|setting| setting[..2] == number.to_be_bytes());
        found.map(|setting| u32::from_be_bytes(setting[2..6].try_into().expect("four bytes")))
    };
    // SETTINGS_MAX_CONCURRENT_STREAMS, SETTINGS_INITIAL_WINDOW_SIZE, SETTINGS_MAX_HEADER_LIST_SIZE
    assert_eq!([3, 4, 6].map(setting), [Some(32), Some(32 * 1024), Some(32 * 1024)]);

    // A connection that answers pings and sends no request; one without a handshake; one without TLS.
    let unused = async {
        let started = Instant::now();
        let stream = files.connect(&server, b"h2").await.expect("TLS");
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
            .await
            .expect("HTTP/2");
        let _ = timeout(Duration::from_mins(1), connection).await.expect("it ends");
        drop(sender);
        started.elapsed()
    };
    let silent = async {
        let started = Instant::now();
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        let _ = timeout(Duration::from_mins(1), stream.read(&mut [0; 1])).await.expect("it ends");
        started.elapsed()
    };
    let plain = async {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(b"GET /register HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    let (unused, silent, plain) = tokio::join!(unused, silent, plain);
    println!("an unused HTTP/2 connection ended after {unused:?}, one without a handshake after {silent:?}");
    assert!(unused > Duration::from_secs(19), "{unused:?}");
    assert!(silent > Duration::from_secs(4), "{silent:?}");
    assert!(silent < unused, "{silent:?} {unused:?}");
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
}

/// Idle HTTP/2 connections are evicted at once, without a wait for their shutdown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_http2_connections_are_evicted_at_once() {
    let files = Files::new();
    let [certificate, key] = files.settings();
    let settings = [certificate, key, ("MAX_CONNECTIONS", "16"), ("MAX_CONNECTIONS_PER_ADDRESS", "16")];
    let server = Server::start_with(Sqlite, &settings);
    let mut silent = Vec::new();
    let started = Instant::now();
    for _ in 0..60 {
        silent.push(files.connect(&server, b"h2").await.expect("TLS"));
    }
    let mut sender = files.http2(&server).await;
    let answer = sender.send_request(request(&server, "GET", "/register", &[], "")).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    println!("60 idle HTTP/2 connections with a limit of 16, and a request: {:?}", started.elapsed());
    // 45 connections were evicted; each may take a quarter of a second to end.
    assert!(started.elapsed() < 45 * Duration::from_millis(250), "{:?}", started.elapsed());
}

#[tokio::test]
async fn sighup_reloads_a_certificate_and_ignores_an_invalid_one() {
    let files = Files::new();
    let server = Server::start_with(Sqlite, &files.settings());
    assert!(files.connect(&server, b"http/1.1").await.is_ok());
    files.renew();
    assert!(files.connect(&server, b"http/1.1").await.is_err(), "the old certificate is served until SIGHUP");
    server.signal("HUP");
    server.log_with("TLS_CERT and TLS_KEY reloaded").await;
    assert!(files.connect(&server, b"http/1.1").await.is_ok());

    let good = fs::read(&files.key).expect("a key");
    fs::write(&files.key, "no key").expect("a file");
    server.signal("HUP");
    let log = server.log_with("certificate not reloaded").await;
    assert!(log.contains("TLS_KEY: the file contains no such PEM section; name a PEM file"), "{log}");
    assert!(files.connect(&server, b"http/1.1").await.is_ok());
    fs::write(&files.key, good).expect("a file");
}

#[test]
fn an_unusable_certificate_is_reported_in_one_line() {
    let (files, other) = (Files::new(), Files::new());
    let empty = files.folder.path().join("empty.pem").display().to_string();
    fs::write(&empty, "").expect("a file");
    let start = |settings: &[(&str, &str)]| -> Output {
        let database = TestDatabase::new(Sqlite);
        server::command(&database.url, settings).output().expect("vestibule")
    };
    for (certificate, key, line) in [
        (files.certificate.as_str(), "", "TLS_CERT: it needs its key; set TLS_KEY too"),
        ("", files.key.as_str(), "TLS_KEY: it needs its certificate; set TLS_CERT too"),
        (
            "/nowhere/certificate",
            &files.key,
            "TLS_CERT: the file cannot be read: No such file or directory (os error 2)",
        ),
        (&empty, &files.key, "TLS_CERT: the file contains no certificate; name a PEM file"),
        (&files.certificate, &empty, "TLS_KEY: the file contains no such PEM section; name a PEM file"),
        (&files.certificate, &other.key, "TLS_KEY: the key does not match the certificate in TLS_CERT"),
    ] {
        let output = start(&[("TLS_CERT", certificate), ("TLS_KEY", key)]);
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), stderr), (Some(2), format!("vestibule: {line}\n")));
    }
    assert!(Path::new(&files.certificate).is_file());
}

/// A request in flight during a stop gets its response.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_finishes_http2_requests_in_flight() {
    let files = Files::new();
    let [certificate, key] = files.settings();
    let mut server = Server::start_with(Sqlite, &[certificate, key, METRICS]);
    // A sign-up that waits for the database, which the test locks.
    let held = Held::accounts(&server.database);
    let mut sender = files.http2(&server).await;
    let body = r#"{"email": "ada@example.com", "password": "correct-horse-battery"}"#;
    let json = [("content-type", "application/json")];
    let answer = sender.send_request(request(&server, "POST", "/register", &json, body));
    let answer = tokio::spawn(answer);
    server.has_in_flight(1).await;
    server.signal("TERM");
    server.log_with("stopping: finishing requests in flight").await;
    held.release();
    let answer = answer.await.expect("a task").expect("an answer");
    assert_eq!(answer.status().as_u16(), 201);
    assert_eq!(server.exit_code().await, Some(0));
}
