//! `/metrics` on an address and a thread of its own.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS,
    },
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus::{TEXT_FORMAT, TextEncoder};
use tokio::{net, runtime, sync::Semaphore, time};

use super::metrics;

/// Connections that are served at once; others wait.
const CONNECTIONS: usize = 16;
/// Longest time for the head of a request, and for all of a connection.
const HEADER_WAIT: Duration = Duration::from_secs(5);
const CONNECTION_WAIT: Duration = Duration::from_secs(10);
/// Least that hyper lets a head be limited to, in bytes.
const HEADER_BYTES: usize = 8 * 1024;
/// Of every answer: no page may read it, no browser may take it for one, no cache may keep it.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];
/// Pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens for scrapes.
#[derive(Debug)]
pub struct MetricsListener {
    listener: net::TcpListener,
    runtime: runtime::Runtime,
}

impl MetricsListener {
    /// # Errors
    /// The address cannot be had.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            net::TcpListener::from_std(listener)?
        };
        tracing::info!("metrics are at http://{}/metrics", listener.local_addr()?);
        Ok(Self { listener, runtime })
    }

    /// Answers scrapes for as long as the process runs. Blocks its thread, so that it answers while the service waits for its
    /// database, is busy, or drains.
    pub fn run(&self) {
        self.runtime.block_on(accept(&self.listener));
    }
}

async fn accept(listener: &net::TcpListener) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    // Never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(async move {
                    let connection = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(HEADER_WAIT)
                        .max_header_size(HEADER_BYTES)
                        .keep_alive(false)
                        .serve_connection(TokioIo::new(stream), service_fn(answer));
                    match time::timeout(CONNECTION_WAIT, connection).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::debug!(%error, "a connection for metrics ended"),
                        Err(_) => tracing::debug!("a connection for metrics took too long"),
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics could not be accepted");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    Ok(match request.uri().path() {
        "/metrics" if is_read => exposition(),
        "/metrics" => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed\n".to_owned());
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
        _ => plain(StatusCode::NOT_FOUND, "Not found: the metrics are at /metrics\n".to_owned()),
    })
}

fn exposition() -> Response<String> {
    match TextEncoder::new().encode_to_string(&metrics::gather()) {
        Ok(text) => {
            let mut response = plain(StatusCode::OK, text);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
            response
        }
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "The log says what is wrong\n".to_owned())
        }
    }
}

fn plain(status: StatusCode, text: String) -> Response<String> {
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response.headers_mut().extend(HEADERS);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
