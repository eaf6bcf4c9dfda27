//! The client's end of a connection: it may be slow to send, slow to read, and it may still be sending when it was answered.

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

use super::connections::Line;

/// Longest time from the first byte of a request's head to its last.
const HEAD_WAIT: Duration = Duration::from_secs(5);
/// Longest time in which nothing of an answer may be taken; and longest time for all of it, once it had to wait.
const WRITE_WAIT: Duration = Duration::from_secs(15);
const ANSWER_WAIT: Duration = Duration::from_mins(1);
/// After an answer that closes the connection: how long, and how much of what the client still sends, is read and
/// dropped. Closing at once would destroy the answer on its way (RFC 9112, section 9.6).
const LINGER_WAIT: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;
/// How often it is looked whether the client is still there while it waits for an answer.
const PRESENCE_CHECK: Duration = Duration::from_millis(50);

/// A stream whose heads arrive in time or not at all, whose writes make progress or fail, and whose shutdown lingers.
pub struct Peer {
    stream: Arc<TcpStream>,
    line: Arc<Line>,
    /// Runs from the first byte of a head until its request, the one after so many, has begun.
    head: Option<(usize, Pin<Box<Sleep>>)>,
    timer: Pin<Box<Sleep>>,
    state: State,
    /// When something was last sent.
    sent: Option<Instant>,
    /// When the answer that is written had to wait for the first time, and how many requests there were then.
    stalled: Option<(Instant, usize)>,
}

enum State {
    Flowing,
    /// The peer takes nothing; the timer runs.
    Stalled,
    /// Our side is closed; this many bytes more are read.
    Lingering(usize),
}

impl Peer {
    pub fn new(stream: Arc<TcpStream>, line: Arc<Line>) -> Self {
        Self {
            stream,
            line,
            head: None,
            timer: Box::pin(sleep(Duration::ZERO)),
            state: State::Flowing,
            sent: None,
            stalled: None,
        }
    }

    fn poll_take(&self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
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

    fn poll_give(
        &self,
        context: &mut Context<'_>,
        give: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            match give(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                given => return Poll::Ready(given),
            }
        }
    }

    /// An end to the patience with a head that does not arrive. How long a connection may stay silent before it is not
    /// asked here.
    fn watch_head(
        &mut self,
        context: &mut Context<'_>,
        read: Poll<io::Result<()>>,
        length: usize,
    ) -> Poll<io::Result<()>> {
        if !self.line.reads_heads.load(Ordering::SeqCst) || !self.line.is_quiet() {
            self.head = None;
            return read;
        }
        let begun = self.line.begun();
        // A quick answer may have come and gone without a read in between.
        self.head.take_if(|(before, _)| *before != begun);
        if self.head.is_none() && length > 0 {
            self.head = Some((begun, Box::pin(sleep(HEAD_WAIT))));
        }
        if let (Some((_, head)), Poll::Pending) = (&mut self.head, &read) {
            ready!(head.as_mut().poll(context));
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head of the request takes too long")));
        }
        read
    }

    /// Passes progress on; an end to the patience with a peer that makes none. Only writes tell: a flush of TCP is
    /// always ready.
    fn watch(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.sent = Some(Instant::now());
            if matches!(self.state, State::Stalled) {
                self.state = State::Flowing;
            }
            return written;
        }
        if matches!(self.state, State::Flowing) {
            let (now, begun) = (Instant::now(), self.line.begun());
            // Another answer has another time.
            let since = self.stalled.filter(|(_, answer)| *answer == begun).map_or(now, |(since, _)| since);
            self.stalled = Some((since, begun));
            self.timer.as_mut().reset((now + WRITE_WAIT).min(since + ANSWER_WAIT));
            self.state = State::Stalled;
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
    }
}

/// Ends when the client has closed its side. hyper sees that too while it waits for an answer, but only of a client
/// that sent nothing after its request.
pub async fn leaves(stream: &TcpStream) {
    loop {
        sleep(PRESENCE_CHECK).await;
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
        let read = this.poll_take(context, buffer);
        let length = buffer.filled().len() - before;
        this.watch_head(context, read, length)
    }
}

impl AsyncWrite for Peer {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.poll_give(context, |stream| stream.try_write(bytes));
        this.watch(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this.poll_give(context, |stream| stream.try_write_vectored(buffers));
        this.watch(context, written)
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
            // Nothing is on its way that closing could destroy.
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
            match ready!(this.poll_take(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() && buffer.filled().len() <= left => {
                    this.state = State::Lingering(left - buffer.filled().len());
                }
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
