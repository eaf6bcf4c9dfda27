//! HTTP listener of `/metrics`, on its own address and thread.

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

/// Concurrent connections; others wait.
const CONNECTIONS: usize = 16;
/// Deadlines of a request head and of a connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest request head, in bytes: hyper's minimum.
const HEADER_BYTES: usize = 8 * 1024;
/// Headers of every response: not cached, not sniffed, not readable by pages.
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
    /// When the address cannot be bound.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            net::TcpListener::from_std(listener)?
        };
        tracing::info!("serving metrics at http://{}/metrics", listener.local_addr()?);
        Ok(Self { listener, runtime })
    }

    /// Serves scrapes until the process ends. Blocks its thread, so that scrapes succeed while the service waits for
    /// its database, is busy, or drains.
    pub fn run(&self) {
        self.runtime.block_on(accept(&self.listener));
    }
}

async fn accept(listener: &net::TcpListener) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(async move {
                    let connection = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(HEADER_TIMEOUT)
                        .max_header_size(HEADER_BYTES)
                        .keep_alive(false)
                        .serve_connection(TokioIo::new(stream), service_fn(respond));
                    match time::timeout(CONNECTION_TIMEOUT, connection).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::debug!(%error, "metrics connection failed"),
                        Err(_) => tracing::debug!("metrics connection timed out"),
                    }
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "failed to accept a metrics connection");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn respond(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let is_allowed = matches!(*request.method(), Method::GET | Method::HEAD);
    Ok(match request.uri().path() {
        "/metrics" if is_allowed => exposition(),
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
            tracing::error!(%error, "failed to encode metrics");
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
