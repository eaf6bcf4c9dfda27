//! Ports that servers come and go on.

use tokio::net::TcpSocket;

/// A port of 127.0.0.1 that nobody else is given as long as this is there: it is bound, and not listened on, so that a
/// server may (`SO_REUSEADDR`). Whoever connects is refused until one does.
pub struct Port(TcpSocket);

impl Port {
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
        Self(socket)
    }

    pub fn number(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }
}
