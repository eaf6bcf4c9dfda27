//! Sign-ups over HTTP: sequential, at capacity, under overload, and with clients that disconnect.
//!
//! `cargo bench --bench signups` starts the release program on an empty SQLite file with default settings and
//! `RATE_LIMITS=off`, and prints a table; docs/performance.md has results. It takes about three minutes.

mod support;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use bcrypt_lanes::BcryptInput;
use support::Service;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    task::JoinSet,
    time,
};
use vestibule::hashing::reference;

const COST: u32 = 12;
/// Sequential sign-ups.
const ALONE: usize = 21;
/// Concurrent clients without a pause between sign-ups.
const CLIENTS: usize = 48;
const WARM_UP: Duration = Duration::from_secs(3);
const SATURATION: Duration = Duration::from_secs(30);
/// Interval of page requests, each on a new connection.
const PAGE_EVERY: Duration = Duration::from_millis(25);
const OVERLOAD: Duration = Duration::from_mins(1);
const OVERLOAD_FACTOR: f64 = 10.0;
/// Clients that disconnect.
const DISCONNECTS: usize = 2000;
const DISCONNECT_AFTER: Duration = Duration::from_millis(10);

#[derive(Clone, Copy)]
struct Answer {
    status: u16,
    has_retry_after: bool,
    took: Duration,
}

fn main() {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let alone = crate_alone();
    let per_second = crate_on(threads);
    println!("the bcrypt crate, one hash at cost {COST}         {:>9.1} ms", milliseconds(alone));
    println!("the bcrypt crate, on {threads} threads                 {per_second:>9.2}/s");

    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path());
    println!("started in                                    {:>9.1} ms", milliseconds(service.started_in));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        signs_up_alone(&service, alone).await;
        let capacity = saturate(&service, per_second).await;
        overload(&service, capacity).await;
        disconnect(&service).await;
    });
    service.stop();
}

fn crate_hash() {
    let input = BcryptInput::new(b"correct-horse-battery", [7; 16], COST).expect("bcrypt takes it");
    std::hint::black_box(reference::digest(&input));
}

fn crate_alone() -> Duration {
    median((0..ALONE).map(|_| timed(crate_hash)).collect())
}

/// Hashes per second.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn crate_on(threads: usize) -> f64 {
    const EACH: usize = 30;
    let took = timed(|| {
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(|| (0..EACH).for_each(|_| crate_hash())))));
    });
    (threads * EACH) as f64 / took.as_secs_f64()
}

async fn signs_up_alone(service: &Service, crate_alone: Duration) {
    let mut times = Vec::new();
    for _ in 0..ALONE {
        time::sleep(Duration::from_millis(50)).await;
        let answer = sign_up(&service.address).await;
        assert_eq!(answer.status, 201);
        times.push(answer.took);
    }
    let median = median(times);
    println!("\na sign-up alone, median of {ALONE}                 {:>9.1} ms", milliseconds(median));
    println!(
        "  above the crate's hash                      {:>9.1} ms",
        milliseconds(median) - milliseconds(crate_alone)
    );
}

/// Returns sign-ups per second.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
async fn saturate(service: &Service, crate_per_second: f64) -> f64 {
    let begin = Instant::now() + WARM_UP;
    let end = begin + SATURATION;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let address = service.address.clone();
        clients.spawn(async move {
            let mut stream = connect(&address).await;
            let mut times = Vec::new();
            while Instant::now() < end {
                let answer = exchange(&mut stream, &sign_up_request("keep-alive")).await;
                assert_eq!(answer.status, 201);
                let now = Instant::now();
                if begin <= now && now < end {
                    times.push(answer.took);
                }
            }
            times
        });
    }
    time::sleep(WARM_UP).await;
    let pages = watch_pages(&service.address, end).await;
    let resident = service.resident();
    let times: Vec<Duration> = clients.join_all().await.concat();
    let per_second = times.len() as f64 / SATURATION.as_secs_f64();
    println!("\n{CLIENTS} clients for {} s: sign-ups                  {per_second:>9.2}/s", SATURATION.as_secs());
    println!("  times the crate's hashes on the same threads {:>8.2}", per_second / crate_per_second);
    println!("  a sign-up then, p50, p99                    {}", percentiles(times));
    println!("  GET /register meanwhile, p50, p99           {}", percentiles(pages));
    println!("  resident                                    {resident:>9.1} MiB");
    per_second
}

async fn watch_pages(address: &str, end: Instant) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut clock = time::interval(PAGE_EVERY);
    while Instant::now() < end {
        clock.tick().await;
        let started = Instant::now();
        let mut stream = connect(address).await;
        let answer =
            exchange(&mut stream, "GET /register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        assert_eq!(answer.status, 200);
        times.push(started.elapsed());
    }
    times
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
async fn overload(service: &Service, capacity: f64) {
    let before = service.resident();
    let end = Instant::now() + OVERLOAD;
    let mut clock = time::interval(Duration::from_secs_f64(1.0 / (OVERLOAD_FACTOR * capacity)));
    let mut requests = JoinSet::new();
    let mut most = before;
    let mut sent = 0;
    while Instant::now() < end {
        clock.tick().await;
        let address = service.address.clone();
        requests.spawn(async move { (sign_up(&address).await, Instant::now() < end) });
        sent += 1;
        if sent % 500 == 0 {
            most = most.max(service.resident());
        }
    }
    let ended = Instant::now();
    let answers = requests.join_all().await;
    let mut statuses: BTreeMap<u16, Vec<Duration>> = BTreeMap::new();
    for (answer, _) in &answers {
        assert_eq!(answer.has_retry_after, answer.status == 503);
        statuses.entry(answer.status).or_default().push(answer.took);
    }
    let accepted = answers.iter().filter(|(answer, in_time)| answer.status == 201 && *in_time).count();
    let per_second = accepted as f64 / OVERLOAD.as_secs_f64();
    println!("\n{OVERLOAD_FACTOR} times as many for {} s: {sent} requests", OVERLOAD.as_secs());
    for (status, times) in statuses {
        let slowest = times.iter().max().copied().unwrap_or_default();
        let count = times.len();
        println!(
            "  {status}: {count:>6}, p50, p99                       {}, slowest {:.0} ms",
            percentiles(times),
            milliseconds(slowest)
        );
    }
    println!(
        "  accepted while it lasted                    {per_second:>9.2}/s, {:.2} of capacity",
        per_second / capacity
    );
    println!("  resident, at most                           {most:>9.1} MiB, {:+.1}", most - before);
    let answer = loop {
        let answer = sign_up(&service.address).await;
        if answer.status == 201 && answer.took < Duration::from_millis(400) {
            break answer;
        }
    };
    println!(
        "  a sign-up of {:.0} ms again after                {:>9.1} s",
        milliseconds(answer.took),
        ended.elapsed().as_secs_f64()
    );
}

/// Clients that send a request and disconnect.
async fn disconnect(service: &Service) {
    let mut clients = JoinSet::new();
    for _ in 0..DISCONNECTS {
        let address = service.address.clone();
        clients.spawn(async move {
            let mut stream = connect(&address).await;
            stream.write_all(sign_up_request("close").as_bytes()).await.expect("sent");
            time::sleep(DISCONNECT_AFTER).await;
        });
        // Without filling the backlog of the listener.
        tokio::task::yield_now().await;
    }
    clients.join_all().await;
    let answer = sign_up(&service.address).await;
    println!(
        "\n{DISCONNECTS} clients left after {} ms; a sign-up then  {:>9.1} ms, status {}",
        DISCONNECT_AFTER.as_millis(),
        milliseconds(answer.took),
        answer.status
    );
}

fn sign_up_request(connection: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let body = format!(r#"{{"email":"p{number}@example.com","password":"correct-horse-battery"}}"#);
    format!(
        "POST /register HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn sign_up(address: &str) -> Answer {
    let started = Instant::now();
    let answer = exchange(&mut connect(address).await, &sign_up_request("close")).await;
    Answer { took: started.elapsed(), ..answer }
}

async fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    stream
}

async fn exchange(stream: &mut TcpStream, request: &str) -> Answer {
    let started = Instant::now();
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).await.expect("a status line");
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let (mut length, mut has_retry_after) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line).await.expect("a header");
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name {
            "content-length" => length = value.parse().expect("a length"),
            "retry-after" => has_retry_after = value.parse::<u64>().is_ok(),
            _ => {}
        }
    }
    reader.read_exact(&mut vec![0; length]).await.expect("a body");
    Answer { status, has_retry_after, took: started.elapsed() }
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |percent: usize| times.get(times.len() * percent / 100).or(times.last()).copied().unwrap_or_default();
    format!("{:>9.1} ms {:>9.1} ms", milliseconds(at(50)), milliseconds(at(99)))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
