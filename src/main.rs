//! Subcommands and exit codes.

use std::{fmt, io::Write as _, process::ExitCode, sync::Arc};

use vestibule::{
    app,
    appearance::{SharedTheme, Source, Theme, live_reload::LiveReload},
    config::{Command, Config, ConfigError},
    gallery,
    observability::{self, StartError},
    server,
    supervisor::Supervisor,
    views::{language::Language, texts::Problem},
};

const EXIT_SETTINGS: u8 = 2;
const EXIT_FAILURE: u8 = 1;

fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError::Help(text)) => {
            print_line(text.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(ConfigError::Invalid(line)) => return fail(EXIT_SETTINGS, line),
    };
    observability::start_log(&config.observability);
    let supervisor = Supervisor::default();
    let result = match &config.command {
        Command::Serve => {
            embedded(&config).and_then(|theme| serve(&config, &supervisor, SharedTheme::new(theme), None))
        }
        Command::Design => design(&config, &supervisor),
        Command::Gallery { out } => embedded(&config).and_then(|theme| {
            let states = gallery::export(&theme, out).map_err(|error| fail(EXIT_FAILURE, error))?;
            print_line(format_args!("{states} pages and mails written to {}: open index.html", out.display()));
            Ok(())
        }),
        Command::CheckTemplates => loaded(Theme::load(config.brand.clone(), &Source::Embedded)).and_then(|theme| {
            let states = gallery::check(&theme, &Language::ALL).map_err(|error| fail(EXIT_SETTINGS, error))?;
            print_line(format_args!("{states} pages and mails rendered in every language"));
            Ok(())
        }),
    };
    result.err().unwrap_or(ExitCode::SUCCESS)
}

#[cfg(feature = "design")]
fn design(config: &Config, supervisor: &Supervisor) -> Result<(), ExitCode> {
    let (shared, live_reload) = vestibule::design::start(config.brand.clone(), supervisor)
        .map_err(|problems| fail_all(EXIT_FAILURE, &problems))?;
    serve(config, supervisor, shared, Some(live_reload))
}

#[cfg(not(feature = "design"))]
fn design(_: &Config, _: &Supervisor) -> Result<(), ExitCode> {
    Err(fail(EXIT_FAILURE, "`design` is not in this build: build it with the feature `design`"))
}

/// The theme of the embedded files and `CUSTOM_DIR`.
fn embedded(config: &Config) -> Result<Theme, ExitCode> {
    loaded(gallery::checked(config.brand.clone()))
}

fn loaded(theme: Result<Theme, Vec<Problem>>) -> Result<Theme, ExitCode> {
    theme.map_err(|problems| fail_all(EXIT_SETTINGS, &problems))
}

fn serve(
    config: &Config,
    supervisor: &Supervisor,
    shared: SharedTheme,
    live_reload: Option<Arc<LiveReload>>,
) -> Result<(), ExitCode> {
    observability::register_metrics();
    app::register_metrics(supervisor);
    server::register_metrics();
    let listener = observability::start(&config.observability).map_err(|error| {
        fail(if matches!(error, StartError::Setting(_)) { EXIT_SETTINGS } else { EXIT_FAILURE }, error)
    })?;
    if let Some(listener) = listener {
        supervisor
            .spawn_thread("metrics listener", "metrics".to_owned(), move || listener.run())
            .map_err(|error| fail(EXIT_FAILURE, format_args!("METRICS_ADDR: failed to start a thread: {error}")))?;
    }
    let served = server::serve(config, supervisor, shared, live_reload).map_err(|error| fail(EXIT_FAILURE, error));
    observability::stop();
    served
}

fn fail_all(code: u8, problems: &[Problem]) -> ExitCode {
    for problem in problems {
        let _ = writeln!(std::io::stderr(), "vestibule: {problem}");
    }
    ExitCode::from(code)
}

fn fail(code: u8, line: impl fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "vestibule: {line}");
    ExitCode::from(code)
}

fn print_line(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
