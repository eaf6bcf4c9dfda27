//! Metrics and the log lines beside them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Stdio,
    sync::Arc,
};

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Backend, GOOD, METRICS, Mailbox, Metrics, Server, Settings, TestDatabase, mailbox::Behaviour,
    server::command,
};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn requests_sign_ups_logins_mails_and_hashes_are_counted(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::open();
    let url = mailbox.url();
    let server = Server::start_with(backend, &[METRICS, ("SMTP_URL", &url)]);
    let sign_up = json!({"email": "a@example.com", "password": GOOD});
    assert_eq!(server.post_json("/register", &sign_up).await.status, 201);
    assert_eq!(server.post_json("/register", &sign_up).await.status, 400);
    let weak = json!({"email": "b@example.com", "password": "short"});
    assert_eq!(server.post_json("/register", &weak).await.status, 400);
    server.token("a@example.com", GOOD).await;
    let wrong = json!({"identifier": "a@example.com", "password": "wrong-horse-battery"});
    assert_eq!(server.post_json("/login", &wrong).await.status, 401);
    assert_eq!(server.get("/static/nothing.css").await.status, 404);
    assert_eq!(server.get("/some/body@example.com").await.status, 404);
    assert_eq!(server.send("BREW", "/register", &[], "").await.status, 405);
    server.log_with("mail sent").await;

    let metrics = server.metrics_with("vestibule_outbox_pending", 0.0).await;
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
        // Two sign-ups and two logins; the weak password is refused before it is hashed.
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
        ("vestibule_hash_rounds_per_second", 1.0),
        ("vestibule_database_work_seconds_count", 6.0),
        ("vestibule_database_wait_seconds_count", 6.0),
        ("process_cpu_seconds_total", 0.0),
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
async fn a_disconnected_client_is_logged_and_counted() {
    // At this cost the hash is still being computed when the client disconnects.
    let server = Server::start_with(Sqlite, &[METRICS, ("BCRYPT_COST", "15"), ("HASH_THREADS", "1")]);
    let body = json!({"email": "a@example.com", "password": GOOD}).to_string();
    let head = "POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let mut client = TcpStream::connect(server.address).expect("a connection");
    write!(client, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
    let metrics = server.metrics_with("vestibule_hash_lanes_in_use", 1.0).await;
    metrics.assert(&[("vestibule_http_requests_in_flight", 1.0)]);
    drop(client);
    let log = server.log_with("ended without an answer").await;
    assert!(log.contains("request{request_id="), "{log}");
    assert!(log.contains("route=\"/register\""), "{log}");
    server.metrics().await.assert(&[
        ("vestibule_http_requests_total{method=\"POST\",route=\"/register\",status=\"499\"}", 1.0),
        ("vestibule_http_requests_in_flight", 0.0),
    ]);
}

/// The outbox is in the database, so an instance that has just started reports mails of others.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_instance_reports_pending_mails(#[values(Sqlite, Postgres)] backend: Backend) {
    let mailbox = Mailbox::behaving(Behaviour { hangs_up: true, ..Behaviour::default() });
    let url = mailbox.url();
    let first = Server::start_with(backend, &[METRICS, ("SMTP_URL", &url)]);
    let sign_up = json!({"email": "a@example.com", "password": GOOD});
    assert_eq!(first.post_json("/register", &sign_up).await.status, 201);
    first.log_with("failed to send mail").await;
    first.metrics().await.assert(&[
        ("vestibule_mails_total{outcome=\"postponed\"}", 1.0),
        ("vestibule_mails_total{outcome=\"sent\"}", 0.0),
    ]);
    let second = Server::start_on(Arc::clone(&first.database), &[METRICS, ("SMTP_URL", &url)]);
    let metrics = second.metrics_with("vestibule_outbox_pending", 0.0).await;
    metrics.assert(&[("vestibule_outbox_pending", 1.0)]);
    assert!(metrics.value("vestibule_outbox_oldest_seconds").is_some_and(|age| (0.0..300.0).contains(&age)));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served_during_startup_and_draining() {
    // Nothing listens on port 1; the service waits for the database.
    let mut starting = command("postgres://127.0.0.1:1/accounts", &[METRICS])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("vestibule");
    let mut errors = BufReader::new(starting.stderr.take().expect("stderr"));
    let mut line = String::new();
    errors.read_line(&mut line).expect("a line");
    let metrics = Metrics::at(Metrics::address(&line).expect("an address")).await;
    starting.kill().expect("killed");
    starting.wait().expect("ended");
    assert!(metrics.value("process_open_fds").is_some());
    assert!(metrics.value("vestibule_hash_lanes").is_none());

    let mut server = Server::start_with(Sqlite, &[METRICS]);
    let stalled = server.stalled_post();
    server.has_in_flight(1).await;
    server.signal("TERM");
    server.log_with("stopping: finishing requests in flight").await;
    server.metrics().await.assert(&[("vestibule_http_requests_in_flight", 1.0)]);
    drop(stalled);
    assert_eq!(server.exit_code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_listener_serves_only_metrics() {
    let server = Server::start_with(Sqlite, &[METRICS]);
    let metrics = server.metrics_address().await;
    assert_eq!(server.get("/metrics").await.status, 404);
    let client = reqwest::Client::new();
    let ask = async |method: &str, path: &str| {
        let method: reqwest::Method = method.parse().expect("a method");
        let request = client.request(method, format!("http://{metrics}{path}"));
        Answer::of(request.send().await.expect("an answer")).await
    };
    let head = ask("HEAD", "/metrics").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let posted = ask("POST", "/metrics").await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD"));
    for path in ["/", "/register", "/healthz", "/metrics/", "/metrics/x"] {
        assert_eq!(ask("GET", path).await.status, 404, "{path}");
    }
    // As many idle connections as are served at once: they are closed for a new one.
    let idle: Vec<TcpStream> = (0..16).map(|_| TcpStream::connect(metrics).expect("a connection")).collect();
    Metrics::at(metrics).await;
    drop(idle);
    let mut long = TcpStream::connect(metrics).expect("a connection");
    let _ = write!(long, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(64 * 1024));
    let mut answer = String::new();
    let _ = long.read_to_string(&mut answer);
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    Metrics::at(metrics).await;
}

#[test]
fn an_invalid_setting_is_a_one_line_error_with_its_name() {
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
            "OTEL_EXPORTER_OTLP_PROTOCOL: use http/protobuf, the only supported protocol",
        ),
        (&[endpoint, ("OTEL_TRACES_EXPORTER", "zipkin")], 2, "OTEL_TRACES_EXPORTER: use otlp or none"),
        (
            &[endpoint, ("OTEL_TRACES_SAMPLER", "some")],
            2,
            "OTEL_TRACES_SAMPLER: use always_on, always_off or traceidratio, optionally prefixed with parentbased_",
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

/// The documents name every metric and no other.
#[tokio::test(flavor = "multi_thread")]
async fn documents_dashboard_and_alerts_name_existing_metrics() {
    /// Absent until its first event.
    const RARE: [&str; 1] = ["vestibule_rate_limit_refusals_total"];
    let server = Server::start_with(Sqlite, &[METRICS]);
    server.get("/register").await;
    let metrics = server.metrics_with("vestibule_outbox_pending", 0.0).await;
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
            assert!(is_known, "{name} is not a metric");
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
