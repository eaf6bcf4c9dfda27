//! SIGTERM under load.

use std::{
    collections::BTreeMap,
    io::Write as _,
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rand::{RngExt as _, rngs::StdRng};
use rstest::rstest;
use tokio::{task::JoinSet, time};

use crate::{
    GRACE,
    support::{Backend, METRICS, Server, eventually, is_full, random},
    wire::{BodyFormat, Wire, get, sign_up},
};
use Backend::{Postgres, Sqlite};

/// Half of the clients keep their connection alive, half open a new one for each sign-up.
const CLIENTS: usize = 24;
const SLOW: usize = 5;
const IDLE: usize = 20;
/// Documented bound.
const LONGEST_STOP: Duration = Duration::from_secs(10);
/// How long a stop waits for requests in flight. Without any, it is faster on a machine of any speed.
const DRAIN: Duration = Duration::from_secs(7);

/// A completely sent request and its response. `status` is `None` without a complete response.
struct Exchange {
    sent: Instant,
    status: Option<u16>,
    has_retry_after: bool,
}

/// Signs up until the listener is closed, or until the server closes this connection.
async fn sign_up_all(address: SocketAddr, keeps_connection: bool, next: Arc<AtomicUsize>) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    let mut reusable = None;
    loop {
        let wire = match reusable.take() {
            Some(wire) => Ok(wire),
            None => Wire::open(address).await,
        };
        let Ok(mut wire) = wire else { return exchanges };
        let number = next.fetch_add(1, Ordering::Relaxed);
        let format = if number.is_multiple_of(3) { BodyFormat::Form } else { BodyFormat::Json };
        if wire.send(&sign_up(format, &format!("p{number}@example.com"))).await.is_err() {
            return exchanges;
        }
        let sent = Instant::now();
        let reply = wire.reply().await.ok();
        exchanges.push(Exchange {
            sent,
            status: reply.as_ref().map(|reply| reply.status),
            has_retry_after: reply.as_ref().is_some_and(|reply| reply.retry_after.is_some()),
        });
        match reply {
            None => return exchanges,
            Some(reply) if keeps_connection && !reply.is_last => reusable = Some(wire),
            Some(reply) if keeps_connection && reply.is_last => return exchanges,
            Some(_) => {}
        }
    }
}

/// Sends a request byte by byte until the server closes the connection.
fn dribble(address: SocketAddr, number: usize) {
    let request = if number.is_multiple_of(2) {
        "POST /register HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    } else {
        "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{"
    };
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    while stream.write_all(b"a").is_ok() {
        thread::sleep(Duration::from_millis(200));
    }
}

async fn idle(address: SocketAddr) -> Vec<Wire> {
    let mut wires = Vec::new();
    for _ in 0..IDLE {
        let mut wire = Wire::open(address).await.expect("a connection");
        assert_eq!(wire.exchange(&get("/healthz")).await.expect("an answer").status, 200);
        wires.push(wire);
    }
    wires
}

#[derive(Default)]
struct Figures {
    longest: Duration,
    /// By status, of requests sent before the signal.
    answers: BTreeMap<u16, usize>,
    cut: usize,
    /// Sent after the signal, on a connection that the service was closing.
    too_late: usize,
}

async fn stop_under_load(backend: Backend, figures: &mut Figures, random: &mut StdRng) {
    let mut server = Server::start_with(backend, &[("BCRYPT_COST", "10")]);
    let (address, next) = (server.address, Arc::<AtomicUsize>::default());
    let idle = idle(address).await;
    let slow: Vec<_> = (0..SLOW).map(|number| thread::spawn(move || dribble(address, number))).collect();
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(sign_up_all(address, number.is_multiple_of(2), Arc::clone(&next)));
    }
    let first = async || (next.load(Ordering::Relaxed) > CLIENTS).then_some(());
    eventually("the first is answered", first).await;
    time::sleep(Duration::from_millis(random.random_range(0..1000))).await;

    let signalled = Instant::now();
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0), "{}", server.log());
    let took = signalled.elapsed();
    assert!(took <= LONGEST_STOP + GRACE, "{took:?}");
    figures.longest = figures.longest.max(took);
    assert!(TcpStream::connect(address).is_err(), "the listener is closed");

    let mut acknowledged = 0;
    for exchange in clients.join_all().await.into_iter().flatten() {
        acknowledged += usize::from(matches!(exchange.status, Some(201 | 303)));
        if exchange.sent >= signalled {
            figures.too_late += usize::from(exchange.status.is_none());
            continue;
        }
        let Some(status) = exchange.status else {
            figures.cut += 1;
            continue;
        };
        assert!(matches!(status, 201 | 303 | 503), "{status}");
        assert!(status != 503 || exchange.has_retry_after, "a 503 has Retry-After");
        *figures.answers.entry(status).or_default() += 1;
    }
    let users = usize::try_from(server.database.count("SELECT count(*) FROM users")).expect("a number");
    assert!(users >= acknowledged, "{acknowledged} were acknowledged, {users} exist");
    for mut wire in idle {
        assert!(wire.rest().await.is_ok_and(|rest| rest.is_empty()), "an idle connection is closed without data");
    }
    for client in slow {
        client.join().expect("a slow client");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_requests_in_flight_within_ten_seconds(#[values(Sqlite, Postgres)] backend: Backend) {
    let rounds = if is_full() { 20 } else { 2 };
    let (mut figures, mut random) = (Figures::default(), random());
    for _ in 0..rounds {
        stop_under_load(backend, &mut figures, &mut random).await;
    }
    let Figures { longest, answers, cut, too_late } = figures;
    eprintln!(
        "{backend:?}: {rounds} stops under load, the longest {longest:.2?}; of requests sent before: \
         {answers:?} answered, {cut} cut; {too_late} came too late on a kept-alive connection"
    );
    assert_eq!(cut, 0, "requests that were sent before the signal");
}

/// The time that an idle service takes to stop. `closes`: whether clients close their side.
async fn idle_stop(closes: bool) -> Duration {
    let mut server = Server::start(Sqlite);
    let mut clients = Vec::new();
    for mut wire in idle(server.address).await {
        // Browsers and connection pools close when the server does.
        clients.push(tokio::spawn(async move {
            if !closes {
                time::sleep(LONGEST_STOP).await;
            }
            wire.rest().await.is_ok_and(|rest| rest.is_empty())
        }));
    }
    let signalled = Instant::now();
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0));
    let took = signalled.elapsed();
    for client in clients.into_iter().filter(|_| closes) {
        assert!(client.await.expect("a client"), "an idle connection is closed without data");
    }
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_delay_a_stop() {
    let took = idle_stop(true).await;
    eprintln!("an idle service stops in {took:.2?}");
    assert!(took < DRAIN, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_close_do_not_delay_a_stop() {
    let took = idle_stop(false).await;
    eprintln!("a service with clients that do not close stops in {took:.2?}");
    assert!(took < DRAIN, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sigterm_stops_the_service_at_once() {
    let mut server = Server::start_with(Sqlite, &[("BCRYPT_COST", "14"), METRICS]);
    let address = server.address;
    let slow: Vec<_> = (0..SLOW).map(|number| thread::spawn(move || dribble(address, number))).collect();
    let busy = tokio::spawn(sign_up_all(address, true, Arc::default()));
    // Bodies that never end, and a hash.
    server.has_in_flight(3).await;
    server.signal("TERM");
    server.log_with("stopping: finishing requests in flight").await;
    let signalled = Instant::now();
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0));
    let took = signalled.elapsed();
    eprintln!("a busy service stops {took:.2?} after the second signal");
    assert!(took < DRAIN, "{took:?}");
    busy.await.expect("a client");
    for client in slow {
        client.join().expect("a slow client");
    }
}
