//! What the operator sees of the service: the log, metrics for Prometheus, traces for OpenTelemetry.
//!
//! The other rooms say what happened by [`metrics`] and [`trace`]; both do nothing where nobody asked for them. What is
//! counted elsewhere (the hash queue, the pool, the process) is read by `live.rs` when somebody looks. docs/observability.md
//! lists all of it.

mod export;
mod families;
mod listener;
pub mod live;
mod logs;
pub mod metrics;
mod process;
mod request;
pub mod trace;

use std::{io, net::SocketAddr};

pub use self::{
    metrics::{MailOutcome, Outcome},
    request::{Observed, Route},
};
use crate::{
    config::{LogFormat, LogLevel},
    supervisor::Supervisor,
};

/// What the operator asked for.
#[derive(Debug, Clone)]
pub struct Settings {
    pub log_level: LogLevel,
    pub log_format: LogFormat,
    /// Where `/metrics` is served; `None`: nothing is counted.
    pub metrics_address: Option<SocketAddr>,
}

/// Why the program does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// One of OpenTelemetry's settings is wrong.
    #[error("{0}")]
    Setting(String),
    #[error("METRICS_ADDR: cannot listen on {address}: {cause}. {}", advice(.cause))]
    Listen { address: SocketAddr, cause: io::Error },
    #[error("the metrics could not be set up: {0}")]
    Metrics(#[from] prometheus::Error),
    #[error("traces could not be set up: {0}")]
    Traces(String),
}

fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "Stop what is using it, or choose another port",
        io::ErrorKind::PermissionDenied => "Choose a port of 1024 or more",
        _ => "Choose an address of this machine",
    }
}

/// Starts the log, which every command has.
pub fn start_log(settings: &Settings) {
    logs::start(settings.log_level, settings.log_format);
}

/// Starts what watches a running service: `/metrics` on a thread of its own, before the service has a database and until the
/// process ends; and the export of traces.
///
/// # Errors
/// [`StartError::Setting`] when one of the `OTEL_*` variables cannot be followed; the others when the system refuses.
pub fn start(settings: &Settings, supervisor: &Supervisor) -> Result<(), StartError> {
    if let Some(address) = settings.metrics_address {
        metrics::start()?;
        live::watch_tasks(supervisor.clone());
        listener::start(supervisor, address).map_err(|cause| StartError::Listen { address, cause })?;
    }
    export::start()
}

/// Sends the spans that wait, for at most six tenths of a second: a collector that does not answer keeps nobody.
pub fn stop() {
    export::stop();
}
