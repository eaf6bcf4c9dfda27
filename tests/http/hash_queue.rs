//! More sign-ups than can be hashed, clients that leave, and a stop in the middle.

use std::cell::RefCell;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Answer, Backend, GOOD, METRICS, Server, Settings, eventually};
use Backend::{Postgres, Sqlite};

const BUSY: &str = "Nothing was saved. Wait a few seconds, then try again.";
const REFUSED: &str = "vestibule_hashes_total{outcome=\"refused\"}";
const IN_FLIGHT: &str = "vestibule_http_requests_in_flight";

/// One thread, which would have to hash for much longer than anybody may wait, however fast it is.
const BUSY_SOON: Settings = &[("BCRYPT_COST", "14"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "5"), METRICS];
const CROWD: usize = 120;

fn sign_up(number: usize) -> Value {
    json!({"email": format!("p{number}@example.com"), "password": GOOD})
}

#[rstest]
#[tokio::test]
async fn who_would_wait_too_long_is_told_at_once_when_to_come_again(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, BUSY_SOON);
    // In the order in which they are answered.
    let answers = RefCell::new(Vec::new());
    let program = async |number| {
        let answer = server.post_json("/register", &sign_up(number)).await;
        answers.borrow_mut().push(answer);
    };
    let crowd = async {
        server.metrics_with("vestibule_hash_lanes_in_use", 1.0).await;
        join_all((1..CROWD).map(program)).await;
    };
    let person = async {
        server.metrics_with(REFUSED, 1.0).await;
        server.post_form(&[("full_name", "Ada"), ("email", "ada@example.com"), ("password", GOOD)]).await
    };
    let ((), (), page) = tokio::join!(program(0), crowd, person);
    let answers = answers.into_inner();
    let at_once = answers.iter().take_while(|answer| answer.status == 503).count();
    assert!(at_once > 0, "who is refused is told before the first hash is done");
    // How many are let in depends on the machine.
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    for answer in refused {
        answer.assert_json(503, &json!({"detail": BUSY}));
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), i64::try_from(made.len()).expect("a number"));

    // A person loses nothing but the password.
    let retry_after: u64 = page.header("retry-after").parse().expect("seconds");
    let page = page.page(503);
    assert!(page.text(".summary li").starts_with("We are busy right now."));
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("ada@example.com"));
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("Ada"));

    // All are done by now, and who comes again is let in.
    assert!((1..=60).contains(&retry_after), "{retry_after}");
    assert_eq!(server.post_json("/register", &sign_up(1000)).await.status, 201);
}

/// Who has to correct something needs no hash, and hears of all of it however busy the service is.
#[tokio::test]
async fn faults_are_told_while_it_is_busy() {
    let server = Server::start_with(Sqlite, BUSY_SOON);
    let busy = join_all((0..CROWD).map(|number| {
        let server = &server;
        async move { server.post_json("/register", &sign_up(number)).await.status }
    }));
    let faulty = async {
        server.metrics_with(REFUSED, 1.0).await;
        server.post_json("/register", &json!({"email": "nobody", "password": "password1234"})).await
    };
    let (_, faulty) = tokio::join!(busy, faulty);
    assert_eq!(faulty.status, 400);
    let codes: Vec<_> = faulty.json()["errors"].as_array().expect("a list").iter().map(|e| e["code"].clone()).collect();
    assert_eq!(codes, ["email_format", "password_common"]);
}

/// Also when they sent more than the request, which keeps the server from reading on to the end.
#[rstest]
#[tokio::test]
async fn clients_that_leave_take_their_work_along(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("", "\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")] more: &str,
) {
    const CLIENTS: u16 = 300;
    let settings = [("BCRYPT_COST", "14"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60"), METRICS];
    let server = Server::start_with(backend, &settings);
    let clients = join_all((0..CLIENTS).map(|number| {
        let address = server.address;
        async move {
            let body = sign_up(number.into()).to_string();
            let request = format!(
                "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}{more}",
                body.len()
            );
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.write_all(request.as_bytes()).await.expect("sent");
            stream
        }
    }))
    .await;
    // All have come: they are in the lanes, wait, or are refused since the wait would be too long.
    let series = ["vestibule_hashes_total{outcome=\"refused\"}", "vestibule_hash_queue_waiting{purpose=\"sign_up\"}"];
    let come = eventually("all have come", async || {
        let metrics = server.metrics().await;
        let lanes = metrics.value("vestibule_hash_lanes_in_use")?;
        let finished = metrics.value("vestibule_hashes_total{outcome=\"finished\"}")?;
        let [refused, waiting] = series.map(|series| metrics.value(series).unwrap_or_default());
        (lanes + finished + refused + waiting >= CLIENTS.into()).then_some((finished, waiting))
    });
    let (finished, waiting) = come.await;
    assert!(waiting >= 32.0, "many wait: {waiting}");
    drop(clients);
    // Of those who waited none was begun: at most the eight in the lanes were done by then.
    eventually("that all have left is noticed", async || {
        (server.metrics().await.value(IN_FLIGHT) == Some(0.0)).then_some(())
    })
    .await;
    let metrics = server.metrics().await;
    assert_eq!(metrics.value("vestibule_hash_queue_waiting{purpose=\"sign_up\"}"), Some(0.0));
    let made = metrics.value("vestibule_hashes_total{outcome=\"finished\"}").expect("a number") - finished;
    assert!(made <= 16.0, "{made} hashes for clients that had left");
    assert_eq!(server.post_json("/register", &sign_up(1000)).await.status, 201);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_answered_before_the_end(#[values(Sqlite, Postgres)] backend: Backend) {
    // More than can be done in the ten seconds that a stop may take, and hashes so long that the estimate is rough.
    let mut server =
        Server::start_with(backend, &[("BCRYPT_COST", "15"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60")]);
    let answers = stop_at_the_first_answer(&server, 300, sign_up, |answer| answer.status == 201).await;
    assert_eq!(server.exit_code().await, Some(0));
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.assert_json(503, &json!({"detail": BUSY}));
        assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    }
    assert!((1..300).contains(&made), "{made}");
    assert_eq!(server.database.count("SELECT count(*) FROM users"), i64::try_from(made).expect("a number"));
}

/// Those who are being judged, too, and the judging of what is refused anyway.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_with_faults_does_not_hold_up_the_stop() {
    let mut server = Server::start_with(Sqlite, &[("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60")]);
    let look_alikes = "4@8({[<3691!|70$5+7%2".repeat(3);
    let faulty = |_| json!({"email": "nobody", "password": look_alikes});
    let answers = stop_at_the_first_answer(&server, 400, faulty, |_| true).await;
    assert_eq!(server.exit_code().await, Some(0));
    for answer in answers {
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["errors"][0]["code"], "email_format");
    }
}

/// Posts so many sign-ups at once, and sends SIGTERM at the first answer that `is_it`; all answers.
async fn stop_at_the_first_answer(
    server: &Server,
    crowd: usize,
    sign_up: impl Fn(usize) -> Value,
    is_it: impl Fn(&Answer) -> bool,
) -> Vec<Answer> {
    let (told, first) = tokio::sync::oneshot::channel();
    let told = RefCell::new(Some(told));
    let clients = join_all((0..crowd).map(|number| {
        let (sign_up, is_it, told) = (&sign_up, &is_it, &told);
        async move {
            let answer = server.post_json("/register", &sign_up(number)).await;
            if is_it(&answer)
                && let Some(told) = told.take()
            {
                told.send(()).expect("somebody waits");
            }
            answer
        }
    }));
    let (answers, ()) = tokio::join!(clients, async {
        first.await.expect("an answer");
        server.signal("TERM");
    });
    answers
}

/// They may have been accepted by the system and not yet by us.
#[tokio::test(flavor = "multi_thread")]
async fn who_connected_before_the_stop_is_answered() {
    let mut server = Server::start(Sqlite);
    server.signal("STOP");
    let mut streams = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
        streams.push(stream);
    }
    server.signal("TERM");
    server.signal("CONT");
    for mut stream in streams {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    assert_eq!(server.exit_code().await, Some(0));
}
