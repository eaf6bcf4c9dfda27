//! [`App`]: the parts of the service, put together.

mod database;
mod readings;
mod site;
mod tasks;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use url::Url;

use self::readings::DatabaseReadings;
pub use self::site::Site;
use crate::{
    accounts::{
        self, Accounts, Parts, bots::BotChecks, change::Writer, limits::RateLimiter, maintenance::Maintenance,
        outbox::Outbox, password_strength::PasswordStrength,
    },
    config::Config,
    domain::{clock::Clock, known_devices::DeviceKey, token::CodeKey},
    hashing::Hasher,
    keys::{CookieKeys, KeyWatch},
    mail::{
        self, MailSettings,
        worker::{MailWorker, Sending},
    },
    store::{self, Database, StoreError, instance::Instance},
    supervisor::Supervisor,
};

/// State of all requests.
#[derive(Debug)]
pub struct App {
    pub site: Site,
    pub accounts: Accounts,
    pub cookie_keys: CookieKeys,
    pub clock: Clock,
    database: Database,
    hasher: Hasher,
    password_strength: PasswordStrength,
    outbox: Outbox,
    maintenance: Maintenance,
    key_watch: KeyWatch,
    /// `None`: no metrics are served.
    readings: Option<DatabaseReadings>,
    /// `None`: no mail is sent.
    mail_worker: Option<Arc<MailWorker>>,
    supervisor: Supervisor,
    is_draining: AtomicBool,
    /// Marks the SQLite file as used by this process.
    _instance: Instance,
}

/// Failure at start or of a background task: one line with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("DATABASE_URL: {0}")]
    Database(String),
    #[error("HOST, PORT: cannot listen on {address}: {cause}. {}", advice(.cause))]
    Listen { address: String, cause: io::Error },
    #[error("HASH_THREADS: failed to start a thread: {0}. Raise this user's thread limit, or choose fewer")]
    Threads(io::Error),
    #[error("{0}")]
    Mail(String),
    #[error("the background task \"{0}\" failed repeatedly; see the log")]
    Task(&'static str),
    #[error("{0}")]
    Runtime(#[from] io::Error),
}

fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "Stop what is using it, or choose another PORT",
        io::ErrorKind::PermissionDenied => "Choose a PORT of 1024 or more",
        _ => "Choose a HOST that is an address of this machine",
    }
}

/// Registers metrics before the database is open.
pub fn register_metrics(supervisor: &Supervisor) {
    accounts::metrics::register();
    mail::metrics::register();
    store::register_metrics();
    readings::register_tasks(supervisor.clone());
}

impl App {
    /// Opens the database and puts the parts together. Blocks for up to 30 s while the database is unavailable.
    ///
    /// # Errors
    /// [`StartError::Database`] when the database stays unavailable, is newer than this program, or refuses.
    pub fn start(config: &Config, site: Site, clock: Clock, supervisor: Supervisor) -> Result<Self, StartError> {
        let (database, keys, instance) = database::open(config, clock).map_err(StartError::Database)?;
        let hasher = Hasher::start_under(&supervisor, config.hash_threads, config.hash_queue, config.bcrypt_cost)
            .map_err(StartError::Threads)?;
        // Half as many: estimates run at normal priority and must leave cores to hashing.
        let estimators = config.hash_threads.div_ceil(2);
        let password_strength = PasswordStrength::new(estimators, config.hash_queue, &names(config));
        let limiter = RateLimiter::new(config.limits.clone(), keys.derive("rate limits"), database.clone(), clock);
        let bots = BotChecks::new(
            config.bots.clone(),
            (keys.derive("form stamps"), keys.derive("sign-up challenges")),
            limiter.clone(),
            (database.clone(), clock),
            config.policy.sends_mail,
        );
        let writer = Writer::new(database.clone(), clock, config.policy.clone());
        let code_key = CodeKey(keys.derive("mail codes"));
        let outbox = Outbox::new(writer.clone(), code_key.clone());
        let maintenance = Maintenance::new(writer.clone(), limiter.clone());
        let accounts = Accounts::new(Parts {
            writer,
            hasher: hasher.clone(),
            password_strength: password_strength.clone(),
            limiter,
            bots,
            code_key,
            device_key: DeviceKey(keys.derive("known browser marks")),
        });
        readings::register_queues(hasher.clone(), database.clone());
        let readings = config.observability.metrics_address.map(|_| DatabaseReadings::default());
        if let Some(readings) = &readings {
            readings.register();
        }
        let mail_worker = config.mail.as_ref().map(|mail| mail_worker(mail, &outbox, &site)).transpose();
        Ok(Self {
            mail_worker: mail_worker.map_err(StartError::Mail)?,
            accounts,
            cookie_keys: keys.cookies(),
            key_watch: keys.watch(),
            clock,
            database,
            hasher,
            password_strength,
            outbox,
            maintenance,
            readings,
            site,
            supervisor,
            is_draining: AtomicBool::new(false),
            _instance: instance,
        })
    }

    /// Makes `/readyz` return 503, and refuses hashes that would not finish within this time.
    pub fn drain(&self, within: Duration) {
        self.hasher.stop_within(within);
        self.is_draining.store(true, Ordering::Relaxed);
        if let Some(live_reload) = &self.site.live_reload {
            live_reload.close();
        }
    }

    /// Refuses requests that wait for a thread, while there is time to respond.
    pub fn refuse_waiting(&self) {
        self.hasher.stop_within(Duration::ZERO);
        self.password_strength.stop();
    }

    /// Whether the database answers and accepts writes.
    ///
    /// # Errors
    /// [`StoreError`] with the reason.
    pub async fn check_database(&self) -> Result<(), StoreError> {
        self.database.check().await
    }

    /// Logs the totals of the hashing threads.
    pub fn log_totals(&self) {
        self.hasher.log_totals();
    }

    /// Whether a background task failed permanently.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.supervisor.has_failed()
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }
}

/// Names of this service, from which passwords must not be derived.
fn names(config: &Config) -> Vec<&str> {
    let host = config.public_url.as_ref().and_then(Url::host_str);
    [Some(config.brand.name.as_str()), host].into_iter().flatten().collect()
}

fn mail_worker(mail: &MailSettings, outbox: &Outbox, site: &Site) -> Result<Arc<MailWorker>, String> {
    let brand = site.theme.current().brand.name.clone();
    Ok(Arc::new(MailWorker {
        outbox: outbox.clone(),
        theme: site.theme.clone(),
        transport: mail.smtp_url.transport()?,
        from: mail.from(&site.public_url, &brand)?,
        base: site.public_url.to_string(),
        sending: Sending::default(),
    }))
}
