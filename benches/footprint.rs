//! Start time and idle memory of the release program on SQLite.
//!
//! `cargo bench --bench footprint` prints a table; docs/performance.md has results.

mod support;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use support::Service;

const RUNS: usize = 20;
/// Time for memory of the start or a request to be freed.
const SETTLE: Duration = Duration::from_secs(2);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path());
    println!("start on no file (makes and migrates it)    {:>8.1?}", service.started_in);
    service.stop();

    let mut times = Vec::new();
    for _ in 0..RUNS {
        let service = Service::start(folder.path());
        times.push(service.started_in);
        service.stop();
    }
    times.sort();
    println!("start on an existing file, median of {RUNS}     {:>8.1?}", times[RUNS / 2]);
    println!("start on an existing file, slowest of {RUNS}    {:>8.1?}", times[RUNS - 1]);

    let service = Service::start(folder.path());
    thread::sleep(SETTLE);
    println!("idle, resident                              {:>8.1} MiB", service.resident());
    for _ in 0..200 {
        request(&service.address, "GET /register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }
    thread::sleep(SETTLE);
    println!("idle after 200 pages, resident              {:>8.1} MiB", service.resident());
    let body = r#"{"email":"a@example.com","password":"correct-horse-battery"}"#;
    let head = "POST /register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let answer = request(&service.address, &format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()));
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    thread::sleep(SETTLE);
    println!("idle after a sign-up, resident              {:>8.1} MiB", service.resident());
    service.stop();
}

fn request(address: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}
