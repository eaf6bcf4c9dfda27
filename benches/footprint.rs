//! What the release program costs while nobody signs up: time to start on an existing SQLite file, memory when idle.
//!
//! `cargo bench --bench footprint` prints a table; docs/performance.md keeps one, with the machine it was measured on.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const RUNS: usize = 20;
/// So that what starting needed has been given back.
const SETTLE: Duration = Duration::from_secs(2);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, mut child, _) = start(folder.path());
    stop(&mut child);
    println!("start on no file (makes and migrates it)    {first:>8.1?}");

    let mut times = Vec::new();
    for _ in 0..RUNS {
        let (took, mut child, _) = start(folder.path());
        stop(&mut child);
        times.push(took);
    }
    times.sort();
    println!("start on an existing file, median of {RUNS}     {:>8.1?}", times[RUNS / 2]);
    println!("start on an existing file, slowest of {RUNS}    {:>8.1?}", times[RUNS - 1]);

    let (_, mut child, address) = start(folder.path());
    thread::sleep(SETTLE);
    println!("idle, resident                              {:>8.1} MiB", resident(&child));
    for _ in 0..200 {
        request(&address, "GET /register HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }
    thread::sleep(SETTLE);
    println!("idle after 200 pages, resident              {:>8.1} MiB", resident(&child));
    let body = r#"{"email":"a@example.com","password":"correct-horse-battery"}"#;
    let head = "POST /register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let answer = request(&address, &format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()));
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    thread::sleep(SETTLE);
    println!("idle after a sign-up, resident              {:>8.1} MiB", resident(&child));
    stop(&mut child);
}

/// Until the line that says it listens.
fn start(folder: &Path) -> (Duration, Child, String) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .env_clear()
        .env("PORT", "0")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("vestibule");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    let took = started.elapsed();
    let address = line.trim_end().strip_prefix("listening on http://").expect("an address").to_owned();
    (took, child, address)
}

fn stop(child: &mut Child) {
    let status = Command::new("kill").arg(child.id().to_string()).status().expect("kill");
    assert!(status.success());
    assert!(child.wait().expect("its end").success());
}

fn request(address: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// `VmRSS`, in MiB.
fn resident(child: &Child) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("/proc");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
    let kib: f64 = line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
    kib / 1024.0
}
