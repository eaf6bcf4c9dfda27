//! Soak test: hours of normal load with some misbehaving clients.
//!
//! `cargo bench --bench soak` starts the release program on an empty SQLite file, measures its capacity in sign-ups per
//! second, and then sends 0.6 of that; one request in a hundred is from a client that stalls, disconnects or sends
//! invalid data. It prints a line per minute, and at the end the growth of memory, descriptors, the write-ahead log and
//! response times; docs/reliability.md has a run. `SOAK_MINUTES` is the duration, default 10; `VESTIBULE_PROGRAM` is a
//! program to start instead of the built one.

#[expect(dead_code, reason = "each bench uses its own part")]
mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use support::Service;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time,
};

const CLIENTS: usize = 48;
const CAPACITY: Duration = Duration::from_secs(15);
const SHARE: f64 = 0.6;
/// One request in this number misbehaves; of the others, one in this number is a login.
const FAULTY: usize = 100;
const LOGIN: usize = 4;
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
/// How long a client stalls before it disconnects.
const STALL: Duration = Duration::from_secs(30);
/// Response timeout.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Resources of the process at one time.
struct Sample {
    at: Duration,
    resident: f64,
    descriptors: usize,
    /// Size of the write-ahead log, in MiB.
    log: f64,
}

/// Results of the clients: response times by minute, number of responses by status; 0: no response.
#[derive(Default)]
struct Results {
    times: BTreeMap<u64, Vec<Duration>>,
    statuses: BTreeMap<u16, usize>,
    misbehaved: usize,
}

fn main() {
    let minutes = std::env::var("SOAK_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (results, samples) = runtime.block_on(async {
        let capacity = capacity(&service.address).await;
        println!(
            "{CLIENTS} clients without a pause: {capacity:.1} sign-ups a second; {:.1} from now on",
            capacity * SHARE
        );
        soak(&service, folder.path(), capacity * SHARE, Duration::from_mins(minutes)).await
    });
    service.stop();
    report(&results, &samples);
}

async fn capacity(address: &str) -> f64 {
    let end = Instant::now() + CAPACITY;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let address = address.to_owned();
        clients.spawn(async move {
            let mut done = 0_u32;
            while Instant::now() < end {
                assert_eq!(exchange(&address, &sign_up(next())).await, Some(201));
                done += 1;
            }
            done
        });
    }
    f64::from(clients.join_all().await.iter().sum::<u32>()) / CAPACITY.as_secs_f64()
}

async fn soak(service: &Service, folder: &Path, per_second: f64, duration: Duration) -> (Results, Vec<Sample>) {
    let begin = Instant::now();
    let results = Arc::new(Mutex::new(Results::default()));
    let mut samples = Vec::new();
    let mut clients = JoinSet::new();
    let mut clock = time::interval(Duration::from_secs_f64(1.0 / per_second));
    let mut next_sample = Duration::ZERO;
    let mut number = 0;
    while begin.elapsed() < duration {
        clock.tick().await;
        number += 1;
        let (address, recorded) = (service.address.clone(), Arc::clone(&results));
        clients.spawn(async move {
            if number % FAULTY == 0 {
                misbehave(&address, number / FAULTY).await;
                recorded.lock().expect("the results").misbehaved += 1;
                return;
            }
            let request = if number % LOGIN == 0 { log_in() } else { sign_up(next()) };
            let minute = begin.elapsed().as_secs() / 60;
            let started = Instant::now();
            let status = exchange(&address, &request).await.unwrap_or_default();
            let mut recorded = recorded.lock().expect("the results");
            *recorded.statuses.entry(status).or_default() += 1;
            recorded.times.entry(minute).or_default().push(started.elapsed());
        });
        while clients.try_join_next().is_some() {}
        if begin.elapsed() >= next_sample {
            samples.push(sample(service, folder, begin.elapsed()));
            next_sample += SAMPLE_EVERY;
            report_minute(&results, &samples);
        }
    }
    clients.join_all().await;
    // Stalled connections are closed by now.
    samples.push(sample(service, folder, begin.elapsed()));
    let results = std::mem::take(&mut *results.lock().expect("the results"));
    (results, samples)
}

fn sample(service: &Service, folder: &Path, at: Duration) -> Sample {
    let descriptors = fs::read_dir(format!("/proc/{}/fd", service.child.id())).expect("/proc").count();
    let log = fs::metadata(folder.join("vestibule.db-wal")).map_or(0, |file| file.len());
    Sample { at, resident: service.resident(), descriptors, log: mebibytes(log) }
}

/// Prints a line per minute.
fn report_minute(results: &Mutex<Results>, samples: &[Sample]) {
    let [.., before, now] = samples else { return };
    let minute = now.at.as_secs() / 60;
    if before.at.as_secs() / 60 == minute {
        return;
    }
    let times = results.lock().expect("the results").times.get(&(minute - 1)).cloned().unwrap_or_default();
    println!(
        "minute {minute:>3}: {:>6} answers, p50 {:>6.1} ms, p99 {:>6.1} ms; resident {:.1} MiB, {} descriptors, log {:.1} MiB",
        times.len(),
        percentile(&times, 50),
        percentile(&times, 99),
        now.resident,
        now.descriptors,
        now.log
    );
}

fn report(results: &Results, samples: &[Sample]) {
    // The first fifth is the warm-up.
    let warm = samples.last().map_or(Duration::ZERO, |last| last.at / 5);
    let later: Vec<&Sample> = samples.iter().filter(|sample| sample.at >= warm).collect();
    let descriptors = later.iter().map(|sample| sample.descriptors);
    let log = samples.iter().map(|sample| sample.log).fold(0.0, f64::max);
    println!("\nanswers by status: {:?}; {} clients misbehaved", results.statuses, results.misbehaved);
    println!("resident after the first fifth: {:+.2} MiB an hour", slope(&later));
    println!(
        "descriptors then: {} to {}, {} at the end",
        descriptors.clone().min().unwrap_or_default(),
        descriptors.max().unwrap_or_default(),
        samples.last().map_or(0, |last| last.descriptors)
    );
    println!("write-ahead log: at most {log:.1} MiB");
    let minutes: Vec<&Vec<Duration>> = results.times.values().collect();
    let third = minutes.len().div_ceil(3);
    let p99 =
        |minutes: &[&Vec<Duration>]| percentile(&minutes.iter().copied().flatten().copied().collect::<Vec<_>>(), 99);
    let (first, last) = (p99(&minutes[..third]), p99(&minutes[minutes.len() - third..]));
    println!("p99: {first:.1} ms in the first third, {last:.1} ms in the last: {:+.1} %", (last / first - 1.0) * 100.0);
}

/// Linear regression of the resident memory, in MiB per hour.
fn slope(samples: &[&Sample]) -> f64 {
    let points = || samples.iter().map(|sample| (sample.at.as_secs_f64() / 3600.0, sample.resident));
    let count = points().map(|_| 1.0).sum::<f64>();
    let mean_at = points().map(|(at, _)| at).sum::<f64>() / count;
    let mean_resident = points().map(|(_, resident)| resident).sum::<f64>() / count;
    let products = points().map(|(at, resident)| (at - mean_at) * (resident - mean_resident)).sum::<f64>();
    products / points().map(|(at, _)| (at - mean_at).powi(2)).sum::<f64>()
}

/// A client that stalls, disconnects or sends invalid data.
async fn misbehave(address: &str, number: usize) {
    let Ok(mut stream) = TcpStream::connect(address).await else { return };
    let whole = sign_up(next());
    let (data, stays) = match number % 6 {
        0 => (&whole.as_bytes()[..30], true),
        1 => (&whole.as_bytes()[..whole.len() - 5], true),
        2 => (whole.as_bytes(), false),
        3 => (&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], true),
        4 => (&b"POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n{"[..], true),
        _ => (&b""[..], true),
    };
    let _ = stream.write_all(data).await;
    let wait = if stays { STALL } else { Duration::from_millis(20) };
    let _ = time::timeout(wait, stream.read_to_end(&mut Vec::new())).await;
}

/// The status; `None`: no complete response.
async fn exchange(address: &str, request: &str) -> Option<u16> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
    };
    time::timeout(TIMEOUT, exchange).await.ok()?
}

fn next() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn sign_up(number: usize) -> String {
    post("/register", &format!(r#"{{"email":"p{number}@example.com","password":"correct-horse-battery"}}"#))
}

/// Of the first account, which certainly exists.
fn log_in() -> String {
    post("/login", r#"{"identifier":"p0@example.com","password":"correct-horse-battery"}"#)
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// In milliseconds.
fn percentile(times: &[Duration], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    let at = times.get(times.len() * percent / 100).or(times.last()).copied().unwrap_or_default();
    at.as_secs_f64() * 1e3
}

fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
