//! Log lines on standard error, as text or as one JSON object a line.
//!
//! What may be in one: request ids, routes (never paths), statuses, account ids, causes of faults. What never is:
//! passwords, tokens, cookies, whole addresses.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, LogLevel};

/// Starts logging. Libraries are held at `warn`: what they say at finer levels may quote what somebody sent.
pub fn start(level: LogLevel, format: LogFormat) {
    let libraries = level.min(LogLevel::Warn);
    let filter = format!("{},vestibule={}", libraries.name(), level.name());
    let registry = tracing_subscriber::registry().with(EnvFilter::new(filter));
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
    match format {
        LogFormat::Text => registry.with(layer).init(),
        LogFormat::Json => {
            registry.with(layer.json().flatten_event(true).with_current_span(true).with_span_list(false)).init();
        }
    }
    // One event is one line, a panic too. Its words are shown only where they are a literal of the program: others may
    // quote what somebody sent.
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
        tracing::error!(location, words, "panicked");
    }));
}
