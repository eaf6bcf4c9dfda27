//! The client's end of a connection: it may be slow to read, and it may still be sending when it was answered.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// Longest time in which nothing of an answer may be taken.
const WRITE_WAIT: Duration = Duration::from_secs(15);
/// After an answer that closes the connection: how long, and how much of what the client still sends, is read and
/// dropped. Closing at once would destroy the answer on its way (RFC 9112, section 9.6).
const LINGER_WAIT: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// A stream whose writes make progress or fail, and whose shutdown lingers.
pub struct Peer {
    stream: TcpStream,
    timer: Pin<Box<Sleep>>,
    state: State,
}

enum State {
    Flowing,
    /// The peer takes nothing; the timer runs.
    Stalled,
    /// Our side is closed; this many bytes more are read.
    Lingering(usize),
}

impl Peer {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, timer: Box::pin(sleep(Duration::ZERO)), state: State::Flowing }
    }

    /// Passes progress on; an end to the patience with a peer that makes none. Only writes tell: a flush of TCP is
    /// always ready.
    fn watch(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            if matches!(self.state, State::Stalled) {
                self.state = State::Flowing;
            }
            return written;
        }
        if matches!(self.state, State::Flowing) {
            self.timer.as_mut().reset(Instant::now() + WRITE_WAIT);
            self.state = State::Stalled;
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
    }
}

impl AsyncRead for Peer {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Peer {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.watch(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, buffers);
        this.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !matches!(this.state, State::Lingering(_)) {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.timer.as_mut().reset(Instant::now() + LINGER_WAIT);
            this.state = State::Lingering(LINGER_BYTES);
        }
        let mut dropped = [0; 8 * 1024];
        while let State::Lingering(left) = this.state
            && this.timer.as_mut().poll(context).is_pending()
        {
            let mut buffer = ReadBuf::new(&mut dropped);
            match ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() && buffer.filled().len() <= left => {
                    this.state = State::Lingering(left - buffer.filled().len());
                }
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
