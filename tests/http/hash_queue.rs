//! More sign-ups than can be hashed, clients that leave, and a stop in the middle.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time,
};

use crate::support::{Answer, Backend, GOOD, Server};
use Backend::{Postgres, Sqlite};

const BUSY: &str = "Nothing was saved. Wait a few seconds, then try again.";

fn sign_up(number: usize) -> Value {
    json!({"email": format!("p{number}@example.com"), "password": GOOD})
}

#[rstest]
#[tokio::test]
async fn who_would_wait_too_long_is_told_at_once_when_to_come_again(#[values(Sqlite, Postgres)] backend: Backend) {
    // The lanes of one thread are busy for some seconds, and nobody may wait longer than one.
    let server =
        Server::start_with(backend, &[("BCRYPT_COST", "15"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "1")]);
    let programs = join_all((0..20).map(|number| {
        let server = &server;
        async move {
            let started = Instant::now();
            (server.post_json("/register", &sign_up(number)).await, started.elapsed())
        }
    }));
    let person = async {
        time::sleep(Duration::from_millis(200)).await;
        server.post_form(&[("full_name", "Ada"), ("email", "ada@example.com"), ("password", GOOD)]).await
    };
    let (answers, page) = tokio::join!(programs, person);
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(answer, _)| answer.status == 201);
    assert!(!made.is_empty());
    assert!(!refused.is_empty());
    for (answer, took) in &refused {
        assert!(*took < Duration::from_secs(1), "not at once, but after the longest wait: {took:?}");
        answer.assert_json(503, &json!({"detail": BUSY}));
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), i64::try_from(made.len()).expect("a number"));

    // A person loses nothing but the password.
    let retry_after: u64 = page.header("retry-after").parse().expect("seconds");
    let page = page.page(503);
    assert!(page.text(".summary li").starts_with("We are busy right now."));
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("ada@example.com"));
    assert_eq!(page.attribute("input[name=full_name]", "value").as_deref(), Some("Ada"));

    // What the header said was true.
    assert!((1..60).contains(&retry_after), "{retry_after}");
    time::sleep(Duration::from_secs(retry_after)).await;
    assert_eq!(server.post_json("/register", &sign_up(1000)).await.status, 201);
}

/// Who has to correct something needs no hash, and hears of all of it however busy the service is.
#[tokio::test]
async fn faults_are_told_while_it_is_busy() {
    let server =
        Server::start_with(Sqlite, &[("BCRYPT_COST", "15"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "1")]);
    let busy = join_all((0..12).map(|number| {
        let server = &server;
        async move { server.post_json("/register", &sign_up(number)).await.status }
    }));
    let faulty = async {
        time::sleep(Duration::from_millis(200)).await;
        server.post_json("/register", &json!({"email": "nobody", "password": "password1234"})).await
    };
    let (statuses, faulty) = tokio::join!(busy, faulty);
    assert!(statuses.contains(&503), "{statuses:?}");
    assert_eq!(faulty.status, 400);
    let codes: Vec<_> = faulty.json()["errors"].as_array().expect("a list").iter().map(|e| e["code"].clone()).collect();
    assert_eq!(codes, ["email_format", "password_common"]);
}

/// Also when they sent more than the request, which keeps the server from reading on to the end.
#[rstest]
#[tokio::test]
async fn clients_that_leave_take_their_work_along(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("", "\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n")] more: &str,
) {
    // Computed to the end, these would take a minute.
    let server =
        Server::start_with(backend, &[("BCRYPT_COST", "14"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60")]);
    join_all((0..300).map(|number| {
        let address = server.address;
        async move {
            let body = sign_up(number).to_string();
            let request = format!(
                "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}{more}",
                body.len()
            );
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.write_all(request.as_bytes()).await.expect("sent");
            time::sleep(Duration::from_millis(10)).await;
        }
    }))
    .await;
    // Until it was noticed.
    time::sleep(Duration::from_millis(500)).await;
    let answer = time::timeout(Duration::from_secs(20), server.post_json("/register", &sign_up(1000))).await;
    assert_eq!(answer.expect("an answer long before a minute").status, 201);
    let made = server.database.count("SELECT count(*) FROM users");
    assert!(made < 30, "{made} accounts of clients that had left");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_answered_before_the_end(#[values(Sqlite, Postgres)] backend: Backend) {
    // More than can be done in the ten seconds that a stop may take, and hashes so long that the estimate is rough.
    let mut server =
        Server::start_with(backend, &[("BCRYPT_COST", "15"), ("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60")]);
    let started = Instant::now();
    let answers: Vec<Answer> = {
        let server = &server;
        let clients =
            join_all((0..300).map(|number| async move { server.post_json("/register", &sign_up(number)).await }));
        let (answers, ()) = tokio::join!(clients, async {
            time::sleep(Duration::from_secs(1)).await;
            server.signal("TERM");
        });
        answers
    };
    assert_eq!(server.exit_code().await, Some(0));
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.assert_json(503, &json!({"detail": BUSY}));
        assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    }
    assert!(0 < made, "{made}");
    assert!(made < 300, "{made}");
    assert_eq!(server.database.count("SELECT count(*) FROM users"), i64::try_from(made).expect("a number"));
}

/// Those who are being judged, too, and the judging of what is refused anyway.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_with_faults_does_not_hold_up_the_stop() {
    let mut server = Server::start_with(Sqlite, &[("HASH_THREADS", "1"), ("HASH_QUEUE_SECONDS", "60")]);
    let look_alikes = "4@8({[<3691!|70$5+7%2".repeat(3);
    let started = Instant::now();
    let answers: Vec<Answer> = {
        let (server, look_alikes) = (&server, &look_alikes);
        let crowd = join_all((0..400).map(|_| async move {
            server.post_json("/register", &json!({"email": "nobody", "password": look_alikes})).await
        }));
        let (answers, ()) = tokio::join!(crowd, async {
            time::sleep(Duration::from_millis(300)).await;
            server.signal("TERM");
        });
        answers
    };
    assert_eq!(server.exit_code().await, Some(0));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    for answer in answers {
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["errors"][0]["code"], "email_format");
    }
}

/// They may have been accepted by the system and not yet by us.
#[tokio::test(flavor = "multi_thread")]
async fn who_connected_before_the_stop_is_answered() {
    let mut server = Server::start(Sqlite);
    server.signal("STOP");
    let mut streams = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
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
