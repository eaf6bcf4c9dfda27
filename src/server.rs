//! The accept loop, its deadlines, and the stop.
//!
//! Poem's own server has no deadline for headers and no bound on its shutdown, so connections are driven by hyper's
//! HTTP/1 directly.

use std::{
    convert::Infallible,
    future::poll_fn,
    io::Write as _,
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
    http::{StatusCode, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::watch,
    time,
};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::{
    accounts::Clock,
    app::{App, StartError},
    config::Config,
    routes::routes,
};

/// Longest time for the head of a request; also how long a kept-alive connection may stay silent.
const HEADER_WAIT: Duration = Duration::from_secs(15);
/// Largest head of a request, in bytes.
const HEADER_BYTES: usize = 32 * 1024;
/// How long requests in flight may take once the service is asked to stop. With [`RUNTIME_WAIT`] below the
/// promised 10 s.
const DRAIN_WAIT: Duration = Duration::from_secs(8);
/// How long computations that nobody waits for may go on after that.
const RUNTIME_WAIT: Duration = Duration::from_millis(500);
/// Pause after a failed accept: out of descriptors, trying again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// After an early answer, how long and how much of what the client still sends is read and dropped, so that closing does not
/// destroy the answer on its way (RFC 9112, section 9.6).
const LINGER_WAIT: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`StartError`] when the address or the database cannot be had.
pub fn serve(config: &Config) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(run(config));
    runtime.shutdown_timeout(RUNTIME_WAIT);
    result
}

async fn run(config: &Config) -> Result<(), StartError> {
    let address = SocketAddr::new(config.host, config.port);
    let listen = |cause| StartError::Listen { address: address.to_string(), cause };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    let url = Url::parse(&format!("http://{local}/")).map_err(|error| std::io::Error::other(error.to_string()))?;

    let mut signals = Signals::new()?;
    let (stop, stopped) = watch::channel(false);
    let gate = Arc::new(Gate::default());
    let connections = TaskTracker::new();
    let accepting = tokio::spawn(accept(listener, local, Arc::clone(&gate), connections.clone(), stopped));

    let starting = {
        let config = config.clone();
        tokio::task::spawn_blocking(move || App::start(&config, url, Clock::system()))
    };
    let app = tokio::select! {
        app = starting => Arc::new(app.map_err(std::io::Error::other)??),
        () = signals.next() => return Ok(()),
    };
    gate.open(routes(Arc::clone(&app)));
    // A closed standard output is no reason not to serve.
    let _ = writeln!(std::io::stdout(), "listening on http://{local}");

    signals.next().await;
    tracing::info!("stopping: finishing requests in flight");
    app.drain();
    let _ = stop.send(true);
    connections.close();
    tokio::select! {
        () = connections.wait() => tracing::info!("stopped"),
        () = time::sleep(DRAIN_WAIT) => tracing::warn!(open = connections.len(), "stopped: cut the connections that were still open"),
        () = signals.next() => tracing::warn!("stopped at once: second signal"),
    }
    accepting.abort();
    Ok(())
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The application once it is there; until then an answer that says so.
#[derive(Default)]
struct Gate(OnceLock<BoxEndpoint<'static, Response>>);

impl Gate {
    fn open(&self, application: impl Endpoint<Output = Response> + 'static) {
        let _ = self.0.set(application.boxed());
    }

    async fn call(&self, request: Request) -> Response {
        let Some(application) = self.0.get() else { return starting(&request) };
        application.get_response(request).await
    }
}

/// While the database is waited for or migrated: alive, not ready.
fn starting(request: &Request) -> Response {
    let builder = Response::builder().content_type("application/json").header(header::CACHE_CONTROL, "no-store");
    if request.uri().path() == "/healthz" {
        return builder.body(r#"{"status":"ok"}"#);
    }
    builder
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .header(header::RETRY_AFTER, "1")
        .body(r#"{"detail":"The service is starting. Try again in a moment."}"#)
}

async fn accept(
    listener: TcpListener,
    local: SocketAddr,
    gate: Arc<Gate>,
    connections: TaskTracker,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        match accepted {
            Ok((stream, remote)) => {
                connections.spawn(drive(stream, local, remote, Arc::clone(&gate), stopped.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one connection until it closes, or until the service stops and its request in flight is answered.
async fn drive(
    stream: TcpStream,
    local: SocketAddr,
    remote: SocketAddr,
    gate: Arc<Gate>,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let gate = Arc::clone(&gate);
        Box::pin(async move {
            let request = Request::from((request, LocalAddr(local.into()), RemoteAddr(remote.into()), Scheme::HTTP));
            Ok::<_, Infallible>(hyper::Response::from(gate.call(request).await))
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WAIT)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);

    let ended = {
        let mut stopping = pin!(stopped.wait_for(|stop| *stop));
        let mut is_stopping = false;
        loop {
            tokio::select! {
                ended = poll_fn(|context| connection.poll_without_shutdown(context)) => break ended,
                _ = &mut stopping, if !is_stopping => {
                    is_stopping = true;
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                }
            }
        }
    };
    if let Err(error) = ended {
        // The client's doing: it left, was too slow, or does not speak HTTP.
        tracing::debug!(%error, "connection ended");
    }
    linger(connection.into_parts().io.into_inner()).await;
}

async fn linger(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut buffer = [0; 8 * 1024];
    let mut left = LINGER_BYTES;
    let _ = time::timeout(LINGER_WAIT, async {
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            let Some(less) = left.checked_sub(read) else { return };
            left = less;
        }
    })
    .await;
}
