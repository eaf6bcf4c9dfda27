//! Traces: exported spans, and that no request waits for the collector.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::trace::v1::Span;
use rstest::rstest;
use serde_json::json;

use crate::support::{
    Backend, GOOD, METRICS, Server,
    collector::{Collecting, Collector, attributes, tree},
};
use Backend::{Postgres, Sqlite};

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
        // If accepted, clients could control sampling and join traces of other requests.
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
            "    estimate password strength",
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
    // The log contains the trace id.
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
async fn traces_record_refusals_and_errors() {
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
    for name in ["POST /login", "log in"] {
        assert_eq!(of(name).status.as_ref().map_or(0, |status| status.code), 0, "{name}: a refusal is no error");
    }
    assert_eq!(collector.resource()["service.name"], "front-door");

    server.database.execute("DROP TABLE outbox; DROP TABLE sessions; DROP TABLE audit_log; DROP TABLE users");
    assert_eq!(server.post_json("/login", &wrong).await.status, 500);
    let has_failed = |span: &Span| attributes(&span.attributes).contains_key("error.type");
    let failed = collector.span_with("that failed", has_failed).await;
    assert_eq!(failed.name, "POST /login");
    assert_eq!(failed.status.as_ref().map(|status| (status.code, status.message.as_str())), Some((2, "")));
    assert_eq!(attributes(&failed.attributes)["error.type"], "500");
    let is_error = |span: &Span| attributes(&span.attributes).get("vestibule.outcome").is_some_and(|it| it == "failed");
    let login = collector.span_with("of the login that failed", is_error).await;
    assert_eq!((login.name.as_str(), login.status.as_ref().map(|status| status.code)), ("log in", Some(2)));
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

/// Buffered spans are exported before the process ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_exports_buffered_spans() {
    let collector = Collector::start(Collecting::Takes);
    let url = collector.url();
    // Long after the test.
    let late = ("OTEL_BSP_SCHEDULE_DELAY", "600000");
    let mut server = Server::start_with(Sqlite, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), late]);
    assert_eq!(server.get("/register").await.status, 200);
    assert_eq!(collector.spans(), []);
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0));
    let names: Vec<String> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["GET /register"]);
}

/// Neither requests nor a stop wait: unexported spans are dropped. An awaited export would take ten minutes.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_unavailable_or_silent_collector_delays_no_request_or_stop(#[values(true, false)] is_silent: bool) {
    let collector = Collector::start(Collecting::IsSilent);
    let url = if is_silent { collector.url() } else { "http://127.0.0.1:1".to_owned() };
    let settings = [METRICS, SOON, ("OTEL_EXPORTER_OTLP_ENDPOINT", &url), ("OTEL_EXPORTER_OTLP_TIMEOUT", "600000")];
    let mut server = Server::start_with(Sqlite, &settings);
    for number in 0..50 {
        let sign_up = json!({"email": format!("a{number}@example.com"), "password": GOOD});
        assert_eq!(server.post_json("/register", &sign_up).await.status, 201);
    }
    if !is_silent {
        server.log_with("trace export failed").await;
        // Logged once, however often the export fails.
        let failed = "vestibule_trace_exports_total{outcome=\"failed\"}";
        let before = server.metrics().await.value(failed).expect("a number");
        assert_eq!(server.get("/register").await.status, 200);
        server.metrics_with(failed, before + 1.0).await;
        assert_eq!(server.log().matches("trace export failed").count(), 1, "{}", server.log());
    }
    // A request that uses up the stop deadline: a tenth of it remains for traces.
    let _stalled = server.stalled_post();
    server.has_in_flight(1).await;
    server.signal("TERM");
    assert_eq!(server.exit_code().await, Some(0));
}
