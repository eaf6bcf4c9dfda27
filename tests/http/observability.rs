//! What the operator sees: metrics, traces, log lines.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Backend, GOOD, Mailbox, Server, Settings, TestDatabase,
    collector::{Collecting, Collector, attributes, tree},
    mailbox::Behaviour,
    server::command,
};
use Backend::{Postgres, Sqlite};

const METRICS: (&str, &str) = ("METRICS_ADDR", "127.0.0.1:0");

/// Where the log says that the metrics are.
fn metrics_address(log: &str) -> Option<SocketAddr> {
    log.split("metrics are at http://").nth(1)?.split("/metrics").next()?.parse().ok()
}

async fn scrape(address: SocketAddr) -> String {
    let answer = Answer::of(reqwest::get(format!("http://{address}/metrics")).await.expect("an answer")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4"));
    answer.text().to_owned()
}

/// A server with metrics, and how to read them.
struct Watched {
    server: Server,
    metrics: SocketAddr,
}

impl Watched {
    async fn start(backend: Backend, settings: Settings<'_>) -> Self {
        Self::start_on(Arc::new(TestDatabase::new(backend)), settings).await
    }

    async fn start_on(database: Arc<TestDatabase>, settings: Settings<'_>) -> Self {
        let server = Server::start_on(database, &[&[METRICS], settings].concat());
        let log = server.log_with("metrics are at").await;
        Self { metrics: metrics_address(&log).expect("an address"), server }
    }

    async fn read(&self) -> Metrics {
        Metrics(scrape(self.metrics).await)
    }

    /// The metrics once this one has a value.
    async fn read_with(&self, series: &str) -> Metrics {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let metrics = self.read().await;
            if metrics.value(series).is_some() {
                return metrics;
            }
            assert!(Instant::now() < deadline, "{series} does not come: {}", metrics.0);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// An exposition in Prometheus' text format.
struct Metrics(String);

impl Metrics {
    /// The value of a series, with its labels in order.
    fn value(&self, series: &str) -> Option<f64> {
        let line = self.0.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map(|value| value.parse().expect("a number"))
    }

    #[track_caller]
    fn assert(&self, expected: &[(&str, f64)]) {
        for (series, value) in expected {
            assert_eq!(self.value(series), Some(*value), "{series}: {}", self.0);
        }
    }

    /// Names with their types.
    fn names(&self) -> BTreeMap<&str, &str> {
        self.0.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let watched = Watched::start(backend, &[("SMTP_URL", &url)]).await;
    let server = &watched.server;
    let sign_up = json!({"email": "a@example.com", "password": GOOD});
    assert_eq!(server.post_json("/register", &sign_up).await.status, 201);
    assert_eq!(server.post_json("/register", &sign_up).await.status, 400);
    let easy = json!({"email": "b@example.com", "password": "short"});
    assert_eq!(server.post_json("/register", &easy).await.status, 400);
    server.token("a@example.com", GOOD).await;
    let wrong = json!({"identifier": "a@example.com", "password": "wrong-horse-battery"});
    assert_eq!(server.post_json("/login", &wrong).await.status, 401);
    assert_eq!(server.get("/static/nothing.css").await.status, 404);
    assert_eq!(server.get("/some/body@example.com").await.status, 404);
    assert_eq!(server.send("BREW", "/register", &[], "").await.status, 405);
    server.log_with("a mail was sent").await;

    let metrics = watched.read_with("vestibule_outbox_pending").await;
    metrics.assert(&[
        ("vestibule_build_info{version=\"0.1.0\"}", 1.0),
        ("vestibule_http_requests_total{method=\"POST\",route=\"/register\",status=\"201\"}", 1.0),
        ("vestibule_http_requests_total{method=\"POST\",route=\"/register\",status=\"400\"}", 2.0),
        ("vestibule_http_requests_total{method=\"POST\",route=\"/login\",status=\"200\"}", 1.0),
        ("vestibule_http_requests_total{method=\"POST\",route=\"/login\",status=\"401\"}", 1.0),
        ("vestibule_http_requests_total{method=\"GET\",route=\"/static/:name\",status=\"404\"}", 1.0),
        ("vestibule_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}", 1.0),
        ("vestibule_http_requests_total{method=\"_OTHER\",route=\"/register\",status=\"405\"}", 1.0),
        ("vestibule_http_request_duration_seconds_count{method=\"POST\",route=\"/register\"}", 3.0),
        ("vestibule_http_requests_in_flight", 0.0),
        ("vestibule_sign_ups_total{outcome=\"succeeded\"}", 1.0),
        ("vestibule_sign_ups_total{outcome=\"taken\"}", 1.0),
        ("vestibule_sign_ups_total{outcome=\"invalid\"}", 1.0),
        ("vestibule_sign_ups_total{outcome=\"concealed\"}", 0.0),
        ("vestibule_logins_total{outcome=\"succeeded\"}", 1.0),
        ("vestibule_logins_total{outcome=\"refused\"}", 1.0),
        ("vestibule_logins_total{outcome=\"failed\"}", 0.0),
        ("vestibule_mails_total{outcome=\"sent\"}", 1.0),
        ("vestibule_mails_total{outcome=\"given_up\"}", 0.0),
        // Two sign-ups and two logins; the easy password is refused before it is hashed.
        ("vestibule_hashes_total{outcome=\"finished\"}", 4.0),
        ("vestibule_hashes_total{outcome=\"refused\"}", 0.0),
        ("vestibule_hash_wait_seconds_count", 4.0),
        ("vestibule_hash_wait_seconds_bucket{le=\"+Inf\"}", 4.0),
        ("vestibule_hash_queue_waiting{purpose=\"login\"}", 0.0),
        ("vestibule_hash_lanes_in_use", 0.0),
        ("vestibule_database_connections_max", 10.0),
        ("vestibule_database_up", 1.0),
        ("vestibule_panics_total", 0.0),
    ]);
    let rounds = |lanes| metrics.value(&format!("vestibule_hash_rounds_total{{lanes=\"{lanes}\"}}")).expect("rounds");
    assert!((1..=8).map(rounds).sum::<f64>() >= 16.0 * 4.0);
    for (series, least) in [
        ("vestibule_connections_total", 1.0),
        ("vestibule_connections_open", 1.0),
        ("vestibule_hash_lanes", 8.0),
        ("vestibule_hash_rounds_per_second", 1000.0),
        ("vestibule_database_work_seconds_count", 6.0),
        ("vestibule_database_wait_seconds_count", 6.0),
        ("process_cpu_seconds_total", 0.01),
        ("process_open_fds", 8.0),
        ("process_max_fds", 64.0),
        ("process_threads", 4.0),
        ("process_resident_memory_bytes", 1e6),
        ("process_virtual_memory_bytes", 1e7),
        ("process_start_time_seconds", 1.7e9),
    ] {
        assert!(metrics.value(series).is_some_and(|value| value >= least), "{series}: {}", metrics.0);
    }
    for secret in ["a@example.com", "body@example", "nothing.css", "BREW", GOOD] {
        assert!(!metrics.0.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_is_a_line_and_a_count_too() {
    // At this cost it is still being hashed when its client leaves.
    let watched = Watched::start(Sqlite, &[("BCRYPT_COST", "15"), ("HASH_THREADS", "1")]).await;
    let body = json!({"email": "a@example.com", "password": GOOD}).to_string();
    let head = "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let mut leaving = TcpStream::connect(watched.server.address).expect("a connection");
    write!(leaving, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
    let started = Instant::now();
    while watched.read().await.value("vestibule_hash_lanes_in_use") != Some(1.0) {
        assert!(started.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    watched.read().await.assert(&[("vestibule_http_requests_in_flight", 1.0)]);
    drop(leaving);
    let log = watched.server.log_with("ended without an answer").await;
    assert!(log.contains("request{request_id="), "{log}");
    assert!(log.contains("route=\"/register\""), "{log}");
    watched.read().await.assert(&[
        ("vestibule_http_requests_total{method=\"POST\",route=\"/register\",status=\"499\"}", 1.0),
        ("vestibule_http_requests_in_flight", 0.0),
    ]);
}

/// The outbox is the database's, so another instance that is just started sees what waits in it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn mails_that_wait_are_seen_by_every_instance(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { hangs_up: true, ..Behaviour::default() });
    let url = mailbox.url();
    let first = Watched::start(backend, &[("SMTP_URL", &url)]).await;
    let sign_up = json!({"email": "a@example.com", "password": GOOD});
    assert_eq!(first.server.post_json("/register", &sign_up).await.status, 201);
    first.server.log_with("a mail could not be sent").await;
    first.read().await.assert(&[
        ("vestibule_mails_total{outcome=\"postponed\"}", 1.0),
        ("vestibule_mails_total{outcome=\"sent\"}", 0.0),
    ]);
    let second = Watched::start_on(Arc::clone(&first.server.database), &[("SMTP_URL", &url)]).await;
    let metrics = second.read_with("vestibule_outbox_pending").await;
    metrics.assert(&[("vestibule_outbox_pending", 1.0)]);
    assert!(metrics.value("vestibule_outbox_oldest_seconds").is_some_and(|age| (0.0..60.0).contains(&age)));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_there_while_the_service_starts_and_while_it_drains() {
    // Nobody listens on port 1, and the database is waited for.
    let mut starting = command("postgres://127.0.0.1:1/accounts", &[METRICS])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("vestibule");
    let mut errors = BufReader::new(starting.stderr.take().expect("stderr"));
    let mut line = String::new();
    errors.read_line(&mut line).expect("a line");
    let metrics = Metrics(scrape(metrics_address(&line).expect("an address")).await);
    starting.kill().expect("killed");
    starting.wait().expect("ended");
    assert!(metrics.value("process_open_fds").is_some());
    assert!(metrics.value("vestibule_hash_lanes").is_none());

    let mut watched = Watched::start(Sqlite, &[("BCRYPT_COST", "14")]).await;
    let body = json!({"email": "a@example.com", "password": GOOD});
    let (answer, draining) = {
        let server = &watched.server;
        tokio::join!(server.post_json("/register", &body), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            server.signal("TERM");
            server.log_with("stopping: finishing requests in flight").await;
            watched.read().await
        })
    };
    assert_eq!(answer.status, 201);
    draining.assert(&[("vestibule_http_requests_in_flight", 1.0)]);
    assert_eq!(watched.server.exit_code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_have_an_address_of_their_own_and_nothing_else_on_it() {
    let watched = Watched::start(Sqlite, &[]).await;
    assert_eq!(watched.server.get("/metrics").await.status, 404);
    let client = reqwest::Client::new();
    let ask = async |method: &str, path: &str| {
        let method: reqwest::Method = method.parse().expect("a method");
        let request = client.request(method, format!("http://{}{path}", watched.metrics));
        Answer::of(request.send().await.expect("an answer")).await
    };
    let head = ask("HEAD", "/metrics").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let posted = ask("POST", "/metrics").await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD"));
    for path in ["/", "/register", "/healthz", "/metrics/", "/metrics/x"] {
        assert_eq!(ask("GET", path).await.status, 404, "{path}");
    }
    // As many as are served at once, and they say nothing; they are cut after five seconds.
    let silent: Vec<TcpStream> = (0..16).map(|_| TcpStream::connect(watched.metrics).expect("a connection")).collect();
    let started = Instant::now();
    scrape(watched.metrics).await;
    let took = started.elapsed();
    println!("a scrape behind 16 silent connections took {took:?}");
    assert!(took < Duration::from_secs(8), "{took:?}");
    drop(silent);
    let mut long = TcpStream::connect(watched.metrics).expect("a connection");
    let _ = write!(long, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(64 * 1024));
    let mut answer = String::new();
    let _ = long.read_to_string(&mut answer);
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    scrape(watched.metrics).await;
}

#[test]
fn a_setting_that_cannot_be_followed_is_one_line_that_names_it() {
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = busy.local_addr().expect("an address").to_string();
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
    let secret = ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://who:s3cret@localhost");
    let in_use = format!(
        "METRICS_ADDR: cannot listen on {address}: Address already in use (os error 98). Stop what is using it, or choose another port"
    );
    let cases: [(Settings, i32, &str); 9] = [
        (&[("METRICS_ADDR", &address)], 1, &in_use),
        (
            &[("METRICS_ADDR", "9464")],
            2,
            "METRICS_ADDR: use an IP address of this machine and a port, for example 127.0.0.1:9464 or [::1]:9464",
        ),
        (&[secret], 2, "OTEL_EXPORTER_OTLP_ENDPOINT: use a URL such as http://localhost:4318"),
        (
            &[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
            2,
            "OTEL_EXPORTER_OTLP_PROTOCOL: http/protobuf is the only one that is spoken",
        ),
        (&[endpoint, ("OTEL_TRACES_EXPORTER", "zipkin")], 2, "OTEL_TRACES_EXPORTER: use otlp or none"),
        (
            &[endpoint, ("OTEL_TRACES_SAMPLER", "some")],
            2,
            "OTEL_TRACES_SAMPLER: use always_on, always_off, traceidratio, or one of these after parentbased_",
        ),
        (
            &[endpoint, ("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "10")],
            2,
            "OTEL_TRACES_SAMPLER_ARG: use a number from 0 to 1, such as 0.1 for a tenth",
        ),
        (
            &[endpoint, ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")],
            2,
            "OTEL_EXPORTER_OTLP_TIMEOUT: use a number of milliseconds above 0",
        ),
        (
            &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "localhost:4318")],
            2,
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: use a URL such as http://localhost:4318",
        ),
    ];
    for (settings, code, line) in cases {
        let database = TestDatabase::new(Sqlite);
        let output = command(&database.url, settings).output().expect("vestibule");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), stderr), (Some(code), format!("vestibule: {line}\n")));
    }
}

/// Every metric that the documents name is there, and every metric is in the documents.
#[tokio::test(flavor = "multi_thread")]
async fn documents_dashboard_and_alerts_name_the_metrics_there_are() {
    /// There from its first time on.
    const RARE: [&str; 1] = ["vestibule_rate_limit_refusals_total"];
    let watched = Watched::start(Sqlite, &[]).await;
    watched.server.get("/register").await;
    let metrics = watched.read_with("vestibule_outbox_pending").await;
    let real = metrics.names();
    let mut known: BTreeMap<String, String> =
        real.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
    known.extend(RARE.map(|name| (name.to_owned(), "counter".to_owned())));

    let document = include_str!("../../docs/observability.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let documented: BTreeMap<String, String> = rows
        .filter(|(name, _)| name.starts_with("vestibule_") || name.starts_with("process_"))
        .map(|(name, rest)| (name.to_owned(), rest.split(" | ").next().unwrap_or_default().to_owned()))
        .collect();
    assert_eq!(documented, known);

    let dashboard = include_str!("../../docs/observability/grafana-dashboard.json");
    let rules = include_str!("../../docs/observability/alerts.yml");
    for text in [dashboard, rules] {
        let named = named_metrics(text);
        assert!(named.len() >= 8, "{named:?}");
        for name in named {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            let is_known = known.contains_key(&name)
                || family.is_some_and(|family| known.get(family).is_some_and(|kind| kind == "histogram"));
            assert!(is_known, "{name} is no metric");
        }
    }
    let dashboard: Value = serde_json::from_str(dashboard).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().expect("an id")).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let targets = panel["targets"].as_array().expect("targets");
        assert!(!targets.is_empty(), "{panel}");
        assert!(targets.iter().all(|target| target["expr"].is_string()), "{panel}");
    }
}

fn named_metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("vestibule_") || word.starts_with("process_")).map(str::to_owned).collect()
}

const SOON: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "50");

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_is_a_tree_of_spans(#[values(Sqlite, Postgres)] backend: Backend) {
    let collector = Collector::start(Collecting::Takes);
    let url = collector.url();
    let server = Server::start_with(
        backend,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=s3cret"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
            ("LOG_FORMAT", "json"),
            SOON,
        ],
    );
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "Canary-Agent"),
        ("cookie", "canary=cookie"),
        // Whoever sends it would decide what is sampled, and what stands beside whose request.
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ];
    let body = json!({"email": "canary@example.com", "password": "canary-horse-battery", "full_name": "Canary Name"});
    let answer = server.send("POST", "/register?canary=query", &headers, body.to_string()).await;
    assert_eq!(answer.status, 201);

    let spans = collector.trace("POST /register").await;
    let database = if backend == Sqlite { "sqlite" } else { "postgresql" };
    assert_eq!(
        tree(&spans),
        [
            "POST /register",
            "  sign up",
            "    judge password",
            "    hash wait",
            "    hash compute",
            &format!("    {database}"),
            "      connection wait",
        ]
    );
    let of = |name: &str| {
        let span = spans.iter().find(|span| span.name == name).expect("a span");
        (span.kind().as_str_name(), attributes(&span.attributes))
    };
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let request = map(&[
        ("http.request.method", "POST"),
        ("http.response.status_code", "201"),
        ("http.route", "/register"),
        ("url.scheme", "http"),
        ("vestibule.request_id", answer.header("x-request-id")),
    ]);
    assert_eq!(of("POST /register"), ("SPAN_KIND_SERVER", request));
    assert_eq!(of("sign up"), ("SPAN_KIND_INTERNAL", map(&[("vestibule.outcome", "succeeded")])));
    assert_eq!(of("hash wait"), ("SPAN_KIND_INTERNAL", map(&[])));
    assert_eq!(of("hash compute"), ("SPAN_KIND_INTERNAL", map(&[])));
    assert_eq!(of(database), ("SPAN_KIND_CLIENT", map(&[("db.system.name", database)])));
    for span in &spans {
        let is_within = spans.iter().find(|parent| parent.span_id == span.parent_span_id).is_none_or(|parent| {
            parent.start_time_unix_nano <= span.start_time_unix_nano
                && span.end_time_unix_nano <= parent.end_time_unix_nano
        });
        assert!(is_within, "{span:?}");
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano, "{span:?}");
        assert!(span.events.is_empty(), "{span:?}");
        assert!(span.links.is_empty(), "{span:?}");
    }
    // The log leads to the trace.
    let trace_id = format!("{:032x}", u128::from_be_bytes(spans[0].trace_id.clone().try_into().expect("16 bytes")));
    assert_ne!(trace_id, "0af7651916cd43dd8448eb211c80319c");
    let log = server.log_with("\"answered\"").await;
    assert!(log.contains(&format!("\"trace_id\":\"{trace_id}\"")), "{log}");

    let resource = collector.resource();
    assert_eq!(resource["service.name"], "vestibule");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(resource["deployment.environment.name"], "test");
    for received in collector.received() {
        assert!(received.head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{}", received.head);
        assert!(received.head.contains("x-key: s3cret"), "{}", received.head);
        let body = String::from_utf8_lossy(&received.body).to_lowercase();
        assert!(!body.contains("canary"), "{body}");
        assert!(!body.contains("127.0.0.1"), "{body}");
    }
    assert!(!server.log().contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_failed_stands_in_its_trace() {
    let collector = Collector::start(Collecting::Takes);
    let url = collector.url();
    let server =
        Server::start_with(Sqlite, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), ("OTEL_SERVICE_NAME", "front-door"), SOON]);
    let wrong = json!({"identifier": "canary@example.com", "password": "canary-horse-battery"});
    assert_eq!(server.post_json("/login", &wrong).await.status, 401);
    let spans = collector.trace("POST /login").await;
    assert_eq!(
        tree(&spans),
        [
            "POST /login",
            "  log in",
            "    sqlite",
            "      connection wait",
            "    hash wait",
            "    hash compute",
            "    sqlite",
            "      connection wait",
        ]
    );
    let of = |name: &str| spans.iter().find(|span| span.name == name).expect("a span");
    assert_eq!(attributes(&of("log in").attributes)["vestibule.outcome"], "refused");
    assert_eq!(of("POST /login").status.as_ref().map_or(0, |status| status.code), 0);
    assert_eq!(collector.resource()["service.name"], "front-door");

    server.database.execute("DROP TABLE outbox; DROP TABLE sessions; DROP TABLE audit_log; DROP TABLE users");
    assert_eq!(server.post_json("/login", &wrong).await.status, 500);
    let deadline = Instant::now() + Duration::from_secs(5);
    let failed = loop {
        let spans = collector.spans();
        let failed = spans.iter().find(|span| attributes(&span.attributes).contains_key("error.type")).cloned();
        if let Some(failed) = failed {
            break failed;
        }
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(failed.name, "POST /login");
    assert_eq!(failed.status.as_ref().map(|status| (status.code, status.message.as_str())), Some((2, "")));
    assert_eq!(attributes(&failed.attributes)["error.type"], "500");
    let paths = server.get("/canary/path").await;
    assert_eq!(paths.status, 404);
    let spans = collector.trace("GET").await;
    assert_eq!(attributes(&spans[0].attributes).get("http.route"), None);
    assert!(collector.received().iter().all(|received| !String::from_utf8_lossy(&received.body).contains("canary")));
}

#[rstest]
#[case("OTEL_SDK_DISABLED", "true")]
#[case("OTEL_TRACES_EXPORTER", "none")]
#[case("OTEL_TRACES_SAMPLER", "always_off")]
#[tokio::test(flavor = "multi_thread")]
async fn traces_can_be_turned_off(#[case] name: &str, #[case] value: &str) {
    let collector = Collector::start(Collecting::Takes);
    let url = collector.url();
    let mut server = Server::start_with(Sqlite, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), (name, value), SOON]);
    assert_eq!(server.get("/register").await.status, 200);
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0));
    assert_eq!(collector.spans(), []);
    assert!(!server.log().contains("trace_id"), "{}", server.log());
}

/// What was traced last is sent before the process ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_sends_the_last_spans() {
    let collector = Collector::start(Collecting::Takes);
    let url = collector.url();
    let mut server = Server::start_with(Sqlite, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]);
    assert_eq!(server.get("/register").await.status, 200);
    assert_eq!(collector.spans(), []);
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0));
    let names: Vec<String> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["GET /register"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_or_silent_keeps_nobody(#[values(true, false)] is_silent: bool) {
    let collector = Collector::start(Collecting::IsSilent);
    let url = if is_silent { collector.url() } else { "http://127.0.0.1:1".to_owned() };
    let mut watched = Watched::start(Sqlite, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), SOON]).await;
    let mut slowest = Duration::ZERO;
    for number in 0..50 {
        let started = Instant::now();
        let sign_up = json!({"email": format!("a{number}@example.com"), "password": GOOD});
        assert_eq!(watched.server.post_json("/register", &sign_up).await.status, 201);
        slowest = slowest.max(started.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    if !is_silent {
        let log = watched.server.log_with("traces cannot be sent").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Said once, however often it is tried.
        assert_eq!(watched.server.log().matches("traces cannot be sent").count(), 1, "{log}");
        let failed = watched.read().await.value("vestibule_trace_exports_total{outcome=\"failed\"}");
        assert!(failed.is_some_and(|failed| failed >= 1.0), "{failed:?}");
    }
    // A request that takes all the time there is: then the stop has a tenth of it left for traces.
    let _stalled = watched.server.stalled_post();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    watched.server.signal("TERM");
    assert_eq!(watched.server.exit_code().await, Some(0));
    let took = started.elapsed();
    println!("silent: {is_silent}: the slowest of 50 sign-ups took {slowest:?}, the stop {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}
