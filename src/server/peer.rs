//! Read and write deadlines of a connection, and its lingering close.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::FutureExt as _;
use rustix::net::{Shutdown, shutdown};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

use super::connections::ConnectionState;

/// Timeout of a request head, from its first byte.
const HEAD_WAIT: Duration = Duration::from_secs(5);
/// Timeout of a stalled write, and of a whole response from its first stall.
const WRITE_WAIT: Duration = Duration::from_secs(15);
const RESPONSE_WAIT: Duration = Duration::from_mins(1);
/// Lingering close: how long, and how many bytes, are read and discarded after the last response. Closing at once could
/// destroy that response in transit (RFC 9112, section 9.6).
const LINGER_WAIT: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;
/// Interval of checks for a disconnected client while a request is processed.
const DISCONNECT_CHECK: Duration = Duration::from_millis(50);

/// A stream with deadlines for request heads and writes, and a lingering shutdown.
pub(super) struct Peer {
    stream: Arc<TcpStream>,
    connection: Arc<ConnectionState>,
    /// Number of requests before this head, and its deadline.
    head: Option<(usize, Pin<Box<Sleep>>)>,
    timer: Pin<Box<Sleep>>,
    state: State,
    /// Time of the last write.
    sent: Option<Instant>,
    /// First stall of the current response, and the number of requests then.
    stalled: Option<(Instant, usize)>,
}

enum State {
    Flowing,
    /// The peer does not read; the timer runs.
    Stalled,
    /// Our side is closed; this many more bytes are read.
    Lingering(usize),
}

impl Peer {
    pub(super) fn new(stream: Arc<TcpStream>, connection: Arc<ConnectionState>) -> Self {
        Self {
            stream,
            connection,
            head: None,
            timer: Box::pin(sleep(Duration::ZERO)),
            state: State::Flowing,
            sent: None,
            stalled: None,
        }
    }

    fn poll_stream_read(&self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read(buffer.initialize_unfilled()) {
                Ok(length) => {
                    buffer.advance(length);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn poll_stream_write(
        &self,
        context: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            match write(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Applies the deadline of a request head. hyper applies the idle timeout before it.
    fn limit_head(
        &mut self,
        context: &mut Context<'_>,
        read: Poll<io::Result<()>>,
        length: usize,
    ) -> Poll<io::Result<()>> {
        if !self.connection.reads_heads.load(Ordering::SeqCst) || !self.connection.is_idle() {
            self.head = None;
            return read;
        }
        let begun = self.connection.begun();
        // A request may have begun and ended since the last read.
        self.head.take_if(|(before, _)| *before != begun);
        if self.head.is_none() && length > 0 {
            self.head = Some((begun, Box::pin(sleep(HEAD_WAIT))));
        }
        if let (Some((_, head)), Poll::Pending) = (&mut self.head, &read) {
            ready!(head.as_mut().poll(context));
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "request head timed out")));
        }
        read
    }

    /// Applies the deadlines of a response to a write. A flush of TCP is always ready.
    fn limit_write(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.sent = Some(Instant::now());
            if matches!(self.state, State::Stalled) {
                self.state = State::Flowing;
            }
            return written;
        }
        if matches!(self.state, State::Flowing) {
            let (now, begun) = (Instant::now(), self.connection.begun());
            // Each response has its own deadline.
            let since = self.stalled.filter(|(_, response)| *response == begun).map_or(now, |(since, _)| since);
            self.stalled = Some((since, begun));
            self.timer.as_mut().reset((now + WRITE_WAIT).min(since + RESPONSE_WAIT));
            self.state = State::Stalled;
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "response timed out")))
    }
}

/// Waits until the client has closed its side. hyper detects this too, but not after further input.
pub(super) async fn disconnected(stream: &TcpStream) {
    loop {
        sleep(DISCONNECT_CHECK).await;
        if let Some(Ok(ready)) = stream.ready(Interest::READABLE).now_or_never()
            && ready.is_read_closed()
        {
            return;
        }
    }
}

impl AsyncRead for Peer {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = this.poll_stream_read(context, buffer);
        let length = buffer.filled().len() - before;
        this.limit_head(context, read, length)
    }
}

impl AsyncWrite for Peer {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.poll_stream_write(context, |stream| stream.try_write(bytes));
        this.limit_write(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.poll_stream_write(context, |stream| stream.try_write_vectored(buffers));
        this.limit_write(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !matches!(this.state, State::Lingering(_)) {
            shutdown(&*this.stream, Shutdown::Write)?;
            // No response is in transit.
            if this.sent.is_none_or(|sent| sent.elapsed() >= LINGER_WAIT) {
                return Poll::Ready(Ok(()));
            }
            this.timer.as_mut().reset(Instant::now() + LINGER_WAIT);
            this.state = State::Lingering(LINGER_BYTES);
        }
        let mut dropped = [0; 8 * 1024];
        while let State::Lingering(left) = this.state
            && this.timer.as_mut().poll(context).is_pending()
        {
            let mut buffer = ReadBuf::new(&mut dropped);
            match ready!(this.poll_stream_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() && buffer.filled().len() <= left => {
                    this.state = State::Lingering(left - buffer.filled().len());
                }
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
