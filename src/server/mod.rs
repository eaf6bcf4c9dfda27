//! The network edge: which connections there are, their deadlines, and the stop.
//!
//! Poem's own server has no deadline for headers, no limit of connections and no bound on its shutdown, so connections are
//! accepted here and driven by hyper directly. `listener.rs` accepts, `connections.rs` says who has a place, `connection.rs`
//! serves one, `peer.rs` holds the client to its deadlines.

mod connection;
mod connections;
mod listener;
mod metrics;
mod peer;
mod signals;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::future;
use poem::{Endpoint, EndpointExt as _, Request, Response, endpoint::BoxEndpoint};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{sync::watch, time};
use tokio_util::task::TaskTracker;
use url::Url;

pub use self::metrics::register as register_metrics;
use self::{connection::Service, connections::Connections, listener::Acceptor};
use crate::{
    app::{App, Site, StartError},
    appearance::{SharedTheme, live_reload::LiveReload},
    config::Config,
    domain::clock::Clock,
    net::connection_limits::ConnectionLimits,
    routes::routes,
    store::Database,
    supervisor::Supervisor,
    web::{edge::Edge, error::AppError, health},
};

/// How long requests in flight may take once the service is asked to stop; and then how long it takes to refuse those
/// who still wait. With the time for the backlog and [`RUNTIME_WAIT`] below the promised 10 s.
const DRAIN_WAIT: Duration = Duration::from_secs(7);
const REFUSAL_WAIT: Duration = Duration::from_secs(1);
/// How long computations that nobody waits for may go on after that.
const RUNTIME_WAIT: Duration = Duration::from_millis(500);
/// How long `/readyz` is 503 before a process ends whose background task failed: load balancers turn away from it meanwhile.
const FAILED_WAIT: Duration = Duration::from_secs(5);
/// Threads for blocking work besides those that judge passwords and wait for the database.
const SPARE_THREADS: usize = 8;
/// Longest time for a request, beyond the waits for hashes: above all waits inside, so it ends only what should not be.
const REQUEST_WAIT: Duration = Duration::from_secs(40);
/// Open files besides connections: the runtime, logs, mails, files that are read again; and so many for each connection to
/// the database (SQLite has three).
const SPARE_FILES: u64 = 48;
const FILES_PER_DATABASE_CONNECTION: u64 = 3;
/// Fewest connections, however few files there may be.
const FEWEST_CONNECTIONS: usize = 16;

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`StartError`] when the address or the database cannot be had; [`StartError::Task`] when a background task fails again
/// and again.
pub fn serve(
    config: &Config,
    supervisor: &Supervisor,
    shared: SharedTheme,
    live_reload: Option<Arc<LiveReload>>,
) -> Result<(), StartError> {
    // So many that a place in one of the bounded queues is always a thread too.
    let blocking = config.hash_threads + Database::threads(config.database_max_connections) + SPARE_THREADS;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(blocking).build()?;
    let result = runtime.block_on(run(config, supervisor, shared, live_reload));
    runtime.shutdown_timeout(RUNTIME_WAIT);
    result
}

/// As many connections as there may be, or as there may be open files: what the system allows us to raise is raised.
fn fitting(wanted: ConnectionLimits, database_connections: u32) -> ConnectionLimits {
    let spare = SPARE_FILES + FILES_PER_DATABASE_CONNECTION * u64::from(database_connections);
    let needed = wanted.all as u64 + spare;
    let mut limit = getrlimit(Resource::Nofile);
    if let Some(current) = limit.current.filter(|current| *current < needed) {
        limit.current = Some(limit.maximum.map_or(needed, |most| most.min(needed)).max(current));
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files could not be raised");
        }
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX).saturating_sub(spare);
    let all = usize::try_from(files).unwrap_or(usize::MAX).clamp(FEWEST_CONNECTIONS, wanted.all);
    if all < wanted.all {
        tracing::warn!(all, "MAX_CONNECTIONS: fewer connections than that, since there may not be as many open files");
    }
    ConnectionLimits { all, ..wanted }
}

async fn run(
    config: &Config,
    supervisor: &Supervisor,
    shared: SharedTheme,
    live_reload: Option<Arc<LiveReload>>,
) -> Result<(), StartError> {
    let address = SocketAddr::new(config.host, config.port);
    let listen = |cause| StartError::Listen { address: address.to_string(), cause };
    let listener = listener::bind(address).map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let url = Url::parse(&format!("{scheme}://{local}/")).map_err(|error| io::Error::other(error.to_string()))?;
    let site = Site::new(config, url, shared.clone(), live_reload);

    let mut signals = signals::Stop::new()?;
    // A designer's files are watched.
    signals::reload_on_hangup(supervisor, config.tls.clone(), site.live_reload.is_none().then_some(shared))?;
    let (stop, stopped) = watch::channel(false);
    let gate = Arc::new(Gate::default());
    let endpoint = Edge::new(Arc::clone(&gate), site.clone(), REQUEST_WAIT + 2 * config.hash_queue);
    let tracker = TaskTracker::new();
    let acceptor = Arc::new(Acceptor {
        listener,
        service: Arc::new(Service { endpoint, local, tls: config.tls.clone() }),
        connections: Arc::new(Connections::new(fitting(config.connections, config.database_max_connections))),
        proxies: config.trusted_proxies.clone(),
        tracker: tracker.clone(),
        stopped,
    });
    let accepting = supervisor.spawn("accept loop", move || Arc::clone(&acceptor).run());

    let starting = {
        let (config, supervisor) = (config.clone(), supervisor.clone());
        tokio::task::spawn_blocking(move || App::start(&config, site, Clock::system(), supervisor))
    };
    let app = tokio::select! {
        app = starting => Arc::new(app.map_err(io::Error::other)??),
        () = signals.next() => return Ok(()),
        task = supervisor.failed() => return Err(StartError::Task(task)),
    };
    let tasks = app.start_tasks(&stop.subscribe());
    gate.open(routes(Arc::clone(&app)));
    // A closed standard output is no reason not to serve.
    let _ = writeln!(io::stdout(), "listening on {scheme}://{local}");

    let ended = tokio::select! {
        () = signals.next() => Ok(()),
        task = supervisor.failed() => Err(StartError::Task(task)),
    };
    if ended.is_err() {
        let _ = time::timeout(FAILED_WAIT, signals.next()).await;
    }
    app.drain(DRAIN_WAIT);
    tracing::info!("stopping: finishing requests in flight");
    let refuse_the_rest = async {
        time::sleep(DRAIN_WAIT).await;
        app.refuse_waiting();
        time::sleep(REFUSAL_WAIT).await;
    };
    let _ = stop.send(true);
    let finish = async {
        // First no more connections, then a wait for those there are.
        let _ = accepting.await;
        tracker.close();
        tracker.wait().await;
        // Mails that are being sent: left in the middle, they would be sent once more.
        future::join_all(tasks).await;
    };
    tokio::select! {
        () = finish => tracing::info!("stopped"),
        () = refuse_the_rest => {
            tracing::warn!(open = tracker.len(), "stopped: cut the connections that were still open");
        }
        () = signals.next() => tracing::warn!("stopped at once: second signal"),
    }
    app.log_totals();
    ended
}

/// The application once it is there. Until then, while the database is waited for or migrated: alive, not ready.
#[derive(Default)]
struct Gate(OnceLock<BoxEndpoint<'static, Response>>);

impl Gate {
    fn open(&self, application: impl Endpoint<Output = Response> + 'static) {
        let _ = self.0.set(application.boxed());
    }
}

impl Endpoint for Gate {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        match self.0.get() {
            Some(application) => application.call(request).await,
            None if request.uri().path() == "/healthz" => Ok(health::alive()),
            None => Err(AppError::Starting.into()),
        }
    }
}
