//! The network edge: clients that stall, flood or send malformed HTTP. No test depends on the database, so SQLite is
//! enough.

use std::{
    io::{Read as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use rstest::rstest;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::support::{Backend::Sqlite, GOOD, Server, eventually};

/// Longest wait of a test, reached only by a hang.
pub const PATIENCE: Duration = Duration::from_mins(1);
pub const JSON_HEAD: &str = "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/// How a client stalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stall {
    Silent,
    /// Sends this, then nothing.
    Half(&'static str),
    /// Sends this, then a byte a second.
    Trickle(&'static str),
}

const STALLED: [Stall; 5] = [
    Stall::Half("GET /register HTTP/1.1\r\nHost: localhost\r\n"),
    Stall::Trickle("GET /register HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
    Stall::Half(
        "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{",
    ),
    Stall::Trickle(
        "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{",
    ),
    Stall::Trickle(
        "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n",
    ),
];

/// The time until the server closes the connection.
async fn time_to_close(server: &Server, stall: Stall) -> Duration {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let started = Instant::now();
    let (first, trickles) = match stall {
        Stall::Silent => ("", false),
        Stall::Half(first) => (first, false),
        Stall::Trickle(first) => (first, true),
    };
    stream.write_all(first.as_bytes()).await.expect("sent");
    let mut buffer = [0; 1024];
    while started.elapsed() < PATIENCE {
        match timeout(Duration::from_secs(1), stream.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return started.elapsed(),
            Err(_) if trickles => drop(stream.write_all(b"x").await),
            // A 408 before the close, or a second without data.
            _ => {}
        }
    }
    panic!("{stall:?} is still open after a minute");
}

/// Sends five requests a second; returns the slowest response time and the number of responses.
async fn probe(server: &Server, stop: &AtomicBool) -> (Duration, usize) {
    let (mut slowest, mut answers) = (Duration::ZERO, 0);
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        // A new connection each time, as of a new client.
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream
            .write_all(b"GET /register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
        slowest = slowest.max(started.elapsed());
        answers += 1;
        sleep(Duration::from_millis(200)).await;
    }
    (slowest, answers)
}

fn allow_files(needed: u64) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.current.map(|current| current.max(needed));
    setrlimit(Resource::Nofile, limit).expect("more open files");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stalled_connections_are_closed_and_other_clients_are_served() {
    allow_files(4096);
    let server = Server::start_with(Sqlite, &[("MAX_CONNECTIONS_PER_ADDRESS", "4096")]);
    assert_eq!(server.get("/healthz").await.status, 200);
    let before = server.open_sockets();
    let stop = AtomicBool::new(false);
    let closing = async {
        let stalled = join_all(STALLED.iter().flat_map(|stall| (0..200).map(|_| time_to_close(&server, *stall))));
        let silent = join_all((0..1000).map(|_| time_to_close(&server, Stall::Silent)));
        let times = tokio::join!(stalled, silent);
        stop.store(true, Ordering::Relaxed);
        times
    };
    let ((stalled, silent), (slowest, answers)) = tokio::join!(closing, probe(&server, &stop));
    for (stall, times) in STALLED.iter().zip(stalled.chunks(200)) {
        let first: String = format!("{stall:?}").chars().take(40).collect();
        println!(
            "{first}…: closed after {:?} to {:?}",
            times.iter().min().expect("one"),
            times.iter().max().expect("one")
        );
    }
    let latest = silent.iter().max().expect("one");
    println!("1000 silent: closed after at most {latest:?}; {answers} probes, the slowest {slowest:?}");
    let earliest = silent.iter().min().expect("one");
    assert!(*earliest > Duration::from_secs(10), "a silent connection was closed after {earliest:?}");
    assert!(stalled.iter().max() < silent.iter().min(), "a stalled request is closed before a silent connection");
    // Other clients do not wait for the stalled connections: there would be fewer responses.
    assert!(answers >= 5, "{answers} other requests were answered, the slowest after {slowest:?}");
    eventually("all are closed", async || (server.open_sockets() <= before + 2).then_some(())).await;
}

/// The timeout of a request head starts with its first byte, also for later requests of a connection.
#[tokio::test]
async fn a_keep_alive_connection_may_pause_before_its_next_request() {
    let server = Server::start(Sqlite);
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    for pause in [6, 6, 0] {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
        let mut answer = [0; 4096];
        let read = timeout(PATIENCE, stream.read(&mut answer)).await.expect("an answer").expect("an open connection");
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 "));
        sleep(Duration::from_secs(pause)).await;
    }
}

/// A response sent before the body was read has `Connection: close`.
#[tokio::test]
async fn a_response_before_the_body_is_read_closes_the_connection() {
    let server = Server::start(Sqlite);
    let body = "x".repeat(20_000);
    for (path, kind, status) in
        [("/register", "application/json", 413), ("/register", "text/plain", 415), ("/healthz", "a/b", 405)]
    {
        let answer = server.send("POST", path, &[("content-type", kind)], body.clone()).await;
        assert_eq!((answer.status, answer.header("connection")), (status, "close"), "{path} {kind}");
    }
    let answer = server.post_json("/register", &json!({"email": "no address", "password": GOOD})).await;
    assert_eq!((answer.status, answer.header("connection")), (400, ""), "its body was read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_request_bodies_use_bounded_memory() {
    allow_files(4096);
    let server = Server::start(Sqlite);
    assert_eq!(server.get("/register").await.status, 200);
    let before = server.resident_kib();
    let is_over = AtomicBool::new(false);
    let flood = async |head: &str, chunk: &[u8], most: usize| {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(format!("{JSON_HEAD}{head}\r\n\r\n").as_bytes()).await.expect("sent");
        let (mut reader, mut writer) = stream.split();
        let sending = async {
            let mut sent = 0;
            while sent < most && writer.write_all(chunk).await.is_ok() {
                sent += chunk.len();
            }
            sent
        };
        let receiving = async {
            let mut answer = Vec::new();
            let _ = reader.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        };
        tokio::join!(sending, receiving)
    };
    let (sent, answer) = flood("Content-Length: 10000000000", b"", 0).await;
    assert_eq!(sent, 0);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    let mut chunk = format!("{:x}\r\n", 64 * 1024).into_bytes();
    chunk.resize(chunk.len() + 64 * 1024, b' ');
    chunk.extend_from_slice(b"\r\n");
    let floods = join_all((0..200).map(|number| {
        let head = if number % 2 == 0 { "Transfer-Encoding: chunked" } else { "Content-Length: 52428800" };
        flood(head, &chunk, 50 * 1024 * 1024)
    }));
    let watch = async {
        let mut most = before;
        while !is_over.load(Ordering::Relaxed) {
            most = most.max(server.resident_kib());
            sleep(Duration::from_millis(20)).await;
        }
        most
    };
    let (floods, most) = tokio::join!(
        async {
            let floods = floods.await;
            is_over.store(true, Ordering::Relaxed);
            floods
        },
        watch
    );
    let sent: usize = floods.iter().map(|(sent, _)| sent).sum();
    println!("200 x 50 MiB: {} KiB more memory at most, {} MiB sent", most - before, sent / 1024 / 1024);
    assert!(floods.iter().filter(|(_, answer)| answer.starts_with("HTTP/1.1 413 ")).count() >= 190);
    assert!(most - before < 64 * 1024);
    assert_eq!(server.get("/register").await.status, 200);
}

#[rstest]
#[case::length_and_chunked("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n")]
#[case::chunked_and_length("Transfer-Encoding: chunked\r\nContent-Length: 100", "0\r\n\r\n")]
#[case::two_lengths("Content-Length: 2\r\nContent-Length: 3", "{}")]
#[case::lengths_in_a_list("Content-Length: 2, 3", "{}")]
#[case::signed_length("Content-Length: +2", "{}")]
#[case::negative_length("Content-Length: -2", "{}")]
#[case::hexadecimal_length("Content-Length: 0x2", "{}")]
#[case::unknown_coding("Transfer-Encoding: xchunked", "0\r\n\r\n")]
#[case::chunked_before_coding("Transfer-Encoding: chunked, identity", "0\r\n\r\n")]
#[case::two_codings("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n")]
#[case::space_before_colon("Transfer-Encoding : chunked", "0\r\n\r\n")]
#[case::space_before_colon_of_length("Content-Length : 2", "{}")]
#[case::folded_line("Transfer-Encoding:\r\n chunked", "0\r\n\r\n")]
#[case::tab_in_coding("Transfer-Encoding:\tchunked\u{b}", "0\r\n\r\n")]
#[case::bad_chunk_size("Transfer-Encoding: chunked", "0x2\r\n{}\r\n0\r\n\r\n")]
#[case::huge_chunk_size("Transfer-Encoding: chunked", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n")]
#[case::space_before_name(" Transfer-Encoding: chunked", "0\r\n\r\n")]
#[case::null_in_value("X-A: a\0b", "")]
fn nothing_is_smuggled_behind_an_ambiguous_request(#[case] headers: &str, #[case] body: &str) {
    let server = Server::start_with(Sqlite, &[("LOG_LEVEL", "info")]);
    let hidden = "GET /no-such-page HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = server.raw(format!("{JSON_HEAD}{headers}\r\n\r\n{body}{hidden}").as_bytes());
    let statuses: Vec<&str> =
        answer.split("HTTP/1.1 ").skip(1).map(|answer| answer.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(statuses.len(), 1, "{statuses:?} in {answer}");
    assert!(statuses[0].starts_with('4'), "{statuses:?} in {answer}");
    assert!(!answer.contains(" 404 "), "the hidden request was answered: {answer}");
}

#[tokio::test]
async fn request_heads_have_size_limits() {
    let server = Server::start(Sqlite);
    let head =
        |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n");
    let status = |request: &str| server.raw(request.as_bytes()).split(' ').nth(1).unwrap_or_default().to_owned();
    let long = |length: usize| format!("X-Long: {}\r\n", "x".repeat(length));
    let many = |count: usize| "X-Many: x\r\n".repeat(count);
    for (more, expected) in
        [(long(30_000), "200"), (long(33_000), "431"), (long(600_000), "431"), (many(90), "200"), (many(110), "431")]
    {
        assert_eq!(status(&head("/register", &more)), expected, "{} bytes", more.len());
    }
    for (length, expected) in [(8_000, "200"), (8_200, "414"), (30_000, "414")] {
        assert_eq!(status(&head(&format!("/register?{}", "x".repeat(length)), "")), expected, "{length}");
    }
    let path = format!("/{}", "x".repeat(9_000));
    let answer = server.send("GET", &path, &[("accept", "application/json")], "").await;
    answer.assert_json(414, &json!({"detail": "Nothing was done. Use an address of 8 KiB or less."}));
    assert_eq!(server.get(&path).await.page(414).text("h1"), "That address is too long");

    // HTTP/2 is supported over TLS only.
    let preface = server.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    assert!(preface.is_empty() || preface.starts_with("HTTP/1.1 4"), "{preface}");
}

/// The client requests more than the socket buffers hold, and reads nothing.
#[tokio::test]
async fn a_client_that_never_reads_is_disconnected() {
    let server = Server::start(Sqlite);
    assert_eq!(server.get("/healthz").await.status, 200);
    let before = server.open_sockets();
    let mut stream = std::net::TcpStream::connect(server.address).expect("a connection");
    stream.set_write_timeout(Some(Duration::from_secs(1))).expect("a timeout");
    let started = Instant::now();
    // Until the server stops reading, since it cannot write.
    while stream.write_all("GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200).as_bytes()).is_ok() {
        assert!(started.elapsed() < PATIENCE, "the server still reads");
    }
    assert_eq!(server.open_sockets(), before + 1, "it is not closed at once");
    eventually("the connection is closed", async || (server.open_sockets() <= before).then_some(())).await;
    assert!(started.elapsed() > Duration::from_secs(10), "closed after {:?}", started.elapsed());
}

/// Occasional reads do not keep the connection open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes more than a minute: ./scripts/test full"]
async fn a_client_that_reads_too_slowly_is_disconnected() {
    let server = Server::start(Sqlite);
    let mut stream = std::net::TcpStream::connect(server.address).expect("a connection");
    stream.set_write_timeout(Some(Duration::from_secs(1))).expect("a timeout");
    while stream.write_all("GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200).as_bytes()).is_ok() {}
    let (started, before) = (Instant::now(), server.open_sockets());
    while server.open_sockets() == before {
        assert!(started.elapsed() < Duration::from_secs(90), "the connection is still open");
        let mut buffer = vec![0; 100_000];
        let _ = stream.read(&mut buffer);
        sleep(Duration::from_secs(5)).await;
    }
    println!("a client that reads 100 kB every 5 s: disconnected after {:?}", started.elapsed());
}

/// The client got a response with `Connection: close`, but does not close its side.
#[tokio::test]
async fn a_client_that_never_closes_is_disconnected() {
    let server = Server::start(Sqlite);
    let mut streams = Vec::new();
    for _ in 0..10 {
        let mut stream = std::net::TcpStream::connect(server.address).expect("a connection");
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        streams.push(stream);
    }
    for stream in &mut streams {
        // The first byte causes a reset, and the next write fails.
        eventually("the server has closed the connection", async || stream.write_all(b"x").err()).await;
    }
}

#[tokio::test]
async fn a_slow_body_gets_408_and_a_slow_head_is_disconnected() {
    let server = Arc::new(Server::start(Sqlite));
    let until_closed = |request: &'static str| {
        let server = Arc::clone(&server);
        async move {
            let started = Instant::now();
            let mut stream = TcpStream::connect(server.address).await.expect("a connection");
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut answer = String::new();
            let _ = timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("the end");
            (answer, started.elapsed())
        }
    };
    let ((head, head_took), (body, body_took)) = tokio::join!(
        until_closed("GET /register HTTP/1.1\r\nHost: localhost\r\n"),
        until_closed(
            "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        ),
    );
    assert_eq!(head, "");
    assert!(body.starts_with("HTTP/1.1 408 "), "{body}");
    let detail = r#"{"detail":"Nothing was saved. Check the connection and send it again."}"#;
    assert!(body.ends_with(detail), "{body}");
    // Heads and bodies have different timeouts; that of a head is shorter.
    assert!(head_took > Duration::from_secs(4), "{head_took:?}");
    assert!(body_took > Duration::from_secs(9), "{body_took:?}");
    assert!(head_took < body_took, "{head_took:?} {body_took:?}");
}
