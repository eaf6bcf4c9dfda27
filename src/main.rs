//! Arguments and exit codes, nothing else.

use std::{fmt, io::Write as _, process::ExitCode, sync::Arc};

use vestibule::{
    app,
    appearance::{SharedTheme, Source, Theme, live_reload::LiveReload},
    config::{Command, Config, ConfigError},
    design, gallery,
    observability::{self, StartError},
    server,
    supervisor::Supervisor,
    views::{language::Language, texts::Problem},
};

/// A setting is wrong.
const EXIT_SETTINGS: u8 = 2;
const EXIT_FAULT: u8 = 1;

fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError::Asked(text)) => {
            say(text.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(ConfigError::Wrong(line)) => return fail(EXIT_SETTINGS, line),
    };
    observability::start_log(&config.observability);
    let supervisor = Supervisor::default();
    let done = match &config.command {
        Command::Serve => {
            embedded(&config).and_then(|theme| serve(&config, &supervisor, SharedTheme::new(theme), None))
        }
        Command::Design => design::start(config.brand.clone(), &supervisor)
            .map_err(|problems| tell(EXIT_FAULT, &problems))
            .and_then(|(shared, live_reload)| serve(&config, &supervisor, shared, Some(live_reload))),
        Command::Gallery { out } => embedded(&config).and_then(|theme| {
            let states = gallery::export(&theme, out).map_err(|error| fail(EXIT_FAULT, error))?;
            say(format_args!("{states} pages and mails are in {}: open index.html", out.display()));
            Ok(())
        }),
        Command::CheckTemplates => loaded(Theme::load(config.brand.clone(), &Source::Embedded)).and_then(|theme| {
            let states = gallery::check(&theme, &Language::ALL).map_err(|error| fail(EXIT_SETTINGS, error))?;
            say(format_args!("{states} pages and mails can be shown, in every language"));
            Ok(())
        }),
    };
    done.err().unwrap_or(ExitCode::SUCCESS)
}

/// The theme of the files that were built in, with the operator's own.
fn embedded(config: &Config) -> Result<Theme, ExitCode> {
    loaded(gallery::checked(config.brand.clone()))
}

fn loaded(theme: Result<Theme, Vec<Problem>>) -> Result<Theme, ExitCode> {
    theme.map_err(|problems| tell(EXIT_SETTINGS, &problems))
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
        fail(if matches!(error, StartError::Setting(_)) { EXIT_SETTINGS } else { EXIT_FAULT }, error)
    })?;
    if let Some(listener) = listener {
        supervisor
            .spawn_thread("metrics listener", "metrics".to_owned(), move || listener.run())
            .map_err(|error| fail(EXIT_FAULT, error))?;
    }
    let served = server::serve(config, supervisor, shared, live_reload).map_err(|error| fail(EXIT_FAULT, error));
    observability::stop();
    served
}

fn tell(code: u8, problems: &[Problem]) -> ExitCode {
    for problem in problems {
        let _ = writeln!(std::io::stderr(), "vestibule: {problem}");
    }
    ExitCode::from(code)
}

fn fail(code: u8, line: impl fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "vestibule: {line}");
    ExitCode::from(code)
}

fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
