//! The listening socket and the accept loop.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{Endpoint, Response};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
    time::{self, Instant},
};
use tokio_util::task::TaskTracker;

use super::{
    connection::{self, Service},
    connections::Connections,
};
use crate::net::trusted_proxies::TrustedProxies;

/// Listen backlog; the system may have a lower limit.
const BACKLOG: u32 = 4096;
/// During a stop: how long the backlog is drained, and the wait after which it counts as empty.
const BACKLOG_WAIT: Duration = Duration::from_millis(500);
const BACKLOG_PAUSE: Duration = Duration::from_millis(20);
/// Pause after a failed accept: without file descriptors, an immediate retry would be a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Pause while evicted connections close.
const EVICTION_PAUSE: Duration = Duration::from_millis(2);
/// Minimum interval of repeated log lines.
const LOG_INTERVAL: Duration = Duration::from_secs(1);
/// Maximum number of concurrent 503 refusals; further connections are closed without a response.
pub(super) const REFUSALS: usize = 16;

/// `TcpListener::bind` with [`BACKLOG`].
pub(super) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts connections until the service stops.
pub(super) struct Acceptor<E> {
    pub listener: TcpListener,
    pub service: Arc<Service<E>>,
    pub connections: Arc<Connections>,
    /// Exempt from the limit per network: all clients connect through them.
    pub proxies: TrustedProxies,
    pub tracker: TaskTracker,
    pub stopped: watch::Receiver<bool>,
}

impl<E: Endpoint<Output = Response> + 'static> Acceptor<E> {
    pub(super) async fn run(self: Arc<Self>) {
        let mut stopped = self.stopped.clone();
        let refusals = Arc::new(Semaphore::new(REFUSALS));
        let mut log = LogLimit::default();
        let mut last = None;
        loop {
            while last.is_none() && !*self.stopped.borrow() && !self.connections.has_settled(REFUSALS) {
                time::sleep(EVICTION_PAUSE).await;
            }
            // During a stop: connections of the backlog may have sent a request.
            let accepted = if let Some(last) = last {
                let next = time::timeout(BACKLOG_PAUSE, self.listener.accept());
                match time::timeout_at(last, next).await {
                    Ok(Ok(accepted)) => accepted,
                    _ => return,
                }
            } else {
                tokio::select! {
                    accepted = self.listener.accept() => accepted,
                    _ = stopped.wait_for(|stop| *stop) => {
                        last = Some(Instant::now() + BACKLOG_WAIT);
                        continue;
                    }
                }
            };
            match accepted {
                Ok((stream, remote)) => self.admit(stream, remote, &refusals, &mut log),
                Err(error) => {
                    if log.is_due() {
                        tracing::warn!(%error, "failed to accept connection");
                    }
                    time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, remote: SocketAddr, refusals: &Arc<Semaphore>, log: &mut LogLimit) {
        if let Some(slot) = self.connections.admit(remote, self.proxies.contains(remote.ip())) {
            let (service, stopped) = (Arc::clone(&self.service), self.stopped.clone());
            self.tracker.spawn(connection::serve(stream, remote, service, slot, stopped));
            return;
        }
        if log.is_due() {
            tracing::warn!(open = self.connections.open(), "connection refused: connection limit reached");
        }
        if let Ok(permit) = Arc::clone(refusals).try_acquire_owned()
            && !self.service.is_secured()
        {
            self.tracker.spawn(async move {
                connection::refuse(stream).await;
                drop(permit);
            });
        }
    }
}

/// Limits repeated log lines to one per [`LOG_INTERVAL`].
#[derive(Default)]
struct LogLimit(Option<Instant>);

impl LogLimit {
    fn is_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self.0.is_none_or(|last| now.duration_since(last) >= LOG_INTERVAL);
        if is_due {
            self.0 = Some(now);
        }
        is_due
    }
}
