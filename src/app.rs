//! The parts put together.

use std::{
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time,
};
use url::Url;

use crate::{
    accounts::{
        Accounts, Clock, audit_bounds, bots::BotChecks, devices::DeviceKey, export::Exports, judge::Judge,
        limits::Limits, maintenance, token::CodeKey,
    },
    appearance::SharedAppearance,
    config::{Config, Environment},
    design::LiveReload,
    hashing::Hasher,
    keys::{self, CookieKeys, KeyWatch, Keys},
    mail::{
        MailSettings,
        worker::{MailWorker, Sending},
    },
    observability::{
        live::{self, DatabaseReading, OutboxReading, Sources},
        metrics,
    },
    store::{self, Database, DatabaseUrl, StoreError, instance::Instance, migrations::MigrationError},
    supervisor::Supervisor,
    web::{address_header::AddressHeader, allowed_hosts::AllowedHosts, trusted_proxies::TrustedProxies},
};

/// How long an unreachable database is waited for at start.
const DATABASE_WAIT: Duration = Duration::from_secs(30);
/// The name of the generated `SECRET_KEY` in the database.
const SECRET_KEY_NAME: &str = "secret_key";
/// Bytes of a generated `SECRET_KEY`.
const SECRET_KEY_BYTES: usize = 64;

/// What is known of this service before its database is there.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where visitors reach this service; links in answers begin with it.
    pub public_url: Url,
    /// `PUBLIC_URL`, if it was set.
    pub configured_url: Option<Url>,
    pub environment: Environment,
    /// Hosts that requests may be for besides our own.
    pub allowed_hosts: AllowedHosts,
    /// Whose word about network addresses counts.
    pub trusted_proxies: TrustedProxies,
    /// The header in which they say so; `None`: `Forwarded` or `X-Forwarded-For`, unless they disagree.
    pub client_address_header: Option<AddressHeader>,
    /// How everything looks and what it says.
    pub appearance: SharedAppearance,
    /// With `vestibule design` alone.
    pub live_reload: Option<Arc<LiveReload>>,
}

impl Site {
    /// `listening_on` stands in for `PUBLIC_URL` where that is not set.
    #[must_use]
    pub fn new(
        config: &Config,
        listening_on: Url,
        appearance: SharedAppearance,
        live_reload: Option<Arc<LiveReload>>,
    ) -> Self {
        Self {
            public_url: config.public_url.clone().unwrap_or(listening_on),
            configured_url: config.public_url.clone(),
            environment: config.environment,
            allowed_hosts: config.allowed_hosts.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            client_address_header: config.client_address_header.clone(),
            appearance,
            live_reload,
        }
    }

    /// Whether cookies and HSTS may rely on https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// Everything a request needs.
#[derive(Debug)]
pub struct App {
    pub site: Site,
    pub accounts: Accounts,
    pub cookie_keys: CookieKeys,
    key_watch: KeyWatch,
    /// `None`: no mail is sent.
    mail_worker: Option<Arc<MailWorker>>,
    supervisor: Supervisor,
    is_draining: AtomicBool,
    /// Says that this process uses the SQLite file.
    _instance: Instance,
}

/// Why the program could not start or go on: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("DATABASE_URL: {0}")]
    Database(String),
    #[error("HOST, PORT: cannot listen on {address}: {cause}. {}", advice(.cause))]
    Listen { address: String, cause: io::Error },
    #[error("HASH_THREADS: a thread could not be started: {0}. Let this user have more threads, or choose fewer")]
    Threads(io::Error),
    #[error("{0}")]
    Mail(String),
    #[error("the background task \"{0}\" failed again and again; the log says where")]
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

impl App {
    /// Connects to the database, migrates it, and puts the parts together. Blocks, for up to 30 s while the
    /// database cannot be reached.
    ///
    /// # Errors
    /// [`StartError::Database`] when the database stays out of reach, is newer than this program, or refuses.
    pub fn start(config: &Config, site: Site, clock: Clock, supervisor: Supervisor) -> Result<Self, StartError> {
        let (database, keys, instance) = open_database(config, clock)?;
        let accounts = Accounts {
            database,
            hasher: Hasher::start_under(&supervisor, config.hash_threads, config.hash_queue, config.bcrypt_cost)
                .map_err(StartError::Threads)?,
            // Half as many: judging has the priority of everything else, and must leave cores to the hashes.
            judge: Judge::new(config.hash_threads.div_ceil(2), config.hash_queue, &names(config)),
            rules: Arc::new(config.rules.clone()),
            clock,
            code_key: CodeKey(keys.derive("mail codes")),
            device_key: DeviceKey(keys.derive("known browser marks")),
            limits: Limits::new(config.limits.clone(), keys.derive("rate limits")),
            bots: BotChecks::new(config.bots.clone(), keys.derive("form stamps"), keys.derive("sign-up challenges")),
            exports: Exports::default(),
            written: Arc::default(),
            bell: Arc::new(Notify::new()),
        };
        observe(&accounts);
        let mail_worker = config.mail.as_ref().map(|mail| mail_worker(mail, &accounts, &site)).transpose();
        Ok(Self {
            mail_worker: mail_worker.map_err(StartError::Mail)?,
            accounts,
            cookie_keys: keys.cookies(),
            key_watch: keys.watch(),
            site,
            supervisor,
            is_draining: AtomicBool::new(false),
            _instance: instance,
        })
    }

    /// Starts the background tasks, each by itself: the mail worker, maintenance, and what the metrics ask the database. They end
    /// when the service is stopped.
    pub fn start_tasks(self: &Arc<Self>, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        let mut tasks = vec![
            self.repeat("maintenance", stopped, maintenance::EVERY, async |app| {
                match app.accounts.delete_expired().await {
                    Ok(rows @ 1..) => tracing::info!(rows, "expired rows were deleted"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "not all expired rows could be deleted"),
                }
            }),
            self.repeat("maintenance of counters", stopped, maintenance::COUNTERS_EVERY, async |app| {
                match app.accounts.delete_expired_counters().await {
                    Ok(rows @ 1..) => tracing::debug!(rows, "expired counters were deleted"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "not all expired counters could be deleted"),
                }
            }),
            self.repeat("bounds of the audit log", stopped, audit_bounds::EVERY, async |app| {
                match app.accounts.trim_audit_log().await {
                    Ok(rows @ 1..) => tracing::debug!(rows, "lines beyond the newest of their kind were deleted"),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "not all lines beyond the newest of their kind could be deleted");
                    }
                }
            }),
        ];
        tasks.push(self.repeat("watch over the key", stopped, keys::WATCH_EVERY, async |app| {
            app.key_watch.look(&app.accounts.database, app.accounts.clock.now()).await;
        }));
        if metrics::are_on() {
            tasks.push(self.repeat("metrics of the database", stopped, live::ASK_EVERY, async |app| {
                live::database_said(app.database_reading().await);
            }));
        }
        if let Some(worker) = &self.mail_worker {
            let (worker, stopped) = (Arc::clone(worker), stopped.clone());
            tasks.push(self.supervisor.spawn("mail worker", move || Arc::clone(&worker).run(stopped.clone())));
        } else {
            tracing::warn!(
                "SMTP_URL is not set: no mail is sent, so addresses are not proven and forgotten passwords not replaced"
            );
        }
        tasks
    }

    /// Does this now and every so often, until the service is stopped.
    fn repeat<F>(
        self: &Arc<Self>,
        name: &'static str,
        stopped: &watch::Receiver<bool>,
        every: Duration,
        work: impl Fn(Arc<Self>) -> F + Clone + Send + Sync + 'static,
    ) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send,
    {
        let (app, stopped) = (Arc::clone(self), stopped.clone());
        self.supervisor.spawn(name, move || {
            let (app, mut stopped, work) = (Arc::clone(&app), stopped.clone(), work.clone());
            async move {
                let repeat = async {
                    loop {
                        work(Arc::clone(&app)).await;
                        time::sleep(every).await;
                    }
                };
                tokio::select! {
                    () = repeat => {}
                    _ = stopped.wait_for(|stop| *stop) => {}
                }
            }
        })
    }

    async fn database_reading(&self) -> DatabaseReading {
        let is_up = self.accounts.database.check().await.is_ok();
        let pending = self.accounts.pending_mails().await.ok();
        let outbox =
            pending.map(|(pending, oldest)| OutboxReading { pending, oldest: oldest.to_std().unwrap_or_default() });
        DatabaseReading { is_up, outbox }
    }

    /// From now on `/readyz` says that no more work should be sent here, and no hash is begun that would not be done
    /// within this time.
    pub fn drain(&self, within: Duration) {
        self.accounts.hasher.stop_within(within);
        self.is_draining.store(true, Ordering::Relaxed);
        if let Some(live_reload) = &self.site.live_reload {
            live_reload.close();
        }
    }

    /// The time is up: whoever waits for a thread is refused, while there is time to say so.
    pub fn refuse_what_waits(&self) {
        self.accounts.hasher.stop_within(Duration::ZERO);
        self.accounts.judge.stop();
    }

    /// Whether a background task is not started again.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.supervisor.has_failed()
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }
}

/// What visitors know this service by.
fn names(config: &Config) -> Vec<&str> {
    let host = config.public_url.as_ref().and_then(Url::host_str);
    [Some(config.brand.name.as_str()), host].into_iter().flatten().collect()
}

/// Shows the queue and the pool to whoever watches.
fn observe(accounts: &Accounts) {
    let (hasher, database) = (accounts.hasher.clone(), accounts.database.clone());
    live::watch(Sources {
        hashes: Box::new(move || hasher.report()),
        connections: Box::new(move || database.report()),
    });
}

fn mail_worker(mail: &MailSettings, accounts: &Accounts, site: &Site) -> Result<Arc<MailWorker>, String> {
    let brand = site.appearance.current().brand.name.clone();
    Ok(Arc::new(MailWorker {
        accounts: accounts.clone(),
        appearance: site.appearance.clone(),
        transport: mail.smtp_url.transport()?,
        from: mail.from(&site.public_url, &brand)?,
        base: site.public_url.to_string(),
        sending: Sending::default(),
    }))
}

type Opened = (Database, Keys, Instance);

fn open_database(config: &Config, clock: Clock) -> Result<Opened, StartError> {
    let deadline = Instant::now() + DATABASE_WAIT;
    let mut pause = Duration::from_millis(100);
    loop {
        match try_open(config, clock) {
            Ok(opened) => return Ok(opened),
            Err(error) if error.may_pass(&config.database_url) && Instant::now() + pause < deadline => {
                tracing::warn!(error = %error.0, "the database is not ready, trying again");
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_secs(1));
            }
            Err(error) => return Err(StartError::Database(error.explain(&config.database_url))),
        }
    }
}

struct OpenError(MigrationError);

impl OpenError {
    fn explain(&self, url: &DatabaseUrl) -> String {
        let advice = match (&self.0, url) {
            (MigrationError::Store(StoreError::Unavailable(_)), DatabaseUrl::Postgres(_)) => {
                ". Start the server, or correct the URL"
            }
            (MigrationError::Store(StoreError::Unavailable(_)), DatabaseUrl::Sqlite(_)) => {
                ". Make the folder and let this user write to it, or choose another path"
            }
            _ => "",
        };
        format!("{url}: {}{advice}", self.0)
    }

    /// A server may be starting, a file may be locked for a moment. A path that cannot be opened stays so.
    fn may_pass(&self, url: &DatabaseUrl) -> bool {
        match (&self.0, url) {
            (
                MigrationError::Store(StoreError::Unavailable(_) | StoreError::Uncertain(_)),
                DatabaseUrl::Postgres(_),
            ) => true,
            (MigrationError::Store(StoreError::Unavailable(cause)), DatabaseUrl::Sqlite(_)) => cause.contains("locked"),
            _ => false,
        }
    }
}

fn try_open(config: &Config, clock: Clock) -> Result<Opened, OpenError> {
    let store = |error: StoreError| OpenError(error.into());
    store::prepare_file(&config.database_url).map_err(store)?;
    let mut connection = store::connect(&config.database_url).map_err(store)?;
    let stored_key = store::migrations::run(&mut connection, |connection| {
        store::secrets::load_or_make(connection, SECRET_KEY_NAME, clock.now(), || {
            rand::random::<[u8; SECRET_KEY_BYTES]>().to_vec()
        })
    })
    .map_err(OpenError)?;
    let keys = Keys::new(config.secret_key.as_ref().map_or(stored_key, |key| key.expose().as_bytes().to_vec()));
    keys.tell_of_another(&mut connection, clock.now());
    let instance = Instance::enter(&config.database_url);
    instance.release_leases(&mut connection).map_err(store)?;
    let database = Database::open(config.database_url.clone(), config.database_max_connections).map_err(store)?;
    Ok((database, keys, instance.share()))
}
