//! A TCP proxy in front of a PostgreSQL server that refuses, delays, drops and resets.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use url::Url;

use super::port::Port;

/// Poll interval of the mode.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How the proxy handles connections and data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    Pass,
    /// Does not listen, and resets every connection.
    Refuse,
    /// Delays all data until the mode is [`Mode::Pass`] again, also of new connections.
    Hold,
    /// Drops all data of existing and new connections. These connections never recover.
    Swallow,
    /// Forwards a COMMIT and cuts the connection before its response.
    CutAfterCommit,
}

/// The proxy, and the database URL that leads through it.
pub struct Line {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    mode: AtomicU8,
    /// The mode that the listener has applied.
    done: AtomicU8,
    is_over: AtomicBool,
    /// Connections accepted so far.
    connections: AtomicUsize,
    pairs: Mutex<Vec<Weak<Pair>>>,
}

/// The two ends of one connection.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    is_swallowed: AtomicBool,
    is_reset: AtomicBool,
}

impl Line {
    /// A proxy to the server of this URL.
    pub fn to(database_url: &str) -> Self {
        let mut url = Url::parse(database_url).expect("a URL");
        let server = (url.host_str().expect("a host"), url.port().expect("a port"));
        let server = server.to_socket_addrs().expect("addresses").next().expect("an address");
        let port = Port::reserve();
        url.set_port(Some(port.number)).expect("a port");
        let shared = Arc::new(Shared {
            mode: AtomicU8::new(Mode::Pass as u8),
            done: AtomicU8::new(Mode::Refuse as u8),
            is_over: AtomicBool::default(),
            connections: AtomicUsize::default(),
            pairs: Mutex::default(),
        });
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.listen(&port, server)
        });
        let line = Self { url: url.into(), shared };
        line.set(Mode::Pass);
        line
    }

    /// `host:port`, for a URL with several servers.
    pub fn address(&self) -> String {
        let url = Url::parse(&self.url).expect("a URL");
        format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))
    }

    pub fn set(&self, mode: Mode) {
        self.shared.mode.store(mode as u8, Ordering::SeqCst);
        if mode == Mode::Swallow {
            self.shared.each(|pair| pair.is_swallowed.store(true, Ordering::SeqCst));
        }
        // The next connection must find the mode applied.
        while self.shared.done.load(Ordering::SeqCst) != mode as u8 {
            thread::sleep(LOOK_EVERY / 2);
        }
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Resets every connection, as a server does after a crash.
    pub fn reset(&self) {
        self.shared.each(|pair| pair.is_reset.store(true, Ordering::SeqCst));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.reset();
    }
}

impl Shared {
    fn is(&self, mode: Mode) -> bool {
        self.mode.load(Ordering::SeqCst) == mode as u8
    }

    fn each(&self, what: impl Fn(&Pair)) {
        self.pairs.lock().expect("the list").retain(|pair| pair.upgrade().inspect(|pair| what(pair)).is_some());
    }

    fn listen(self: &Arc<Self>, port: &Port, server: SocketAddr) {
        let mut listener = None;
        while !self.is_over.load(Ordering::SeqCst) {
            let mode = self.mode.load(Ordering::SeqCst);
            if mode == Mode::Refuse as u8 {
                listener = None;
                self.each(|pair| pair.is_reset.store(true, Ordering::SeqCst));
                self.done.store(mode, Ordering::SeqCst);
                thread::sleep(LOOK_EVERY);
                continue;
            }
            let listener = listener.get_or_insert_with(|| {
                let listener = port.listen();
                listener.set_nonblocking(true).expect("a listener");
                listener
            });
            self.done.store(mode, Ordering::SeqCst);
            match listener.accept() {
                Ok((client, _)) => {
                    self.connections.fetch_add(1, Ordering::SeqCst);
                    self.connect(client, server);
                }
                Err(_) => thread::sleep(LOOK_EVERY / 2),
            }
        }
    }

    fn connect(self: &Arc<Self>, client: TcpStream, server: SocketAddr) {
        client.set_nonblocking(false).expect("a stream");
        // Without a server, the connection of the client is closed.
        let Ok(server) = TcpStream::connect(server) else { return };
        for stream in [&client, &server] {
            stream.set_nodelay(true).expect("a stream");
            stream.set_read_timeout(Some(LOOK_EVERY)).expect("a stream");
        }
        let is_swallowed = AtomicBool::new(self.is(Mode::Swallow));
        let pair = Arc::new(Pair { client, server, is_swallowed, is_reset: AtomicBool::default() });
        self.pairs.lock().expect("the list").push(Arc::downgrade(&pair));
        for is_request in [true, false] {
            let (shared, pair) = (Arc::clone(self), Arc::clone(&pair));
            thread::spawn(move || shared.carry(&pair, is_request));
        }
    }

    fn carry(&self, pair: &Pair, is_request: bool) {
        let (mut from, mut to) = if is_request { (&pair.client, &pair.server) } else { (&pair.server, &pair.client) };
        let mut buffer = [0; 16 * 1024];
        loop {
            if pair.is_reset.load(Ordering::SeqCst) {
                // The last of the two threads closes the stream, which sends the reset.
                let _ = rustix::net::sockopt::set_socket_linger(&pair.client, Some(Duration::ZERO));
                return;
            }
            let read = match from.read(&mut buffer) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                Ok(read @ 1..) => read,
                // A dropped connection does not forward its end either.
                _ if pair.is_swallowed.load(Ordering::SeqCst) && !self.is_over.load(Ordering::SeqCst) => {
                    thread::sleep(LOOK_EVERY);
                    continue;
                }
                _ => break,
            };
            if pair.is_reset.load(Ordering::SeqCst) {
                continue;
            }
            let bytes = &buffer[..read];
            while self.is(Mode::Hold) && !pair.is_reset.load(Ordering::SeqCst) {
                thread::sleep(LOOK_EVERY);
            }
            if pair.is_swallowed.load(Ordering::SeqCst) {
                continue;
            }
            if self.is(Mode::CutAfterCommit) && is_request && bytes.windows(6).any(|window| window == b"COMMIT") {
                let _ = from.shutdown(Shutdown::Both);
                // The server reads the COMMIT before the end of the stream; its response is lost.
                let _ = to.write_all(bytes);
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }
}
