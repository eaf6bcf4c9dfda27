//! One connection, from its first byte to its last: TLS, HTTP/1 or HTTP/2, and the deadlines of each.

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
    connections::{Line, Place, Receiving},
    metrics::OpenConnection,
    peer::{self, Peer},
};
use crate::net::tls::Tls;

/// Longest time for a TLS handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(5);
/// How long a connection may stay silent, before its first request and between two.
const IDLE_WAIT: Duration = Duration::from_secs(20);
/// Largest head of a request, in bytes; of HTTP/2, of its fields decoded. hyper takes 100 fields at most.
const HEADER_BYTES: usize = 32 * 1024;
const HTTP2_HEADER_BYTES: u32 = 32 * 1024;
/// Requests that one HTTP/2 connection may have in flight; a browser asks for a page and its three files.
const HTTP2_STREAMS: u32 = 32;
/// What HTTP/2 may send of all bodies before somebody reads them, in bytes: enough for the longest body in every stream.
const HTTP2_WINDOW: u32 = 512 * 1024;
const HTTP2_STREAM_WINDOW: u32 = 32 * 1024;
/// What is kept of an answer that an HTTP/2 client does not take, in bytes.
const HTTP2_SEND_BUFFER: usize = 64 * 1024;
/// How often a client of HTTP/2 is asked whether it is there, and how long it may take to say so.
const HTTP2_PING: Duration = Duration::from_secs(10);
/// How often it is looked whether an HTTP/2 connection is still used.
const HTTP2_LOOK: Duration = Duration::from_secs(5);
/// Once the service stops: how long a connection that has brought no request yet may still bring its first.
const FIRST_REQUEST_WAIT: Duration = Duration::from_millis(500);
/// How long a connection that has to end may take for what it has begun. Others wait for one that makes room.
const UNUSED_WAIT: Duration = Duration::from_secs(10);
const EVICTED_WAIT: Duration = Duration::from_millis(250);
/// How long it may take to tell a client that there is no room.
const REFUSAL_WAIT: Duration = Duration::from_secs(1);

/// What serves every connection.
pub struct Service<E> {
    pub endpoint: E,
    pub local: SocketAddr,
    /// `None`: plain HTTP.
    pub tls: Option<Tls>,
}

impl<E> Service<E> {
    pub fn is_secured(&self) -> bool {
        self.tls.is_some()
    }
}

/// Serves one connection until it closes, has to make room, or until the service stops and its requests in flight are
/// answered.
pub async fn serve<E: Endpoint<Output = Response> + 'static>(
    stream: TcpStream,
    remote: SocketAddr,
    service: Arc<Service<E>>,
    place: Place,
    stopped: watch::Receiver<bool>,
) {
    let _open = OpenConnection::begin();
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let line = Arc::clone(&place.line);
    let peer = Peer::new(Arc::clone(&stream), Arc::clone(&line));
    // The listener's own may be that of every interface.
    let local = stream.local_addr().unwrap_or(service.local);
    let exchange = Exchange { stream, local, remote, service, line, stopped };
    let ended = match &exchange.service.tls {
        None => exchange.http1(peer, Scheme::HTTP).await,
        Some(tls) => {
            let handshake = time::timeout(HANDSHAKE_WAIT, tls.acceptor().accept(peer));
            let secured = tokio::select! {
                secured = handshake => secured,
                () = exchange.line.evicted() => return,
            };
            match secured {
                Ok(Ok(secured)) if secured.get_ref().1.alpn_protocol() == Some(b"h2") => exchange.http2(secured).await,
                Ok(Ok(secured)) => exchange.http1(secured, Scheme::HTTPS).await,
                Ok(Err(error)) => return tracing::debug!(%error, "no TLS handshake"),
                Err(_) => return tracing::debug!("the TLS handshake took too long"),
            }
        }
    };
    if let Err(error) = ended {
        // The client's doing: it left, was too slow, or does not speak HTTP.
        tracing::debug!(%error, "connection ended");
    }
}

/// Tells a client that there is no room, in HTTP/1.
pub async fn refuse(stream: TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let mut peer = Peer::new(Arc::new(stream), Arc::default());
    let telling = async {
        peer.write_all(ANSWER).await?;
        peer.shutdown().await
    };
    let _ = time::timeout(REFUSAL_WAIT, telling).await;
}

struct Exchange<E> {
    stream: Arc<TcpStream>,
    local: SocketAddr,
    remote: SocketAddr,
    service: Arc<Service<E>>,
    line: Arc<Line>,
    stopped: watch::Receiver<bool>,
}

impl<E: Endpoint<Output = Response> + 'static> Exchange<E> {
    async fn http1(&self, io: impl AsyncRead + AsyncWrite + Unpin, scheme: Scheme) -> hyper::Result<()> {
        self.line.reads_heads.store(true, Ordering::SeqCst);
        let answer = service_fn(|request| Box::pin(self.answer(request, scheme.clone())));
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(IDLE_WAIT)
                .max_header_size(HEADER_BYTES)
                .serve_connection(TokioIo::new(io), answer)
        );
        let reason = tokio::select! {
            // In this order: a request that is there already is read before the connection is told to end.
            biased;
            ended = connection.as_mut() => return ended,
            reason = self.has_to_end() => reason,
        };
        if self.may_be_cut(reason) {
            return Ok(());
        }
        connection.as_mut().graceful_shutdown();
        finish(reason, connection).await
    }

    async fn http2(&self, io: impl AsyncRead + AsyncWrite + Unpin) -> hyper::Result<()> {
        // Streams are tasks of their own.
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
            reason = self.has_to_end() => reason,
            () = self.unused() => Reason::Unused,
        };
        if self.may_be_cut(reason) {
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
        let _in_flight = self.line.begin().ok_or_else(gone)?;
        let is_http1 = request.version() <= Version::HTTP_11;
        let brings_body = !request.body().is_end_stream();
        let (local, remote) = (LocalAddr(self.local.into()), RemoteAddr(self.remote.into()));
        let mut request = Request::from((request, local, remote, scheme));
        let has_arrived = Arc::new(AtomicBool::new(!brings_body));
        if brings_body {
            let body = request.take_body().into_bytes_stream();
            let (line, has_arrived) = (self.line.receive(), Arc::clone(&has_arrived));
            request.set_body(poem::Body::from_bytes_stream(arriving(body, line, has_arrived)));
        }
        tokio::select! {
            mut response = self.service.endpoint.get_response(request) => {
                // hyper hangs up on a body that nobody has read to its end, and does not say so.
                if is_http1 && !has_arrived.load(Ordering::SeqCst) {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok(hyper::Response::from(response))
            }
            () = peer::leaves(&self.stream) => Err(gone()),
        }
    }

    /// Nothing is lost by closing at once: no answer is on its way, at most a request.
    fn may_be_cut(&self, reason: Reason) -> bool {
        reason == Reason::Evicted && (self.line.begun() == 0 || !self.line.is_quiet())
    }

    async fn has_to_end(&self) -> Reason {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => {}
            () = self.line.evicted() => return Reason::Evicted,
        }
        // A load balancer that has just connected has its request on the way, and could not tell what became of it.
        let _ = time::timeout(FIRST_REQUEST_WAIT, self.line.first_request()).await;
        Reason::Stop
    }

    /// Ends when nobody has used the connection for [`IDLE_WAIT`]. HTTP/2 has no such deadline of its own: what answers its
    /// pings may stay for ever.
    async fn unused(&self) {
        let (mut begun, mut unused) = (0, Duration::ZERO);
        while unused < IDLE_WAIT {
            time::sleep(HTTP2_LOOK).await;
            let is_used = !self.line.is_quiet() || self.line.begun() != begun;
            begun = self.line.begun();
            unused = if is_used { Duration::ZERO } else { unused + HTTP2_LOOK };
        }
    }
}

/// The body, and a note when all of it has come.
fn arriving(
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

/// Why a connection has to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// The service stops, and says itself how long requests may take.
    Stop,
    Evicted,
    Unused,
}

/// Waits for what is begun: not long where nothing is, or the client does not take its answer.
async fn finish<E>(reason: Reason, connection: Pin<&mut impl Future<Output = Result<(), E>>>) -> Result<(), E> {
    let wait = match reason {
        Reason::Stop => return connection.await,
        Reason::Evicted => EVICTED_WAIT,
        Reason::Unused => UNUSED_WAIT,
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
            line: Arc::clone(&self.line),
            stopped: self.stopped.clone(),
        }
    }
}
