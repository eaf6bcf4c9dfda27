//! Log lines on standard error, as text or as one JSON object a line.
//!
//! What may be in one: request ids, routes, statuses, account ids, causes of faults. What never is: passwords, tokens,
//! cookies, whole addresses.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, LogLevel};

/// Starts logging. Libraries are held at `warn` unless a finer level was asked for.
pub fn start(level: LogLevel, format: LogFormat) {
    let filter = match level {
        LogLevel::Error => "error".to_owned(),
        level => format!("warn,vestibule={level}"),
    };
    let registry = tracing_subscriber::registry().with(EnvFilter::new(filter));
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
    match format {
        LogFormat::Text => registry.with(layer).init(),
        LogFormat::Json => {
            registry.with(layer.json().flatten_event(true).with_current_span(true).with_span_list(false)).init();
        }
    }
    // One event is one line, a panic too; what it says is for the log alone.
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panicked")));
}
