//! Errors of settings and arguments, in one line.

use std::env;

use clap::error::{ContextKind, ContextValue};

use super::error::ConfigError;

/// Maximum length of a quoted argument; passwords and keys are longer, or have other characters than letters.
const QUOTED_CHARACTERS: usize = 16;

/// clap's error in one line, with the name of the setting instead of the flag, and without values: they may be secrets.
pub(super) fn explain(error: &clap::Error, known: &clap::Command) -> ConfigError {
    use clap::error::ErrorKind;

    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return ConfigError::Help(error.to_string());
    }
    let context = |kind| error.get(kind).map(ToString::to_string).filter(|text| !text.is_empty());
    let argument = context(ContextKind::InvalidArg).or_else(|| context(ContextKind::InvalidSubcommand));
    let name =
        argument.as_deref().filter(|argument| argument.starts_with('-')).map(|argument| setting_name(argument, known));
    let valid = context(ContextKind::ValidValue);
    let source = std::error::Error::source(error).map(ToString::to_string);
    let line = match (error.kind(), name) {
        (ErrorKind::InvalidValue, Some(name)) if context(ContextKind::InvalidValue).is_none() => {
            format!("{name}: it is empty; give it a value or leave it out")
        }
        (ErrorKind::InvalidValue, Some(name)) => format!("{name}: use one of {}", valid.unwrap_or_default()),
        (ErrorKind::ValueValidation, Some(name)) => format!("{name}: {}", source.unwrap_or_default()),
        (ErrorKind::UnknownArgument, Some(name)) => match context(ContextKind::SuggestedArg) {
            Some(nearest) => format!("{name} is not a setting; did you mean {nearest}? See `vestibule --help`"),
            None => format!("{name} is not a setting; see `vestibule --help`"),
        },
        (ErrorKind::TooManyValues | ErrorKind::ArgumentConflict, Some(name)) => format!("{name}: set it once"),
        (_, Some(name)) => format!("{name}: it needs a value; see `vestibule --help`"),
        (_, None) => unknown_argument(argument.as_deref().unwrap_or_default(), nearest_command(error), known),
    };
    ConfigError::Invalid(line)
}

/// An argument that is not a command. It is quoted if it has letters only and is short or similar to a command. Others
/// may be secrets, or URLs with secrets, and are reported by position.
fn unknown_argument(word: &str, nearest: Option<&str>, known: &clap::Command) -> String {
    if word == "version" {
        return "`version` is not a command; did you mean `--version`?".to_owned();
    }
    let is_plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    if let Some(nearest) = nearest.filter(|_| is_plain) {
        return format!("`{word}` is not a command; did you mean `{nearest}`? See `vestibule --help`");
    }
    let given: Vec<String> = env::args_os().skip(1).map(|given| given.to_string_lossy().into_owned()).collect();
    let position = given.iter().position(|given| given == word);
    let shown = match position {
        _ if is_plain && word.len() <= QUOTED_CHARACTERS => format!("`{word}`"),
        Some(position) => format!("argument {} (not shown: it may be a secret)", position + 1),
        None => "an argument".to_owned(),
    };
    let commands: Vec<&str> = known.get_subcommands().map(clap::Command::get_name).collect();
    match given.iter().take(position.unwrap_or_default()).find(|given| commands.contains(&given.as_str())) {
        Some(command) => format!("{shown} is unexpected: `{command}` takes no arguments; see `vestibule --help`"),
        None => format!("{shown} is not a command; use one of {}; see `vestibule --help`", commands.join(", ")),
    }
}

fn nearest_command(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::SuggestedSubcommand)? {
        ContextValue::String(nearest) => Some(nearest),
        // In ascending order of similarity.
        ContextValue::Strings(near) => near.last().map(String::as_str),
        _ => None,
    }
}

/// `--database-url <URL>` becomes `DATABASE_URL`; an unknown flag stays as typed.
fn setting_name(argument: &str, known: &clap::Command) -> String {
    let flag = argument.split([' ', '=']).next().unwrap_or_default();
    flag.strip_prefix("--")
        .and_then(|long| known.get_arguments().find(|argument| argument.get_long() == Some(long)))
        .and_then(clap::Arg::get_env)
        .and_then(|name| name.to_str())
        .map_or_else(|| flag.to_owned(), str::to_owned)
}
