//! What is wrong with a setting, in one line.

use clap::error::ContextKind;

use super::{ConfigError, command};

/// clap's error in one line, by the setting's name rather than the flag's. Of a value nothing is shown: it may be
/// a secret.
pub fn explain(error: &clap::Error) -> ConfigError {
    use clap::error::ErrorKind;

    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return ConfigError::Asked(error.to_string());
    }
    let context = |kind| error.get(kind).map(ToString::to_string).filter(|text| !text.is_empty());
    // A bare word is left out: it may be a URL with a password.
    let flag = context(ContextKind::InvalidArg).filter(|argument| argument.starts_with('-'));
    let name = flag.map(|flag| setting_name(&flag));
    let valid = context(ContextKind::ValidValue);
    let source = std::error::Error::source(error).map(ToString::to_string);
    let line = match (error.kind(), name) {
        (ErrorKind::InvalidValue, Some(name)) if context(ContextKind::InvalidValue).is_none() => {
            format!("{name}: it is empty; give it a value or leave it out")
        }
        (ErrorKind::InvalidValue, Some(name)) => format!("{name}: use one of {}", valid.unwrap_or_default()),
        (ErrorKind::ValueValidation, Some(name)) => format!("{name}: {}", source.unwrap_or_default()),
        (ErrorKind::UnknownArgument, Some(name)) => format!("{name} is no setting; see `vestibule --help`"),
        (ErrorKind::TooManyValues | ErrorKind::ArgumentConflict, Some(name)) => format!("{name}: give it once"),
        (_, Some(name)) => format!("{name}: it needs a value; see `vestibule --help`"),
        (_, None) => "an argument is not known; see `vestibule --help`".to_owned(),
    };
    ConfigError::Wrong(line)
}

/// `--database-url <URL>` is `DATABASE_URL`; what is no setting stays as it was typed.
fn setting_name(argument: &str) -> String {
    let flag = argument.split([' ', '=']).next().unwrap_or_default();
    let known = command();
    flag.strip_prefix("--")
        .and_then(|long| known.get_arguments().find(|argument| argument.get_long() == Some(long)))
        .and_then(clap::Arg::get_env)
        .and_then(|name| name.to_str())
        .map_or_else(|| flag.to_owned(), str::to_owned)
}
