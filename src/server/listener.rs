//! Where connections come from: the socket, and the loop that accepts.

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

/// Connections that the system may accept before we do; it takes its own limit where that is lower.
const BACKLOG: u32 = 4096;
/// Once the service stops: how long those in the backlog are still taken, and how soon it counts as empty.
const BACKLOG_WAIT: Duration = Duration::from_millis(500);
const BACKLOG_PAUSE: Duration = Duration::from_millis(20);
/// Pause after a failed accept: out of descriptors, trying again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Pause while connections that have to make room are still closing.
const ROOM_PAUSE: Duration = Duration::from_millis(2);
/// The log tells of what goes on and on so often.
const LOG_PAUSE: Duration = Duration::from_secs(1);
/// Connections that are told at one time that there is no room for them; others are closed without a word.
pub const REFUSALS: usize = 16;

/// As `TcpListener::bind`, but for the length of the backlog.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts, until the service stops.
pub struct Acceptor<E> {
    pub listener: TcpListener,
    pub service: Arc<Service<E>>,
    pub connections: Arc<Connections>,
    /// Everybody comes from these, so they have no limit of their own.
    pub proxies: TrustedProxies,
    pub tracker: TaskTracker,
    pub stopped: watch::Receiver<bool>,
}

impl<E: Endpoint<Output = Response> + 'static> Acceptor<E> {
    pub async fn run(self: Arc<Self>) {
        let mut stopped = self.stopped.clone();
        let refusals = Arc::new(Semaphore::new(REFUSALS));
        let mut log = Seldom::default();
        let mut last = None;
        loop {
            while last.is_none() && !*self.stopped.borrow() && !self.connections.has_settled(REFUSALS) {
                time::sleep(ROOM_PAUSE).await;
            }
            // Once the service stops: those whom the system has accepted for us already, and who may have sent a request.
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
                Ok((stream, remote)) => self.take(stream, remote, &refusals, &mut log),
                Err(error) => {
                    if log.is_due() {
                        tracing::warn!(%error, "a connection could not be accepted");
                    }
                    time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn take(&self, stream: TcpStream, remote: SocketAddr, refusals: &Arc<Semaphore>, log: &mut Seldom) {
        if let Some(place) = self.connections.admit(remote, self.proxies.contains(remote.ip())) {
            let (service, stopped) = (Arc::clone(&self.service), self.stopped.clone());
            self.tracker.spawn(connection::serve(stream, remote, service, place, stopped));
            return;
        }
        if log.is_due() {
            tracing::warn!(open = self.connections.open(), "a connection was refused: all there may be are at work");
        }
        if let Ok(turn) = Arc::clone(refusals).try_acquire_owned()
            && !self.service.is_secured()
        {
            self.tracker.spawn(async move {
                connection::refuse(stream).await;
                drop(turn);
            });
        }
    }
}

/// What is worth a line in the log, now and then.
#[derive(Default)]
struct Seldom(Option<Instant>);

impl Seldom {
    fn is_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self.0.is_none_or(|last| now.duration_since(last) >= LOG_PAUSE);
        if is_due {
            self.0 = Some(now);
        }
        is_due
    }
}
