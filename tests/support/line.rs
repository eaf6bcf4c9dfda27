//! A line to a PostgreSQL server that refuses, falls silent, cuts and comes back.

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

/// How soon a line notices what it is told.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What the line does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    Pass,
    /// Nobody listens, and every connection is cut.
    Refuse,
    /// Keeps everything to itself until it passes again, new connections too.
    Hold,
    /// Takes everything and passes nothing on: never again, what is connected now; and nothing that connects meanwhile.
    Swallow,
    /// Passes a COMMIT on and cuts before its answer.
    CutAfterCommit,
}

/// The line, and the URL that leads over it.
pub struct Line {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    mode: AtomicU8,
    /// The mode that the listener has gone over to.
    done: AtomicU8,
    is_over: AtomicBool,
    /// How many have connected so far.
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
    /// To the server that this URL names.
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

    /// `host:port`, as a URL with several servers has it.
    pub fn address(&self) -> String {
        let url = Url::parse(&self.url).expect("a URL");
        format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))
    }

    pub fn set(&self, mode: Mode) {
        self.shared.mode.store(mode as u8, Ordering::SeqCst);
        if mode == Mode::Swallow {
            self.shared.each(|pair| pair.is_swallowed.store(true, Ordering::SeqCst));
        }
        // So that whoever comes next finds it done.
        while self.shared.done.load(Ordering::SeqCst) != mode as u8 {
            thread::sleep(LOOK_EVERY / 2);
        }
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Resets every connection there is, as a server does that has lost its memory.
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
        // Where nobody listens the client finds its connection closed.
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
                // The last of the two threads to leave closes the stream, and that sends the reset.
                let _ = rustix::net::sockopt::set_socket_linger(&pair.client, Some(Duration::ZERO));
                return;
            }
            let read = match from.read(&mut buffer) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                Ok(read @ 1..) => read,
                // A line that swallows says nothing of an end either.
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
                // The server reads the COMMIT, and only then that no more will come; its answer finds nobody.
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
