//! The hash queue: overload, disconnected clients, and a stop meanwhile.

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

/// One thread, and more hashes than fit into the longest wait, however fast it is.
const OVERLOADED: Settings = &[("BCRYPT_COST", "14"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "5"), METRICS];
const SIGN_UPS: usize = 120;

fn sign_up(number: usize) -> Value {
    json!({"email": format!("p{number}@example.com"), "password": GOOD})
}

#[rstest]
#[tokio::test]
async fn an_overloaded_hash_queue_refuses_at_once_with_retry_after(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, OVERLOADED);
    // In the order of the responses.
    let answers = RefCell::new(Vec::new());
    let program = async |number| {
        let answer = server.post_json("/register", &sign_up(number)).await;
        answers.borrow_mut().push(answer);
    };
    let others = async {
        server.metrics_with("vestibule_hash_lanes_in_use", 1.0).await;
        join_all((1..SIGN_UPS).map(program)).await;
    };
    let browser = async {
        server.metrics_with(REFUSED, 1.0).await;
        server.post_form(&[("full_name", "Ada"), ("email", "ada@example.com"), ("password", GOOD)]).await
    };
    let ((), (), page) = tokio::join!(program(0), others, browser);
    let answers = answers.into_inner();
    let at_once = answers.iter().take_while(|answer| answer.status == 503).count();
    assert!(at_once > 0, "refusals come before the first hash is done");
    // How many are accepted depends on the machine.
    let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    for answer in refused {
        answer.assert_json(503, &json!({"detail": BUSY}));
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), i64::try_from(created.len()).expect("a number"));

    // The form is shown again with all fields but the password.
    let retry_after: u64 = page.header("retry-after").parse().expect("seconds");
    let page = page.page(503);
    assert!(page.text(".summary li").starts_with("We are busy right now."));
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("ada@example.com"));
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("Ada"));

    // The queue is empty by now, and a retry is accepted.
    assert!((1..=60).contains(&retry_after), "{retry_after}");
    assert_eq!(server.post_json("/register", &sign_up(1000)).await.status, 201);
}

/// Invalid input needs no hash, and all errors are reported under any load.
#[tokio::test]
async fn validation_errors_are_returned_under_overload() {
    let server = Server::start_with(Sqlite, OVERLOADED);
    let busy = join_all((0..SIGN_UPS).map(|number| {
        let server = &server;
        async move { server.post_json("/register", &sign_up(number)).await.status }
    }));
    let invalid = async {
        server.metrics_with(REFUSED, 1.0).await;
        server.post_json("/register", &json!({"email": "nobody", "password": "password1234"})).await
    };
    let (_, invalid) = tokio::join!(busy, invalid);
    assert_eq!(invalid.status, 400);
    let codes: Vec<_> =
        invalid.json()["errors"].as_array().expect("a list").iter().map(|e| e["code"].clone()).collect();
    assert_eq!(codes, ["email_format", "password_common"]);
}

/// Also when they sent more than the request, so that the server does not read up to the end of the stream.
#[rstest]
#[tokio::test]
async fn disconnected_clients_cancel_their_hashes(
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
    // All have arrived: they are in the lanes, wait, or were refused because the wait would be too long.
    let series = ["vestibule_hashes_total{outcome=\"refused\"}", "vestibule_hash_queue_waiting{purpose=\"sign_up\"}"];
    let arrived = eventually("all have arrived", async || {
        let metrics = server.metrics().await;
        let lanes = metrics.value("vestibule_hash_lanes_in_use")?;
        let finished = metrics.value("vestibule_hashes_total{outcome=\"finished\"}")?;
        let [refused, waiting] = series.map(|series| metrics.value(series).unwrap_or_default());
        (lanes + finished + refused + waiting >= CLIENTS.into()).then_some((finished, waiting))
    });
    let (finished, waiting) = arrived.await;
    assert!(waiting >= 32.0, "many wait: {waiting}");
    drop(clients);
    // No waiting hash was started: at most the eight in the lanes were done by then.
    eventually("all disconnects are noticed", async || {
        (server.metrics().await.value(IN_FLIGHT) == Some(0.0)).then_some(())
    })
    .await;
    let metrics = server.metrics().await;
    assert_eq!(metrics.value("vestibule_hash_queue_waiting{purpose=\"sign_up\"}"), Some(0.0));
    let created = metrics.value("vestibule_hashes_total{outcome=\"finished\"}").expect("a number") - finished;
    assert!(created <= 16.0, "{created} hashes for disconnected clients");
    assert_eq!(server.post_json("/register", &sign_up(1000)).await.status, 201);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_every_request_in_a_full_hash_queue(#[values(Sqlite, Postgres)] backend: Backend) {
    // More hashes than fit into the ten seconds of a stop, and so long that the estimate is rough.
    let mut server =
        Server::start_with(backend, &[("BCRYPT_COST", "15"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60")]);
    let answers = stop_at_the_first_answer(&server, 300, sign_up, |answer| answer.status == 201).await;
    assert_eq!(server.exit_code().await, Some(0));
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.assert_json(503, &json!({"detail": BUSY}));
        assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    }
    assert!((1..300).contains(&created), "{created}");
    assert_eq!(server.database.count("SELECT count(*) FROM users"), i64::try_from(created).expect("a number"));
}

/// Also while passwords are estimated, including those of requests that are refused anyway.
#[tokio::test(flavor = "multi_thread")]
async fn password_estimates_do_not_delay_a_stop() {
    let mut server = Server::start_with(Sqlite, &[("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60")]);
    let look_alikes = "4@8({[<3691!|70$5+7%2".repeat(3);
    let invalid = |_| json!({"email": "nobody", "password": look_alikes});
    let answers = stop_at_the_first_answer(&server, 400, invalid, |_| true).await;
    assert_eq!(server.exit_code().await, Some(0));
    for answer in answers {
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["errors"][0]["code"], "email_format");
    }
}

/// Posts `count` sign-ups at once, sends SIGTERM at the first response that `is_trigger`, and returns all responses.
async fn stop_at_the_first_answer(
    server: &Server,
    count: usize,
    sign_up: impl Fn(usize) -> Value,
    is_trigger: impl Fn(&Answer) -> bool,
) -> Vec<Answer> {
    let (sender, first) = tokio::sync::oneshot::channel();
    let sender = RefCell::new(Some(sender));
    let clients = join_all((0..count).map(|number| {
        let (sign_up, is_trigger, sender) = (&sign_up, &is_trigger, &sender);
        async move {
            let answer = server.post_json("/register", &sign_up(number)).await;
            if is_trigger(&answer)
                && let Some(sender) = sender.take()
            {
                sender.send(()).expect("a receiver");
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

/// The system may have accepted the connections and the server not yet.
#[tokio::test(flavor = "multi_thread")]
async fn connections_opened_before_a_stop_are_answered() {
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
