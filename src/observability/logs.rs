//! Log lines on standard error, as text or as one JSON object a line.
//!
//! Allowed content: request ids, routes (never paths), statuses, account ids, causes of errors. Never: passwords,
//! tokens, cookies, whole addresses.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, Write},
    sync::LazyLock,
};

use clap::ValueEnum;
use prometheus::IntCounter;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use super::metrics;

static PANICS: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter("vestibule_panics_total", "Panics; each one is a bug."));

pub(super) fn register_metrics() {
    LazyLock::force(&PANICS);
}

/// From the most severe to the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// Value of the setting.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Starts logging. Libraries log at `warn` at most: their finer levels may quote client input.
pub(super) fn start(level: LogLevel, format: LogFormat) {
    let libraries = level.min(LogLevel::Warn);
    let filter = format!("{},vestibule={}", libraries.name(), level.name());
    let registry = tracing_subscriber::registry().with(EnvFilter::new(filter));
    let layer = fmt::layer().with_writer(|| OneLine(io::stderr())).with_ansi(false).with_target(false);
    match format {
        LogFormat::Text => registry.with(layer).init(),
        LogFormat::Json => {
            registry.with(layer.json().flatten_event(true).with_current_span(true).with_span_list(false)).init();
        }
    }
    // A panic is one line too, with its message only if that is a literal: others may quote client input.
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
        PANICS.inc();
        tracing::error!(location, words, "panicked");
    }));
}

/// Writes each event as one line of plain text: error texts may have line breaks, and JSON does not escape Unicode line
/// separators and bidirectional overrides.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    /// `tracing-subscriber` writes each event in one call.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(escaped(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Escapes control and format characters as JSON does, except the final line break.
fn escaped(event: &str) -> Cow<'_, str> {
    let (line, end) = event.strip_suffix('\n').map_or((event, ""), |line| (line, "\n"));
    if !line.chars().any(needs_escape) {
        return event.into();
    }
    let mut safe = String::with_capacity(event.len() + 32);
    for c in line.chars() {
        if needs_escape(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe.push_str(end);
    safe.into()
}

fn needs_escape(c: char) -> bool {
    !matches!(c, ' '..='~')
        && matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing::subscriber::with_default;

    use super::*;

    /// A field by `Display`, which is not quoted.
    const WORDS: &str =
        "one\ntwo\r\n{\"level\":\"ERROR\"}\u{1b}[2J\u{7}\u{85}\u{2028}\u{2029}\u{202e}\u{e0041}\0 Zoë 日本";

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("a buffer").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn line(format: LogFormat) -> String {
        let written = Written::default();
        let writer = written.clone();
        let layer = fmt::layer().with_writer(move || OneLine(writer.clone())).with_ansi(false);
        let log = || tracing::error!(error = %WORDS, "failed: {WORDS}");
        match format {
            LogFormat::Text => with_default(tracing_subscriber::registry().with(layer), log),
            LogFormat::Json => with_default(tracing_subscriber::registry().with(layer.json()), log),
        }
        let bytes = written.0.lock().expect("a buffer").clone();
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn an_event_is_one_line_whatever_it_contains() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let line = line(format);
            let text = line.strip_suffix('\n').expect("a line");
            assert!(!text.chars().any(needs_escape), "{text:?}");
            assert!(text.contains("Zoë 日本"), "{text}");
            assert!(text.contains("\\u2028"), "{text}");
            assert!(text.contains("\\udb40\\udc41"), "{text}");
        }
        let event: Value = serde_json::from_str(&line(LogFormat::Json)).expect("JSON");
        assert_eq!(event["fields"]["error"], WORDS);
    }
}
