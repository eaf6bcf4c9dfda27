//! The accept loop, its deadlines, and the stop.
//!
//! Poem's own server has no deadline for headers and no bound on its shutdown, so connections are driven by hyper's
//! HTTP/1 directly.

mod peer;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{
    Endpoint, EndpointExt as _, Request, Response,
    endpoint::BoxEndpoint,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time,
};
use tokio_util::task::TaskTracker;
use url::Url;

use self::peer::Peer;
use crate::{
    accounts::Clock,
    app::{App, Site, StartError},
    appearance::SharedAppearance,
    config::Config,
    design::LiveReload,
    gallery,
    routes::routes,
    store::Database,
    web::{edge::Edge, error::AppError, health},
};

/// Longest time for the head of a request; also how long a kept-alive connection may stay silent.
const HEADER_WAIT: Duration = Duration::from_secs(15);
/// Largest head of a request, in bytes.
const HEADER_BYTES: usize = 32 * 1024;
/// How long requests in flight may take once the service is asked to stop; and then how long it takes to refuse those
/// who still wait. With [`BACKLOG_WAIT`] and [`RUNTIME_WAIT`] below the promised 10 s.
const DRAIN_WAIT: Duration = Duration::from_secs(7);
const REFUSAL_WAIT: Duration = Duration::from_secs(1);
/// How long computations that nobody waits for may go on after that.
const RUNTIME_WAIT: Duration = Duration::from_millis(500);
/// Connections that the system may accept before we do; it takes its own limit where that is lower.
const BACKLOG: u32 = 4096;
/// Once the service stops: how long those in the backlog are still taken, and how soon it counts as empty.
const BACKLOG_WAIT: Duration = Duration::from_millis(500);
const BACKLOG_PAUSE: Duration = Duration::from_millis(20);
/// Pause after a failed accept: out of descriptors, trying again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Threads for blocking work besides those that judge passwords and wait for the database.
const SPARE_THREADS: usize = 8;

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`StartError`] when the address or the database cannot be had.
pub fn serve(
    config: &Config,
    shared: SharedAppearance,
    live_reload: Option<Arc<LiveReload>>,
) -> Result<(), StartError> {
    // So many that a place in one of the bounded queues is always a thread too.
    let blocking = config.hash_threads + Database::threads(config.database_max_connections) + SPARE_THREADS;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(blocking).build()?;
    let result = runtime.block_on(run(config, shared, live_reload));
    runtime.shutdown_timeout(RUNTIME_WAIT);
    result
}

/// As `TcpListener::bind`, but for the length of the backlog.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn run(
    config: &Config,
    shared: SharedAppearance,
    live_reload: Option<Arc<LiveReload>>,
) -> Result<(), StartError> {
    let address = SocketAddr::new(config.host, config.port);
    let listen = |cause| StartError::Listen { address: address.to_string(), cause };
    let listener = bind(address).map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    let url = Url::parse(&format!("http://{local}/")).map_err(|error| io::Error::other(error.to_string()))?;
    let site = Site::new(config, url, shared.clone(), live_reload);

    let mut signals = Signals::new()?;
    // A designer's files are watched, and the service ends with the terminal.
    if site.live_reload.is_none() {
        tokio::spawn(reload_on_hangup(signal(SignalKind::hangup())?, shared));
    }
    let (stop, stopped) = watch::channel(false);
    let gate = Arc::new(Gate::default());
    let service = Arc::new(Edge::new(Arc::clone(&gate), site.clone()));
    let connections = TaskTracker::new();
    let accepting = tokio::spawn(accept(listener, local, service, connections.clone(), stopped));

    let starting = {
        let config = config.clone();
        tokio::task::spawn_blocking(move || App::start(&config, site, Clock::system()))
    };
    let app = tokio::select! {
        app = starting => Arc::new(app.map_err(io::Error::other)??),
        () = signals.next() => return Ok(()),
    };
    let beside = tokio::spawn(Arc::clone(&app).run_beside(stop.subscribe()));
    gate.open(routes(Arc::clone(&app)));
    // A closed standard output is no reason not to serve.
    let _ = writeln!(io::stdout(), "listening on http://{local}");

    signals.next().await;
    tracing::info!("stopping: finishing requests in flight");
    app.drain(DRAIN_WAIT);
    let refuse_the_rest = async {
        time::sleep(DRAIN_WAIT).await;
        app.refuse_what_waits();
        time::sleep(REFUSAL_WAIT).await;
    };
    let _ = stop.send(true);
    // First no more connections, then a wait for those there are.
    let _ = accepting.await;
    connections.close();
    let finish = async {
        connections.wait().await;
        // Mails that are being sent: left in the middle, they would be sent once more.
        if let Err(error) = beside.await {
            tracing::error!(%error, "what runs beside the requests failed");
        }
    };
    tokio::select! {
        () = finish => tracing::info!("stopped"),
        () = refuse_the_rest => {
            tracing::warn!(open = connections.len(), "stopped: cut the connections that were still open");
        }
        () = signals.next() => tracing::warn!("stopped at once: second signal"),
    }
    app.accounts.hasher.log_totals();
    Ok(())
}

/// SIGHUP: reads `CUSTOM_DIR` and the logo again. What is wrong is logged, and what was there stays.
async fn reload_on_hangup(mut hangup: Signal, shared: SharedAppearance) {
    while hangup.recv().await.is_some() {
        let settings = shared.current().settings.clone();
        match tokio::task::spawn_blocking(move || gallery::checked(settings)).await {
            Ok(Ok(appearance)) => {
                shared.replace(appearance);
                tracing::info!("SIGHUP: CUSTOM_DIR is read again");
            }
            Ok(Err(problems)) => {
                for problem in problems {
                    // Quoted: a file's name may hold a line break.
                    let problem = problem.to_string();
                    tracing::error!(?problem, "SIGHUP: CUSTOM_DIR is wrong, the look before stays");
                }
            }
            Err(error) => tracing::error!(%error, "SIGHUP: CUSTOM_DIR could not be read"),
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
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

async fn accept<E: Endpoint<Output = Response> + 'static>(
    listener: TcpListener,
    local: SocketAddr,
    service: Arc<E>,
    connections: TaskTracker,
    mut stopped: watch::Receiver<bool>,
) {
    let mut last = None;
    loop {
        // Once the service stops: those whom the system has accepted for us already, and who may have sent a request.
        let accepted = if let Some(last) = last {
            let next = time::timeout(BACKLOG_PAUSE, listener.accept());
            match time::timeout_at(last, next).await {
                Ok(Ok(accepted)) => accepted,
                _ => return,
            }
        } else {
            tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopped.changed() => {
                    last = Some(time::Instant::now() + BACKLOG_WAIT);
                    continue;
                }
            }
        };
        match accepted {
            Ok((stream, remote)) => {
                connections.spawn(drive(stream, local, remote, Arc::clone(&service), stopped.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one connection until it closes, or until the service stops and its request in flight is answered.
async fn drive<E: Endpoint<Output = Response>>(
    stream: TcpStream,
    local: SocketAddr,
    remote: SocketAddr,
    service: Arc<E>,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let service = Arc::clone(&service);
        let stream = Arc::clone(&stream);
        Box::pin(async move {
            let request = Request::from((request, LocalAddr(local.into()), RemoteAddr(remote.into()), Scheme::HTTP));
            tokio::select! {
                response = service.get_response(request) => Ok(hyper::Response::from(response)),
                () = peer::leaves(&stream) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
            }
        })
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_WAIT)
            .max_header_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(Peer::new(Arc::clone(&stream))), service)
    );
    let stop = async { drop(stopped.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        // In this order: a request that is there already is read before the connection is told to end.
        biased;
        ended = connection.as_mut() => Some(ended),
        () = stop => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        // The client's doing: it left, was too slow, or does not speak HTTP.
        tracing::debug!(%error, "connection ended");
    }
}
