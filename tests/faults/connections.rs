//! More connections than the limits allow: evicted connections and refused requests.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    edge::{JSON_HEAD, PATIENCE},
    support::{Backend::Sqlite, GOOD, Held, METRICS, Server, is_full},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accept_backs_off_when_file_descriptors_are_exhausted() {
    let server = Server::start(Sqlite);
    let limit = format!("--nofile={0}:{0}", server.open_files() + 60);
    let status = Command::new("prlimit").args(["--pid", &server.pid().to_string(), &limit]).status().expect("prlimit");
    assert!(status.success());
    let held = join_all((0..300).map(|_| TcpStream::connect(server.address))).await;
    assert!(held.iter().all(Result::is_ok));
    server.log_with("failed to accept connection").await;
    let (started, before) = (Instant::now(), server.processor_time());
    sleep(Duration::from_secs(if is_full() { 15 } else { 5 })).await;
    let share = (server.processor_time() - before) / started.elapsed().as_secs_f64();
    drop(held);
    assert_eq!(server.get("/register").await.status, 200);
    println!("at the limit: {:.1} % of a core", share * 100.0);
    // On a machine of any speed, a busy loop uses a whole core, and a wait almost nothing.
    assert!(share < 0.5, "{share}");
    let lines = server.log().lines().filter(|line| line.contains("failed to accept connection")).count();
    // One line a second; the measurement began after the first.
    let most = usize::try_from(started.elapsed().as_secs()).expect("a number") + 2;
    assert!(lines <= most, "{lines} lines in the log, of at most {most}");
}

/// Asserts that a request on this connection gets a response.
async fn assert_is_open(stream: &mut TcpStream) {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("it is open");
    let mut answer = [0; 13];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("an answer").expect("it is open");
    assert_eq!(&answer, b"HTTP/1.1 200 ");
}

/// A low open-file limit lowers `MAX_CONNECTIONS`, and new connections evict idle ones.
#[tokio::test]
async fn the_open_file_limit_lowers_max_connections() {
    let program = format!("ulimit -n 128; exec {}", env!("CARGO_BIN_EXE_vestibule"));
    let server = Server::start_as(Sqlite, Command::new("sh").args(["-c", &program]), &[]);
    server.log_with("MAX_CONNECTIONS lowered to the open-file limit").await;
    let mut held = Vec::new();
    for _ in 0..300 {
        held.push(TcpStream::connect(server.address).await.expect("a connection"));
    }
    for _ in 0..10 {
        assert_eq!(server.get("/register").await.status, 200);
    }
    // Idle connections were evicted before their timeout.
    assert_is_open(held.last_mut().expect("the last")).await;
    assert!(!server.log().contains("failed to accept connection"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_are_evicted_at_the_per_address_limit() {
    let server = Server::start_with(Sqlite, &[("MAX_CONNECTIONS_PER_ADDRESS", "4")]);
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(TcpStream::connect(server.address).await.expect("a connection"));
    }
    // The fifth connection evicts the first.
    assert_eq!(server.get("/register").await.status, 200);
    let closed = timeout(PATIENCE, silent[0].read(&mut [0; 1])).await;
    assert_eq!(closed.expect("closed").expect("without an error"), 0);
    // It was evicted, not timed out.
    for stream in &mut silent[1..] {
        assert_is_open(stream).await;
    }
}

/// The requests have hashed and wait for the database, which the test locks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_with_a_request_in_progress_are_not_evicted() {
    let server = Server::start_with(Sqlite, &[("MAX_CONNECTIONS_PER_ADDRESS", "4"), METRICS]);
    let held = Held::accounts(&server.database);
    let sign_up = async |number: usize| {
        let body = json!({"email": format!("p{number}@example.com"), "password": GOOD}).to_string();
        let request = format!("{JSON_HEAD}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    };
    let refusal = async {
        server.metrics_with("vestibule_hashes_total{outcome=\"finished\"}", 4.0).await;
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        held.release();
        answer
    };
    let (created, refused) = tokio::join!(join_all((0..4).map(sign_up)), refusal);
    for answer in created {
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }
    let unavailable =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    assert_eq!(refused, unavailable);
}

/// A slow request body does not protect its connection from eviction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_still_sending_a_body_are_evicted() {
    let server = Server::start_with(Sqlite, &[("MAX_CONNECTIONS_PER_ADDRESS", "4"), METRICS]);
    let mut sending = Vec::new();
    for number in 1..=4 {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(format!("{JSON_HEAD}Content-Length: 9000\r\n\r\n{{").as_bytes()).await.expect("sent");
        sending.push(stream);
        server.has_in_flight(number).await;
    }
    for _ in 0..3 {
        let visitor = Server::raw(&server, b"GET /register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert!(visitor.starts_with("HTTP/1.1 200 "), "{visitor}");
    }
    // Evicted, without the 408 of a slow body.
    let closed = timeout(PATIENCE, sending[0].read(&mut [0; 1])).await.expect("closed");
    assert!(matches!(closed, Ok(0) | Err(_)), "the oldest connection was evicted");
}
