//! Arguments and exit codes, nothing else.

use std::{io::Write as _, process::ExitCode};

use vestibule::{
    config::{Config, ConfigError},
    server, telemetry,
};

/// A setting is wrong.
const EXIT_SETTINGS: u8 = 2;

fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError::Asked(text)) => {
            let _ = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(ConfigError::Wrong(line)) => {
            let _ = writeln!(std::io::stderr(), "vestibule: {line}");
            return ExitCode::from(EXIT_SETTINGS);
        }
    };
    telemetry::start(config.log_level, config.log_format);
    match server::serve(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "vestibule: {error}");
            ExitCode::FAILURE
        }
    }
}
