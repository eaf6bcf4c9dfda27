//! PostgreSQL behind a line that cuts, swallows and comes back.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use url::Url;

use crate::support::{Backend, Server, TestDatabase};

const GOOD: &str = "correct-horse-battery";

/// What the line does with what it is given.
const PASS: u8 = 0;
/// Passes a COMMIT on and cuts before its answer.
const CUT_AFTER_COMMIT: u8 = 1;
/// Takes everything and passes nothing on.
const SWALLOW: u8 = 2;

/// A line to the PostgreSQL of the tests, and the URL that leads over it.
struct Line {
    mode: Arc<AtomicU8>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    url: String,
}

impl Line {
    fn to(database: &TestDatabase) -> Self {
        let mode = Arc::new(AtomicU8::new(PASS));
        let mut url = Url::parse(&database.url).expect("a URL");
        let server = (url.host_str().expect("a host").to_owned(), url.port().expect("a port"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        url.set_port(Some(listener.local_addr().expect("an address").port())).expect("a port");
        let streams = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let (mode, streams) = (Arc::clone(&mode), Arc::clone(&streams));
            move || {
                for client in listener.incoming().flatten() {
                    let Ok(server) = TcpStream::connect(&server) else { continue };
                    carry(&client, &server, &mode, true);
                    carry(&server, &client, &mode, false);
                    streams.lock().expect("the list").extend([client, server]);
                }
            }
        });
        Self { mode, streams, url: url.into() }
    }

    /// Ends every connection there is.
    fn cut(&self) {
        for stream in self.streams.lock().expect("the list").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn set(&self, mode: u8) {
        self.mode.store(mode, Ordering::SeqCst);
    }
}

fn carry(from: &TcpStream, to: &TcpStream, mode: &Arc<AtomicU8>, is_request: bool) {
    let (mut from, mut to) = (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
    let mode = Arc::clone(mode);
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let bytes = &buffer[..read];
            match mode.load(Ordering::SeqCst) {
                SWALLOW => continue,
                CUT_AFTER_COMMIT if is_request && bytes.windows(6).any(|window| window == b"COMMIT") => {
                    let _ = from.shutdown(Shutdown::Both);
                    let _ = to.write_all(bytes);
                    // The server reads the COMMIT before it finds that nobody listens.
                    thread::sleep(Duration::from_millis(200));
                    break;
                }
                _ => {}
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_commit_is_not_denied() {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let line = Line::to(&database);
    let server = Server::start_on(Arc::clone(&database), &[("DATABASE_URL", &line.url)]);
    let ada = json!({"email": "ada@example.com", "password": GOOD});
    line.set(CUT_AFTER_COMMIT);
    let answer = server.post_json("/register", &ada).await;
    assert_eq!(answer.header("retry-after"), "5");
    answer.assert_json(
        503,
        &json!({"detail": "The database stopped answering, so it may have been saved or not. Try again in a few seconds."}),
    );
    let grace = [("full_name", "Grace"), ("email", "grace@example.com"), ("password", GOOD)];
    let page = server.post_form(&grace).await.page(503);
    assert!(page.text(".summary li").starts_with("We could not tell whether it was saved."));
    assert_eq!(page.attribute("input[name=email]", "value").as_deref(), Some("grace@example.com"));

    line.set(PASS);
    assert_eq!(database.count("SELECT count(*) FROM users"), 2, "both were saved");
    let again = server.post_json("/register", &ada).await;
    again.assert_json(400, &json!({"detail": "Email already registered"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_is_503_in_time_and_comes_back() {
    let database = Arc::new(TestDatabase::new(Backend::Postgres));
    let line = Line::to(&database);
    let settings = [("DATABASE_URL", line.url.as_str()), ("DATABASE_MAX_CONNS", "4")];
    let server = Server::start_on(Arc::clone(&database), &settings);
    let body = |number: usize| json!({"email": format!("p{number}@example.com"), "password": GOOD});
    let post_all = async |numbers: std::ops::Range<usize>| {
        futures_util::future::join_all(numbers.map(async |number| server.post_json("/register", &body(number)).await))
            .await
    };
    assert!(post_all(0..4).await.iter().all(|answer| answer.status == 201), "connections are warm");

    line.set(SWALLOW);
    let started = Instant::now();
    let answers = post_all(10..20).await;
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    assert!(answers.iter().all(|answer| answer.status == 503), "{answers:?}");
    assert_eq!((server.get("/healthz").await.status, server.get("/readyz").await.status), (200, 503));

    // A connection over which nothing comes any more keeps its thread until it ends; then it is replaced.
    line.set(PASS);
    line.cut();
    let healed = Instant::now();
    while server.post_json("/register", &body(30)).await.status == 503 {
        assert!(healed.elapsed() < Duration::from_secs(30), "it does not come back");
    }
    assert_eq!(server.get("/readyz").await.status, 200);
}
