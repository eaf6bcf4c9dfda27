//! The network edge: connections, deadlines, start and stop.
//!
//! Poem's server has no header timeout, no connection limit and no shutdown timeout, so hyper is driven directly.
//! `listener.rs` accepts connections, `connections.rs` limits them, `connection.rs` serves one,
//! `peer.rs` has its deadlines.

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

/// Time for requests in flight during a stop, and then for refusing those still queued. With the backlog and
/// [`RUNTIME_WAIT`] less than the documented 10 s.
const DRAIN_WAIT: Duration = Duration::from_secs(7);
const REFUSAL_WAIT: Duration = Duration::from_secs(1);
/// Time for abandoned computations after that.
const RUNTIME_WAIT: Duration = Duration::from_millis(500);
/// How long `/readyz` is 503 before an exit after a failed background task, so that load balancers notice.
const FAILED_WAIT: Duration = Duration::from_secs(5);
/// Blocking threads in addition to those for password strength and the database.
const SPARE_THREADS: usize = 8;
/// Request timeout, in addition to the waits for hashes. Longer than all inner timeouts, so a safety net only.
const REQUEST_WAIT: Duration = Duration::from_secs(40);
/// Open files in addition to client connections: runtime, logs, mails and reloaded files; and those of a database
/// connection (SQLite: three).
const SPARE_FILES: u64 = 48;
const FILES_PER_DATABASE_CONNECTION: u64 = 3;
/// Minimum number of connections, regardless of the open-file limit.
const MIN_CONNECTIONS: usize = 16;

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`StartError`] for an unavailable address or database; [`StartError::Task`] after repeated failures of a background
/// task.
pub fn serve(
    config: &Config,
    supervisor: &Supervisor,
    shared: SharedTheme,
    live_reload: Option<Arc<LiveReload>>,
) -> Result<(), StartError> {
    // A thread for every slot of the bounded queues.
    let blocking = config.hash_threads + Database::threads(config.database_max_connections) + SPARE_THREADS;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(blocking).build()?;
    let result = runtime.block_on(run(config, supervisor, shared, live_reload));
    runtime.shutdown_timeout(RUNTIME_WAIT);
    result
}

/// Raises the open-file limit as far as possible, and lowers the connection limit to it.
fn fit_open_files(wanted: ConnectionLimits, database_connections: u32) -> ConnectionLimits {
    let spare = SPARE_FILES + FILES_PER_DATABASE_CONNECTION * u64::from(database_connections);
    let needed = wanted.all as u64 + spare;
    let mut limit = getrlimit(Resource::Nofile);
    if let Some(current) = limit.current.filter(|current| *current < needed) {
        limit.current = Some(limit.maximum.map_or(needed, |most| most.min(needed)).max(current));
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "failed to raise the open-file limit");
        }
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX).saturating_sub(spare);
    let all = usize::try_from(files).unwrap_or(usize::MAX).clamp(MIN_CONNECTIONS, wanted.all);
    if all < wanted.all {
        tracing::warn!(all, "MAX_CONNECTIONS lowered to the open-file limit");
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
    // Design mode watches its files instead.
    signals::reload_on_hangup(supervisor, config.tls.clone(), site.live_reload.is_none().then_some(shared))?;
    let (stop, stopped) = watch::channel(false);
    let gate = Arc::new(Gate::default());
    let endpoint = Edge::new(Arc::clone(&gate), site.clone(), REQUEST_WAIT + 2 * config.hash_queue);
    let tracker = TaskTracker::new();
    let acceptor = Arc::new(Acceptor {
        listener,
        service: Arc::new(Service { endpoint, local, tls: config.tls.clone() }),
        connections: Arc::new(Connections::new(fit_open_files(config.connections, config.database_max_connections))),
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
    // A closed standard output is not an error.
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
        // Stop accepting first, then drain.
        let _ = accepting.await;
        tracker.close();
        tracker.wait().await;
        // Mails in transit: if aborted, they would be sent again.
        future::join_all(tasks).await;
    };
    tokio::select! {
        () = finish => tracing::info!("stopped"),
        () = refuse_the_rest => {
            tracing::warn!(open = tracker.len(), "stopped: closed the remaining connections");
        }
        () = signals.next() => tracing::warn!("stopped at once: second signal"),
    }
    app.log_totals();
    ended
}

/// The application once it has started. Until then, during database connection and migration: alive, not ready.
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
