//! Serves one connection: TLS, HTTP/1 or HTTP/2, and their deadlines.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{Stream, StreamExt as _, stream};
use hyper::{
    body::{Body, Bytes, Incoming},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use poem::{
    Endpoint, Request, Response,
    http::{HeaderValue, Version, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    time,
};

use super::{
    connections::{ConnectionState, Receiving, Slot},
    metrics::OpenConnection,
    peer::{self, Peer},
};
use crate::net::tls::Tls;

/// TLS handshake timeout.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(5);
/// Idle timeout, before the first request and between requests.
const IDLE_WAIT: Duration = Duration::from_secs(20);
/// Maximum size of a request head, in bytes; in HTTP/2 of the decoded fields. hyper accepts 100 fields at most.
const HEADER_BYTES: usize = 32 * 1024;
const HTTP2_HEADER_BYTES: u32 = 32 * 1024;
/// Maximum number of concurrent HTTP/2 streams; a browser requests a page and its three files.
const HTTP2_STREAMS: u32 = 32;
/// HTTP/2 flow-control windows, in bytes: the largest body of every stream fits the window of the connection.
const HTTP2_WINDOW: u32 = 512 * 1024;
const HTTP2_STREAM_WINDOW: u32 = 32 * 1024;
/// Maximum buffered response data per HTTP/2 stream, in bytes.
const HTTP2_SEND_BUFFER: usize = 64 * 1024;
/// HTTP/2 ping interval and timeout.
const HTTP2_PING: Duration = Duration::from_secs(10);
/// Interval of idle checks of an HTTP/2 connection.
const HTTP2_IDLE_CHECK: Duration = Duration::from_secs(5);
/// During a stop: how long a connection without a request may still send its first.
const FIRST_REQUEST_WAIT: Duration = Duration::from_millis(500);
/// Graceful shutdown timeout of an idle and of an evicted connection. A new connection waits for the evicted one.
const IDLE_CLOSE_WAIT: Duration = Duration::from_secs(10);
const EVICTED_CLOSE_WAIT: Duration = Duration::from_millis(250);
/// Timeout for sending the 503 to a refused connection.
const REFUSAL_WAIT: Duration = Duration::from_secs(1);

/// Shared by all connections.
pub(super) struct Service<E> {
    pub endpoint: E,
    pub local: SocketAddr,
    /// `None`: plain HTTP.
    pub tls: Option<Tls>,
}

impl<E> Service<E> {
    pub(super) fn is_secured(&self) -> bool {
        self.tls.is_some()
    }
}

/// Serves one connection until it closes, is evicted, or the service stops and its requests in flight are answered.
pub(super) async fn serve<E: Endpoint<Output = Response> + 'static>(
    stream: TcpStream,
    remote: SocketAddr,
    service: Arc<Service<E>>,
    slot: Slot,
    stopped: watch::Receiver<bool>,
) {
    let _open = OpenConnection::begin();
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let state = Arc::clone(&slot.state);
    let peer = Peer::new(Arc::clone(&stream), Arc::clone(&state));
    // The listener's address may be unspecified (0.0.0.0).
    let local = stream.local_addr().unwrap_or(service.local);
    let exchange = Exchange { stream, local, remote, service, state, stopped };
    let ended = match &exchange.service.tls {
        None => exchange.http1(peer, Scheme::HTTP).await,
        Some(tls) => {
            let handshake = time::timeout(HANDSHAKE_WAIT, tls.acceptor().accept(peer));
            let secured = tokio::select! {
                secured = handshake => secured,
                () = exchange.state.evicted() => return,
            };
            match secured {
                Ok(Ok(secured)) if secured.get_ref().1.alpn_protocol() == Some(b"h2") => exchange.http2(secured).await,
                Ok(Ok(secured)) => exchange.http1(secured, Scheme::HTTPS).await,
                Ok(Err(error)) => return tracing::debug!(%error, "TLS handshake failed"),
                Err(_) => return tracing::debug!("TLS handshake timed out"),
            }
        }
    };
    if let Err(error) = ended {
        // Caused by the client: a disconnect, a timeout or invalid HTTP.
        tracing::debug!(%error, "connection closed with an error");
    }
}

/// Refuses a connection with an HTTP/1 503.
pub(super) async fn refuse(stream: TcpStream) {
    const RESPONSE: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let mut peer = Peer::new(Arc::new(stream), Arc::default());
    let sending = async {
        peer.write_all(RESPONSE).await?;
        peer.shutdown().await
    };
    let _ = time::timeout(REFUSAL_WAIT, sending).await;
}

struct Exchange<E> {
    stream: Arc<TcpStream>,
    local: SocketAddr,
    remote: SocketAddr,
    service: Arc<Service<E>>,
    state: Arc<ConnectionState>,
    stopped: watch::Receiver<bool>,
}

impl<E: Endpoint<Output = Response> + 'static> Exchange<E> {
    async fn http1(&self, io: impl AsyncRead + AsyncWrite + Unpin, scheme: Scheme) -> hyper::Result<()> {
        self.state.reads_heads.store(true, Ordering::SeqCst);
        let answer = service_fn(|request| Box::pin(self.answer(request, scheme.clone())));
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(IDLE_WAIT)
                .max_header_size(HEADER_BYTES)
                .serve_connection(TokioIo::new(io), answer)
        );
        let reason = tokio::select! {
            // In this order, so that a request already received is read before the shutdown.
            biased;
            ended = connection.as_mut() => return ended,
            reason = self.close_requested() => reason,
        };
        if self.may_close_at_once(reason) {
            return Ok(());
        }
        connection.as_mut().graceful_shutdown();
        finish(reason, connection).await
    }

    async fn http2(&self, io: impl AsyncRead + AsyncWrite + Unpin) -> hyper::Result<()> {
        // Each stream is a task.
        let exchange = Arc::new(self.clone());
        let answer = service_fn(move |request| {
            let exchange = Arc::clone(&exchange);
            async move { exchange.answer(request, Scheme::HTTPS).await }
        });
        let mut connection = pin!(
            http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(HTTP2_STREAMS)
                .max_header_list_size(HTTP2_HEADER_BYTES)
                .initial_connection_window_size(HTTP2_WINDOW)
                .initial_stream_window_size(HTTP2_STREAM_WINDOW)
                .max_send_buf_size(HTTP2_SEND_BUFFER)
                .keep_alive_interval(HTTP2_PING)
                .keep_alive_timeout(HTTP2_PING)
                .serve_connection(TokioIo::new(io), answer)
        );
        let reason = tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            reason = self.close_requested() => reason,
            () = self.idle() => CloseReason::Idle,
        };
        if self.may_close_at_once(reason) {
            return Ok(());
        }
        connection.as_mut().graceful_shutdown();
        finish(reason, connection).await
    }

    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        scheme: Scheme,
    ) -> io::Result<hyper::Response<impl Body<Data = Bytes, Error = io::Error> + Send + use<E>>> {
        let gone = || io::Error::from(io::ErrorKind::ConnectionAborted);
        let _in_flight = self.state.begin().ok_or_else(gone)?;
        let is_http1 = request.version() <= Version::HTTP_11;
        let has_body = !request.body().is_end_stream();
        let (local, remote) = (LocalAddr(self.local.into()), RemoteAddr(self.remote.into()));
        let mut request = Request::from((request, local, remote, scheme));
        let has_arrived = Arc::new(AtomicBool::new(!has_body));
        if has_body {
            let body = request.take_body().into_bytes_stream();
            let (receiving, has_arrived) = (self.state.receive(), Arc::clone(&has_arrived));
            request.set_body(poem::Body::from_bytes_stream(tracked(body, receiving, has_arrived)));
        }
        tokio::select! {
            mut response = self.service.endpoint.get_response(request) => {
                // hyper closes the connection after an unread body, without this header.
                if is_http1 && !has_arrived.load(Ordering::SeqCst) {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok(hyper::Response::from(response))
            }
            () = peer::disconnected(&self.stream) => Err(gone()),
        }
    }

    /// Whether an eviction can close the connection at once: no response is being sent.
    fn may_close_at_once(&self, reason: CloseReason) -> bool {
        reason == CloseReason::Evicted && (self.state.begun() == 0 || !self.state.is_idle())
    }

    async fn close_requested(&self) -> CloseReason {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => {}
            () = self.state.evicted() => return CloseReason::Evicted,
        }
        // A load balancer that has just connected may have sent a request, and could not know whether it was processed.
        let _ = time::timeout(FIRST_REQUEST_WAIT, self.state.first_request()).await;
        CloseReason::Stop
    }

    /// Waits until the connection was idle for [`IDLE_WAIT`]. hyper has no idle timeout for HTTP/2: a client that
    /// answers pings could stay connected forever.
    async fn idle(&self) {
        let (mut begun, mut idle) = (0, Duration::ZERO);
        while idle < IDLE_WAIT {
            time::sleep(HTTP2_IDLE_CHECK).await;
            let is_used = !self.state.is_idle() || self.state.begun() != begun;
            begun = self.state.begun();
            idle = if is_used { Duration::ZERO } else { idle + HTTP2_IDLE_CHECK };
        }
    }
}

/// The body; sets `has_arrived` and drops `receiving` at its end.
fn tracked(
    body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    receiving: Receiving,
    has_arrived: Arc<AtomicBool>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let end = stream::once(async move {
        has_arrived.store(true, Ordering::SeqCst);
        drop(receiving);
        Ok(Bytes::new())
    });
    body.chain(end)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CloseReason {
    /// The service stops, with a drain timeout of its own.
    Stop,
    Evicted,
    Idle,
}

/// Waits for requests in flight, with a timeout for each reason.
async fn finish<E>(reason: CloseReason, connection: Pin<&mut impl Future<Output = Result<(), E>>>) -> Result<(), E> {
    let wait = match reason {
        CloseReason::Stop => return connection.await,
        CloseReason::Evicted => EVICTED_CLOSE_WAIT,
        CloseReason::Idle => IDLE_CLOSE_WAIT,
    };
    time::timeout(wait, connection).await.unwrap_or(Ok(()))
}

impl<E> Clone for Exchange<E> {
    fn clone(&self) -> Self {
        Self {
            stream: Arc::clone(&self.stream),
            local: self.local,
            remote: self.remote,
            service: Arc::clone(&self.service),
            state: Arc::clone(&self.state),
            stopped: self.stopped.clone(),
        }
    }
}
