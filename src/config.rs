//! Every setting, parsed once. A wrong one is refused in one line that names it; see [`Config::load`].

use std::{
    fmt, fs,
    net::{IpAddr, ToSocketAddrs as _},
    path::PathBuf,
    thread,
    time::Duration,
};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum, error::ContextKind};
use url::Url;

use crate::{
    accounts::password::{MAX_CHARACTERS, PasswordPolicy, Secret},
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

    /// Address or host name to listen on
    #[arg(long, env, value_name = "HOST", default_value = "127.0.0.1", value_parser = parse_host)]
    host: IpAddr,

    /// Port to listen on; 0 takes a free one
    #[arg(long, env, value_name = "PORT", default_value = "8000")]
    port: u16,

    /// Where accounts are kept: sqlite://PATH, postgres://… or postgresql://…
    #[arg(long, env, value_name = "URL", default_value = "sqlite://vestibule.db", value_parser = DatabaseUrl::parse)]
    database_url: DatabaseUrl,

    /// File that holds `DATABASE_URL`
    #[arg(long, env, value_name = "PATH")]
    database_url_file: Option<PathBuf>,

    /// Most connections to the database, 1 to 1000
    #[arg(long, env, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u32).range(1..=1000))]
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

    /// File that holds `SECRET_KEY`
    #[arg(long, env, value_name = "PATH")]
    secret_key_file: Option<PathBuf>,

    /// bcrypt's cost, 10 to 15; one more doubles the time of a hash. 4 to 9 only with ENVIRONMENT=local
    #[arg(long, env, value_name = "N", default_value = "12", value_parser = clap::value_parser!(u32).range(4..=15))]
    bcrypt_cost: u32,

    /// Fewest characters of a password, 1 to 128; the most is always 128
    #[arg(long, env, value_name = "N", default_value = "12", value_parser = clap::value_parser!(u16).range(1..=MAX_CHARACTERS as i64))]
    password_min_length: u16,

    /// Refuse common passwords and those made of the address or username
    #[arg(long, env, value_name = "on|off", default_value = "on")]
    password_blocklist: Switch,

    /// Threads that hash passwords, 1 to 1024; default: the number of CPUs
    #[arg(long, env, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    hash_threads: Option<u16>,

    /// Longest wait for a hash in seconds, 1 to 60; beyond it the answer is 503
    #[arg(long, env, value_name = "SECONDS", default_value = "5", value_parser = clap::value_parser!(u64).range(1..=60))]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
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
        match dotenvy::dotenv() {
            Ok(_) => {}
            Err(error) if error.not_found() => {}
            // The error's own text quotes the line, which may hold a secret.
            Err(_) => {
                return Err(ConfigError::Wrong(
                    ".env: a line is not NAME=value; put values with spaces in quotes".into(),
                ));
            }
        }
        let matches = command().try_get_matches().map_err(|error| explain(&error))?;
        let is_default = |id: &str| matches.value_source(id) == Some(clap::parser::ValueSource::DefaultValue);
        let default_url = is_default("database_url");
        let settings = Settings::from_arg_matches(&matches).map_err(|error| explain(&error))?;
        settings.check(default_url).map_err(ConfigError::Wrong)
    }

    /// Whether cookies and HSTS may rely on https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

/// Flags stand before or after `serve`; `--help` does not show what the environment holds.
fn command() -> clap::Command {
    Settings::command().mut_args(|argument| argument.global(true).hide_env_values(true))
}

impl Settings {
    fn check(self, default_url: bool) -> Result<Config, String> {
        match self.command {
            Some(Command::Serve) | None => {}
        }
        let database_url = match self.database_url_file {
            None => self.database_url,
            Some(_) if !default_url => return Err(both("DATABASE_URL")),
            Some(path) => DatabaseUrl::parse(read("DATABASE_URL_FILE", &path)?.expose())
                .map_err(|error| format!("DATABASE_URL_FILE: {error}"))?,
        };
        let secret_key = match (self.secret_key, self.secret_key_file) {
            (Some(_), Some(_)) => return Err(both("SECRET_KEY")),
            (None, Some(path)) => Some(
                parse_secret_key(read("SECRET_KEY_FILE", &path)?.expose())
                    .map_err(|error| format!("SECRET_KEY_FILE: {error}"))?,
            ),
            (key, None) => key,
        };
        if self.bcrypt_cost < 10 && self.environment != Environment::Local {
            return Err(format!(
                "BCRYPT_COST: {} is too quick to guess against; use 10 to 15, or set ENVIRONMENT=local for a test",
                self.bcrypt_cost
            ));
        }
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
                min_characters: self.password_min_length.into(),
                blocklist: self.password_blocklist == Switch::On,
            },
            hash_threads: self
                .hash_threads
                .map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from),
            hash_queue: Duration::from_secs(self.hash_queue_seconds),
            log_level: self.log_level,
            log_format: self.log_format,
        })
    }
}

fn both(name: &str) -> String {
    format!("{name} and {name}_FILE are both set; keep one of them")
}

fn read(name: &str, path: &PathBuf) -> Result<Secret, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{name}: cannot read {}: {error}", path.display()))?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// An address, or a name for one such as `localhost`; IPv4 where it stands for both.
fn parse_host(text: &str) -> Result<IpAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let addresses: Vec<IpAddr> = (text, 0)
        .to_socket_addrs()
        .map_err(|_| "this is no address of this machine; use for example 127.0.0.1 or 0.0.0.0".to_owned())?
        .map(|address| address.ip())
        .collect();
    let first = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    first.copied().ok_or_else(|| "this name has no address".to_owned())
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
    let name = context(ContextKind::InvalidArg).map(|argument| setting_name(&argument));
    let valid = context(ContextKind::ValidValue);
    let source = std::error::Error::source(error).map(ToString::to_string);
    let line = match (error.kind(), name) {
        (ErrorKind::InvalidValue, Some(name)) if context(ContextKind::InvalidValue).is_none() => {
            format!("{name}: it is empty; give it a value or leave it out")
        }
        (ErrorKind::InvalidValue, Some(name)) => format!("{name}: use one of {}", valid.unwrap_or_default()),
        (ErrorKind::ValueValidation, Some(name)) => format!("{name}: {}", source.unwrap_or_default()),
        (ErrorKind::UnknownArgument, Some(name)) => format!("{name} is no setting; see `vestibule --help`"),
        (_, name) => {
            let first = error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("{}{first}; see `vestibule --help`", name.map(|name| format!("{name}: ")).unwrap_or_default())
        }
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

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        })
    }
}
