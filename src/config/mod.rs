//! All settings, parsed and checked once. An error is one line that names the setting; see [`Config::load`].

mod accounts;
mod bots;
mod brand;
mod error;
mod explain;
mod limits;
mod network;
mod parse;
mod reference;
mod requests;

use std::{
    env, io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    thread,
    time::Duration,
};

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum, parser::ValueSource};
use url::Url;

pub use self::{error::ConfigError, parse::parse_public_url};
use self::{
    explain::explain,
    parse::{number, parse_host, parse_listener, parse_secret_key, read},
};
use crate::{
    accounts::{account_policy::AccountPolicy, bots::BotCheckPolicy, limits::RateLimitPolicy},
    appearance::BrandSettings,
    domain::{field_error::PASSWORD_MAX_CHARACTERS, password::PasswordPolicy, secret::Secret},
    hashing::COSTS,
    mail::MailSettings,
    net::{
        address_header::AddressHeader, allowed_hosts::AllowedHosts, connection_limits::ConnectionLimits, tls::Tls,
        trusted_proxies::TrustedProxies,
    },
    observability::{self, LogFormat, LogLevel},
    store::DatabaseUrl,
};

/// Settings of the command line, the environment and `.env`, before checks. Their order is that of `--help`.
#[derive(Debug, Parser)]
#[command(
    name = "vestibule",
    version,
    about = "Self-hosted account service: web pages for people and a JSON API for programs.",
    after_help = "A setting is a flag, an environment variable or a line of .env in the working directory, in this \
                  order of precedence. NAME_FILE reads a secret from a file. OTEL_EXPORTER_OTLP_ENDPOINT enables \
                  traces; docs/observability.md lists the other variables of OpenTelemetry."
)]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
struct Settings {
    #[command(subcommand)]
    command: Option<Command>,

    /// IP address to listen on, or localhost
    #[arg(long, env, help_heading = "Listener", value_name = "HOST", default_value = "127.0.0.1", value_parser = parse_host)]
    host: IpAddr,

    /// Port to listen on, 0 to 65535; 0 selects a free one
    #[arg(long, env, help_heading = "Listener", value_name = "PORT", default_value = "8000", value_parser = number(0_u16, u16::MAX))]
    port: u16,

    #[command(flatten)]
    network: network::ListenerSettings,

    /// Database: sqlite://PATH, postgres://… or postgresql://…; of several servers
    /// (postgres://user@one:5432,two:5432/name) the first writable one
    #[arg(long, env, help_heading = "Database", value_name = "URL", default_value = "sqlite://vestibule.db", value_parser = DatabaseUrl::parse)]
    database_url: DatabaseUrl,

    /// File that contains DATABASE_URL
    #[arg(long, env, help_heading = "Database", value_name = "PATH")]
    database_url_file: Option<PathBuf>,

    /// Maximum number of database connections, 1 to 1000; temporarily more while unresponsive ones are replaced
    #[arg(long, env, help_heading = "Database", value_name = "N", default_value = "10", value_parser = number(1_u32, 1000))]
    database_max_conns: u32,

    /// `local` enables /_gallery and /api/v1/private/* and allows bcrypt costs below 10
    #[arg(long, env, help_heading = "Address", value_name = "NAME", default_value = "production")]
    environment: Environment,

    /// External URL, such as https://accounts.example.com; default: the URL of the listener. https:// enables Secure
    /// and __Host- cookies and HSTS; when set, hosts other than this and ALLOWED_HOSTS get 421 in production
    #[arg(long, env, help_heading = "Address", value_name = "URL", value_parser = parse_public_url)]
    public_url: Option<Url>,

    #[command(flatten)]
    requests: requests::RequestSettings,

    /// Key of cookies and codes, 32 bytes or more, the same on all instances; default: generated at first start and
    /// stored in the database
    #[arg(long, env, help_heading = "Keys and passwords", value_name = "TEXT", value_parser = parse_secret_key)]
    secret_key: Option<Secret>,

    /// File that contains SECRET_KEY
    #[arg(long, env, help_heading = "Keys and passwords", value_name = "PATH")]
    secret_key_file: Option<PathBuf>,

    /// bcrypt cost, 10 to 15; each step doubles the time of a hash. 4 to 9 only with ENVIRONMENT=local
    #[arg(long, env, help_heading = "Keys and passwords", value_name = "N", default_value = "12", value_parser = number(*COSTS.start(), *COSTS.end()))]
    bcrypt_cost: u32,

    /// Minimum length of a password, in characters, 1 to 128; the maximum is always 128
    #[arg(long, env, help_heading = "Keys and passwords", value_name = "N", default_value = "12", value_parser = number(1, PASSWORD_MAX_CHARACTERS))]
    password_min_length: usize,

    /// Reject common passwords and those derived from the email address or username
    #[arg(long, env, help_heading = "Keys and passwords", value_name = "on|off", default_value = "on")]
    password_blocklist: Switch,

    /// Hashing threads, 1 to 1024, each with up to eight passwords at a time; default and maximum: the number of CPUs
    #[arg(long, env, help_heading = "Keys and passwords", value_name = "N", value_parser = number(1_usize, 1024))]
    hash_threads: Option<usize>,

    /// Maximum wait for a hash, in seconds, 1 to 60; an expected wait of four fifths of it gets 503 at once
    #[arg(long, env, help_heading = "Keys and passwords", value_name = "SECONDS", default_value = "5", value_parser = number(1_u64, 60))]
    hash_queue_seconds: u64,

    #[command(flatten)]
    accounts: accounts::AccountSettings,

    #[command(flatten)]
    limits: limits::RateLimitSettings,

    #[command(flatten)]
    bots: bots::BotCheckSettings,

    #[command(flatten)]
    brand: brand::BrandingSettings,

    /// Second listener, with /metrics for Prometheus and no authentication, such as 127.0.0.1:9464; default: none
    #[arg(long, env, help_heading = "Logs and metrics", value_name = "HOST:PORT", value_parser = parse_listener)]
    metrics_addr: Option<SocketAddr>,

    /// Minimum level of log lines
    #[arg(long, env, help_heading = "Logs and metrics", value_name = "LEVEL", default_value = "info")]
    log_level: LogLevel,

    /// Format of log lines; json writes one object per line
    #[arg(long, env, help_heading = "Logs and metrics", value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
}

/// The subcommand.
#[derive(Debug, Clone, Subcommand)]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub enum Command {
    /// Serve the pages and the API (the default)
    Serve,
    /// Serve from a checkout, for designers, with live reload of saved files
    Design,
    /// Write every page and mail, in every state and language, to files
    Gallery {
        /// Output folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Check CUSTOM_DIR and render every page and mail with it once, without serving
    CheckTemplates,
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

/// The checked settings.
#[derive(Debug, Clone)]
pub struct Config {
    pub command: Command,
    pub host: IpAddr,
    pub port: u16,
    pub connections: ConnectionLimits,
    /// `None`: plain HTTP.
    pub tls: Option<Tls>,
    pub database_url: DatabaseUrl,
    pub database_max_connections: u32,
    pub environment: Environment,
    /// `None`: links use the URL of the listener, and the hosts of this machine are accepted.
    pub public_url: Option<Url>,
    /// Hosts accepted in addition to our own.
    pub allowed_hosts: AllowedHosts,
    /// `None`: the key in the database.
    pub secret_key: Option<Secret>,
    pub bcrypt_cost: u32,
    pub policy: AccountPolicy,
    /// `None`: rate limits are off.
    pub limits: Option<RateLimitPolicy>,
    /// `None`: bot checks are off.
    pub bots: Option<BotCheckPolicy>,
    /// Peers whose client address headers count.
    pub trusted_proxies: TrustedProxies,
    /// The only such header that counts.
    pub client_address_header: Option<AddressHeader>,
    /// `None`: no mail is sent.
    pub mail: Option<MailSettings>,
    pub hash_threads: usize,
    pub hash_queue: Duration,
    pub brand: BrandSettings,
    pub observability: observability::ObservabilitySettings,
}

impl Config {
    /// Loads `.env`, the environment and the command line.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for the first invalid setting, without values of secrets.
    pub fn load() -> Result<Self, ConfigError> {
        // `--help` works with invalid settings too.
        if let Err(error) = command().try_get_matches()
            && let help @ ConfigError::Help(_) = explain(&error, &command())
        {
            return Err(help);
        }
        read_dot_env().map_err(ConfigError::Invalid)?;
        check_utf8().map_err(ConfigError::Invalid)?;
        let matches = command().try_get_matches().map_err(|error| explain(&error, &command()))?;
        let settings = Settings::from_arg_matches(&matches).map_err(|error| explain(&error, &command()))?;
        settings.check(&matches).map_err(ConfigError::Invalid)
    }
}

/// `.env` in the working directory only. Variables that are already set take precedence.
fn read_dot_env() -> Result<(), String> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(dotenvy::Error::Io(error)) => Err(format!(".env: it cannot be read: {error}; correct or remove it")),
        // The error's text quotes the line, which may contain a secret.
        Err(_) => Err(".env: a line is not NAME=value; put a value with spaces, $ or # in single quotes".into()),
    }
}

/// clap's error does not name the variable.
fn check_utf8() -> Result<(), String> {
    let command = command();
    let mut names = command.get_arguments().filter_map(clap::Arg::get_env);
    let invalid = names.find(|name| env::var_os(name).is_some_and(|value| value.to_str().is_none()));
    invalid.map_or(Ok(()), |name| Err(format!("{}: it is not UTF-8", name.to_string_lossy())))
}

/// Whether `NAME_FILE` is set, with higher precedence than `NAME`.
///
/// # Errors
/// Both are set with the same precedence.
fn reads_file(matches: &ArgMatches, name: &str, id: &str) -> Result<bool, String> {
    let precedence = |id: &str| match matches.value_source(id) {
        Some(ValueSource::CommandLine) => 2,
        Some(ValueSource::EnvVariable) => 1,
        _ => 0,
    };
    match (precedence(id), precedence(&format!("{id}_file"))) {
        (_, 0) => Ok(false),
        (value, file) if value == file => Err(format!("{name} and {name}_FILE are both set; keep one of them")),
        (value, file) => Ok(file > value),
    }
}

/// Flags may precede or follow the subcommand; `--help` does not show values of the environment.
fn command() -> clap::Command {
    Settings::command().mut_args(|argument| argument.global(true).hide_env_values(true))
}

/// The settings as Markdown tables, for docs/settings.md.
#[must_use]
pub fn settings_tables() -> String {
    reference::tables(&command())
}

impl Settings {
    fn check(self, matches: &ArgMatches) -> Result<Config, String> {
        let command = self.command.unwrap_or(Command::Serve);
        // `design` needs the gallery, and listens on loopback only.
        let is_design = matches!(command, Command::Design);
        let environment = if is_design { Environment::Local } else { self.environment };
        if is_design && !self.host.is_loopback() {
            return Err("HOST: `vestibule design` listens on loopback addresses only; leave it out".into());
        }
        let mut database_url = self.database_url;
        if reads_file(matches, "DATABASE_URL", "database_url")? {
            database_url = read("DATABASE_URL_FILE", self.database_url_file, DatabaseUrl::parse)?;
        }
        let mut secret_key = self.secret_key;
        if reads_file(matches, "SECRET_KEY", "secret_key")? {
            secret_key = Some(read("SECRET_KEY_FILE", self.secret_key_file, parse_secret_key)?);
        }
        if self.bcrypt_cost < 10 && environment != Environment::Local {
            return Err(format!(
                "BCRYPT_COST: {} is too low for production; use 10 to 15, or set ENVIRONMENT=local for a test",
                self.bcrypt_cost
            ));
        }
        let password = PasswordPolicy {
            min_characters: self.password_min_length,
            blocklist: self.password_blocklist == Switch::On,
        };
        let (policy, mail) = self.accounts.check(matches, password)?;
        let (connections, tls) = self.network.check()?;
        let requests = self.requests.check()?;
        let limits = self.limits.check();
        // Bot checks use the counters of the rate limits.
        let bots = self.bots.check().filter(|_| limits.is_some());
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        Ok(Config {
            command,
            host: self.host,
            port: self.port,
            connections,
            tls,
            database_url,
            database_max_connections: self.database_max_conns,
            environment,
            public_url: self.public_url,
            allowed_hosts: requests.allowed_hosts,
            secret_key,
            bcrypt_cost: self.bcrypt_cost,
            policy,
            limits,
            bots,
            trusted_proxies: requests.trusted_proxies,
            client_address_header: requests.client_address_header,
            mail,
            // More would spread hashes over threads that share a core, instead of over the lanes of one thread.
            hash_threads: self.hash_threads.map_or(cpus, |threads| threads.min(cpus)),
            hash_queue: Duration::from_secs(self.hash_queue_seconds),
            brand: self.brand.check()?,
            observability: observability::ObservabilitySettings {
                log_level: self.log_level,
                log_format: self.log_format,
                metrics_address: self.metrics_addr,
            },
        })
    }
}
