//! Trace export to a collector by OTLP over HTTP, if one is configured, by OpenTelemetry's own variables
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>), most of which its library
//! reads.

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        LazyLock, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, hyper::HyperClient};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use prometheus::IntCounterVec;
use tokio::runtime;

use super::{StartError, metrics, trace};

const NAME: &str = env!("CARGO_PKG_NAME");
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const TIMEOUTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
/// Deadline of a batch: the specification's default.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);
/// Deadline of the last batch: the rest of the 10 s for a stop after requests used theirs.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(600);

/// Outcomes of a batch.
const SENT: &str = "sent";
const FAILED: &str = "failed";

static EXPORTS: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counters("vestibule_trace_exports_total", "Batches of spans by outcome.", &["outcome"]));
static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

pub(super) fn register_metrics() {
    for outcome in [SENT, FAILED] {
        EXPORTS.with_label_values(&[outcome]);
    }
}

/// Starts tracing, if a collector is configured.
///
/// # Errors
/// [`StartError::Setting`] for an invalid variable, without its value: collector URLs may contain keys.
pub(super) fn start() -> Result<(), StartError> {
    let Some((endpoint_name, endpoint)) = first_set(ENDPOINTS) else { return Ok(()) };
    let is_off = first_set(["OTEL_SDK_DISABLED"]).is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"));
    match first_set(["OTEL_TRACES_EXPORTER"]).map(|(_, value)| value).as_deref() {
        _ if is_off => return Ok(()),
        Some("none") => return Ok(()),
        Some("otlp") | None => {}
        Some(_) => return Err(invalid("OTEL_TRACES_EXPORTER", "use otlp or none")),
    }
    if let Some((name, protocol)) = first_set(PROTOCOLS)
        && protocol != "http/protobuf"
    {
        return Err(invalid(name, "use http/protobuf, the only supported protocol"));
    }
    check_sampler()?;
    let endpoint: hyper::Uri =
        endpoint.parse().map_err(|_| invalid(endpoint_name, "use a URL such as http://localhost:4318"))?;
    let is_tls = match endpoint.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(invalid(endpoint_name, "use a URL such as http://localhost:4318")),
    };
    let timeout = match first_set(TIMEOUTS) {
        Some((name, text)) => {
            let timeout = text.parse().ok().filter(|timeout| *timeout > 0);
            Duration::from_millis(timeout.ok_or_else(|| invalid(name, "use a number of milliseconds above 0"))?)
        }
        None => EXPORT_TIMEOUT,
    };
    let failed = |error: &dyn std::fmt::Display| StartError::Traces(error.to_string());
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new(is_tls, timeout).map_err(|error| failed(&error))?)
        .build()
        .map_err(|error| failed(&error))?;
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build();
    trace::start(provider.tracer(NAME));
    let _ = PROVIDER.set(provider);
    Ok(())
}

/// Exports pending spans.
pub(super) fn stop() {
    if let Some(provider) = PROVIDER.get()
        && let Err(error) = provider.shutdown_with_timeout(FLUSH_TIMEOUT)
    {
        tracing::warn!(%error, "failed to export the last traces");
    }
}

/// The first variable that is set; empty counts as unset in OpenTelemetry.
fn first_set<const N: usize>(names: [&'static str; N]) -> Option<(&'static str, String)> {
    names.into_iter().find_map(|name| Some((name, env::var(name).ok().filter(|value| !value.is_empty())?)))
}

fn invalid(name: &str, fix: &str) -> StartError {
    StartError::Setting(format!("{name}: {fix}"))
}

/// The library silently samples everything for an unknown sampler.
fn check_sampler() -> Result<(), StartError> {
    let Some((_, sampler)) = first_set([SAMPLER]) else { return Ok(()) };
    match sampler.as_str() {
        "always_on" | "always_off" | "parentbased_always_on" | "parentbased_always_off" => Ok(()),
        "traceidratio" | "parentbased_traceidratio" => {
            let ratio = first_set(["OTEL_TRACES_SAMPLER_ARG"]).and_then(|(_, ratio)| ratio.parse::<f64>().ok());
            match ratio {
                Some(0.0..=1.0) => Ok(()),
                _ => Err(invalid("OTEL_TRACES_SAMPLER_ARG", "use a number from 0 to 1, such as 0.1 for a tenth")),
            }
        }
        _ => Err(invalid(SAMPLER, "use always_on, always_off or traceidratio, optionally prefixed with parentbased_")),
    }
}

/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, over the defaults of this program.
fn resource() -> Resource {
    let given = Resource::builder().build();
    let has = |name: &'static str| {
        given.get(&name.into()).is_some_and(|value| !value.as_str().starts_with("unknown_service"))
    };
    let mut resource = Resource::builder();
    if !has("service.name") {
        resource = resource.with_service_name(NAME);
    }
    if !has("service.version") {
        resource = resource.with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    }
    resource.build()
}

/// HTTP client of the export thread, which has no runtime. Logs once when export fails and once when it recovers.
#[derive(Debug)]
struct Collector {
    client: Client,
    runtime: runtime::Runtime,
    is_failing: AtomicBool,
}

#[derive(Debug)]
enum Client {
    Plain(HyperClient<HttpConnector>),
    Tls(HyperClient<HttpsConnector<HttpConnector>>),
}

impl Collector {
    fn new(is_tls: bool, timeout: Duration) -> std::io::Result<Self> {
        let client = if is_tls {
            let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1().build();
            Client::Tls(HyperClient::new(connector, timeout, None))
        } else {
            Client::Plain(HyperClient::new(HttpConnector::new(), timeout, None))
        };
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { client, runtime, is_failing: AtomicBool::new(false) })
    }

    fn record(&self, fault: Option<String>) {
        let outcome = if fault.is_none() { SENT } else { FAILED };
        EXPORTS.with_label_values(&[outcome]).inc();
        let was_failing = self.is_failing.swap(fault.is_some(), Ordering::Relaxed);
        match fault {
            Some(fault) if !was_failing => tracing::warn!(fault, "trace export failed"),
            None if was_failing => tracing::info!("trace export recovered"),
            _ => {}
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let export = || {
            self.runtime.block_on(async {
                match &self.client {
                    Client::Plain(client) => client.send_bytes(request).await,
                    Client::Tls(client) => client.send_bytes(request).await,
                }
            })
        };
        // The library would not restart its thread after a panic.
        let sent = catch_unwind(AssertUnwindSafe(export)).unwrap_or_else(|_| Err("panicked".into()));
        self.record(match &sent {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(response.status().to_string()),
            // The error may contain the URL and its keys.
            Err(_) => Some("no answer".to_owned()),
        });
        sent
    }
}
