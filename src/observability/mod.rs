//! Log, Prometheus metrics and OpenTelemetry traces. Imports no other module: modules define their own metrics
//! ([`metrics`]) and spans ([`trace`]). docs/observability.md lists them.

mod export;
pub(crate) mod families;
mod listener;
mod logs;
pub(crate) mod metrics;
mod process;
mod request;
pub(crate) mod trace;

use std::{io, net::SocketAddr};

pub use self::{
    listener::MetricsListener,
    logs::{LogFormat, LogLevel},
    request::{Observed, Route},
};

/// `LOG_LEVEL`, `LOG_FORMAT` and `METRICS_ADDR`.
#[derive(Debug, Clone)]
pub struct ObservabilitySettings {
    pub log_level: LogLevel,
    pub log_format: LogFormat,
    /// Address of `/metrics`; `None`: not served.
    pub metrics_address: Option<SocketAddr>,
}

/// Failure at start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Invalid OpenTelemetry setting.
    #[error("{0}")]
    Setting(String),
    #[error("METRICS_ADDR: cannot listen on {address}: {cause}. {}", advice(.cause))]
    Listen { address: SocketAddr, cause: io::Error },
    #[error("failed to set up traces: {0}")]
    Traces(String),
}

fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "Stop what is using it, or choose another port",
        io::ErrorKind::PermissionDenied => "Choose a port of 1024 or more",
        _ => "Choose an address of this machine",
    }
}

/// Starts the log, for every command.
pub fn start_log(settings: &ObservabilitySettings) {
    logs::start(settings.log_level, settings.log_format);
}

/// Registers the metrics of the process, the log, requests and traces.
pub fn register_metrics() {
    metrics::register_build();
    metrics::register_reading("process", || process::read().map(|process| process.families()).unwrap_or_default());
    logs::register_metrics();
    request::register_metrics();
    export::register_metrics();
}

/// Starts trace export and binds the metrics listener, which the caller runs.
///
/// # Errors
/// [`StartError::Setting`] for an invalid `OTEL_*` variable; the others for system errors.
pub fn start(settings: &ObservabilitySettings) -> Result<Option<MetricsListener>, StartError> {
    let bind = |address| MetricsListener::bind(address).map_err(|cause| StartError::Listen { address, cause });
    let listener = settings.metrics_address.map(bind).transpose()?;
    export::start()?;
    Ok(listener)
}

/// Exports pending spans, for at most 0.6 s.
pub fn stop() {
    export::stop();
}
