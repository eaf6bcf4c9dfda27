//! Every setting, parsed once. A wrong one is refused in one line that names it; see [`Config::load`].

use std::{
    env,
    fmt::Display,
    fs, io,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    str::FromStr,
    thread,
    time::Duration,
};

use clap::{
    ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum, error::ContextKind,
    parser::ValueSource,
};
use url::Url;

use crate::{
    accounts::password::{MAX_CHARACTERS, PasswordPolicy, Secret},
    hashing::COSTS,
    store::DatabaseUrl,
};

/// Shortest `SECRET_KEY`, in bytes.
const SECRET_KEY_MIN_BYTES: usize = 32;

/// The settings as the command line, the environment and `.env` give them. The order here is that of `--help`.
#[derive(Debug, Parser)]
#[command(
    name = "vestibule",
    version,
    about = "The front door for accounts: a sign-up page for people and a JSON API for programs.",
    after_help = "Every setting may be given as a flag, as an environment variable, or in a file .env in the working \
                  directory; the first of these wins. NAME_FILE reads a secret from a file.",
    disable_help_subcommand = true
)]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
struct Settings {
    #[command(subcommand)]
    command: Option<Command>,

    /// IP address to listen on, or localhost
    #[arg(long, env, value_name = "HOST", default_value = "127.0.0.1", value_parser = parse_host)]
    host: IpAddr,

    /// Port to listen on; 0 takes a free one
    #[arg(long, env, value_name = "PORT", default_value = "8000", value_parser = number(0_u16, u16::MAX))]
    port: u16,

    /// Where accounts are kept: sqlite://PATH, postgres://… or postgresql://…
    #[arg(long, env, value_name = "URL", default_value = "sqlite://vestibule.db", value_parser = DatabaseUrl::parse)]
    database_url: DatabaseUrl,

    /// File that holds DATABASE_URL
    #[arg(long, env, value_name = "PATH")]
    database_url_file: Option<PathBuf>,

    /// Most connections to the database, 1 to 1000
    #[arg(long, env, value_name = "N", default_value = "10", value_parser = number(1_u32, 1000))]
    database_max_conns: u32,

    /// `local` opens /api/v1/private/* and allows bcrypt costs below 10
    #[arg(long, env, value_name = "NAME", default_value = "production")]
    environment: Environment,

    /// Where visitors reach this service, such as https://accounts.example.com; default: http://HOST:PORT.
    /// https:// turns on Secure and __Host- cookies and HSTS; when set, requests for another host get 421 in production
    #[arg(long, env, value_name = "URL", value_parser = parse_public_url)]
    public_url: Option<Url>,

    /// Signs cookies, 32 bytes or more; default: made at first start and kept in the database
    #[arg(long, env, value_name = "TEXT", value_parser = parse_secret_key)]
    secret_key: Option<Secret>,

    /// File that holds SECRET_KEY
    #[arg(long, env, value_name = "PATH")]
    secret_key_file: Option<PathBuf>,

    /// bcrypt's cost, 10 to 15; one more doubles the time of a hash. 4 to 9 only with ENVIRONMENT=local
    #[arg(long, env, value_name = "N", default_value = "12", value_parser = number(*COSTS.start(), *COSTS.end()))]
    bcrypt_cost: u32,

    /// Fewest characters of a password, 1 to 128; the most is always 128
    #[arg(long, env, value_name = "N", default_value = "12", value_parser = number(1, MAX_CHARACTERS))]
    password_min_length: usize,

    /// Refuse common passwords and those made of the address or username
    #[arg(long, env, value_name = "on|off", default_value = "on")]
    password_blocklist: Switch,

    /// Threads that hash, each up to eight passwords at a time; by default, and at most, as many as there are CPUs
    #[arg(long, env, value_name = "N", value_parser = number(1_usize, 1024))]
    hash_threads: Option<usize>,

    /// Longest wait for a hash in seconds, 1 to 60; who would wait four fifths of it gets 503 at once
    #[arg(long, env, value_name = "SECONDS", default_value = "5", value_parser = number(1_u64, 60))]
    hash_queue_seconds: u64,

    /// Least important level that is logged
    #[arg(long, env, value_name = "LEVEL", default_value = "info")]
    log_level: LogLevel,

    /// How log lines look; json is one object a line
    #[arg(long, env, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the page and the API (the default)
    Serve,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    Local,
    Production,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// From the most important to the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// As it is written in the setting.
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

/// The settings, checked against each other.
#[derive(Debug, Clone)]
pub struct Config {
    pub host: IpAddr,
    pub port: u16,
    pub database_url: DatabaseUrl,
    pub database_max_connections: u32,
    pub environment: Environment,
    /// `None` unless it was set: links then lead to the listener itself, and every `Host` is served.
    pub public_url: Option<Url>,
    /// `None`: the one in the database.
    pub secret_key: Option<Secret>,
    pub bcrypt_cost: u32,
    pub password_policy: PasswordPolicy,
    pub hash_threads: usize,
    pub hash_queue: Duration,
    pub log_level: LogLevel,
    pub log_format: LogFormat,
}

/// Why the program does not go on to serve.
#[derive(Debug)]
pub enum ConfigError {
    /// `--help` or `--version` was asked for; this is the text.
    Asked(String),
    /// One line that names the setting and the fix.
    Wrong(String),
}

impl Config {
    /// Reads `.env`, the environment and the command line.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] for the first setting that is wrong. The values of secrets are never in it.
    pub fn load() -> Result<Self, ConfigError> {
        // Asking for help needs no settings, so it works when they are wrong.
        if let Err(error) = command().try_get_matches()
            && let asked @ ConfigError::Asked(_) = explain(&error)
        {
            return Err(asked);
        }
        read_dot_env().map_err(ConfigError::Wrong)?;
        check_utf8().map_err(ConfigError::Wrong)?;
        let matches = command().try_get_matches().map_err(|error| explain(&error))?;
        let settings = Settings::from_arg_matches(&matches).map_err(|error| explain(&error))?;
        settings.check(&matches).map_err(ConfigError::Wrong)
    }
}

/// `.env` in the working directory and nowhere else; what is set already stays.
fn read_dot_env() -> Result<(), String> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(dotenvy::Error::Io(error)) => Err(format!(".env: it cannot be read: {error}; correct it or take it away")),
        // The error's own text quotes the line, which may hold a secret.
        Err(_) => Err(".env: a line is not NAME=value; put a value with spaces, $ or # in single quotes".into()),
    }
}

/// clap would not say which one it is.
fn check_utf8() -> Result<(), String> {
    let command = command();
    let mut names = command.get_arguments().filter_map(clap::Arg::get_env);
    let wrong = names.find(|name| env::var_os(name).is_some_and(|value| value.to_str().is_none()));
    wrong.map_or(Ok(()), |name| Err(format!("{}: it is not UTF-8", name.to_string_lossy())))
}

/// Whether `NAME_FILE` is to be read: it was given, and `NAME` was not given in a stronger place.
fn reads_file(matches: &ArgMatches, name: &str, id: &str) -> Result<bool, String> {
    let strength = |id: &str| match matches.value_source(id) {
        Some(ValueSource::CommandLine) => 2,
        Some(ValueSource::EnvVariable) => 1,
        _ => 0,
    };
    match (strength(id), strength(&format!("{id}_file"))) {
        (_, 0) => Ok(false),
        (value, file) if value == file => Err(format!("{name} and {name}_FILE are both set; keep one of them")),
        (value, file) => Ok(file > value),
    }
}

/// Flags stand before or after `serve`; `--help` does not show what the environment holds.
fn command() -> clap::Command {
    Settings::command().mut_args(|argument| argument.global(true).hide_env_values(true))
}

impl Settings {
    fn check(self, matches: &ArgMatches) -> Result<Config, String> {
        match self.command {
            Some(Command::Serve) | None => {}
        }
        let mut database_url = self.database_url;
        if reads_file(matches, "DATABASE_URL", "database_url")? {
            database_url = read("DATABASE_URL_FILE", self.database_url_file, DatabaseUrl::parse)?;
        }
        let mut secret_key = self.secret_key;
        if reads_file(matches, "SECRET_KEY", "secret_key")? {
            secret_key = Some(read("SECRET_KEY_FILE", self.secret_key_file, parse_secret_key)?);
        }
        if self.bcrypt_cost < 10 && self.environment != Environment::Local {
            return Err(format!(
                "BCRYPT_COST: {} is too quick to guess against; use 10 to 15, or set ENVIRONMENT=local for a test",
                self.bcrypt_cost
            ));
        }
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        Ok(Config {
            host: self.host,
            port: self.port,
            database_url,
            database_max_connections: self.database_max_conns,
            environment: self.environment,
            public_url: self.public_url,
            secret_key,
            bcrypt_cost: self.bcrypt_cost,
            password_policy: PasswordPolicy {
                min_characters: self.password_min_length,
                blocklist: self.password_blocklist == Switch::On,
            },
            // With more, what waits would be spread over threads that share a core, rather than computed side by side.
            hash_threads: self.hash_threads.map_or(cpus, |threads| threads.min(cpus)),
            hash_queue: Duration::from_secs(self.hash_queue_seconds),
            log_level: self.log_level,
            log_format: self.log_format,
        })
    }
}

/// The setting that stands in a file, without the line break at its end.
fn read<T>(name: &str, path: Option<PathBuf>, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    let path = path.unwrap_or_default();
    let text = fs::read_to_string(&path).map_err(|error| format!("{name}: cannot read {}: {error}", path.display()))?;
    let text = Secret::new(text);
    parse(text.expose().trim_end_matches(['\r', '\n'])).map_err(|error| format!("{name}: {error}"))
}

/// A whole number within limits.
fn number<T: FromStr + PartialOrd + Display + Copy>(least: T, most: T) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("use a whole number from {least} to {most}")),
    }
}

/// An IP address, or `localhost`. Other names are not looked up: which address they stand for is not this program's
/// to guess, and some shells set `HOST` to the machine's own.
fn parse_host(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        text => text.parse().map_err(|_| "use an IP address of this machine, for example 127.0.0.1 or 0.0.0.0".into()),
    }
}

fn parse_secret_key(text: &str) -> Result<Secret, String> {
    if text.len() < SECRET_KEY_MIN_BYTES {
        return Err(format!(
            "it is {} bytes long; use {SECRET_KEY_MIN_BYTES} or more, for example from `openssl rand -base64 48`",
            text.len()
        ));
    }
    Ok(Secret::new(text.to_owned()))
}

fn parse_public_url(text: &str) -> Result<Url, String> {
    const FORM: &str = "use an origin such as https://accounts.example.com";
    let url = Url::parse(text).map_err(|error| format!("{error}; {FORM}"))?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_origin { Ok(url) } else { Err(FORM.into()) }
}

/// clap's error in one line, by the setting's name rather than the flag's. Of a value nothing is shown: it may be
/// a secret.
fn explain(error: &clap::Error) -> ConfigError {
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
