//! A reserved port: no other socket gets it, with or without a listener.

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener},
    os::fd::OwnedFd,
};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, listen, socket_with, sockopt};

pub struct Port {
    pub number: u16,
    /// Bound and never listening, so that the system does not assign the port again.
    _reservation: OwnedFd,
}

impl Port {
    pub fn reserve() -> Self {
        let reservation = bound(0);
        let address = SocketAddr::try_from(getsockname(&reservation).expect("an address")).expect("an IP address");
        Self { number: address.port(), _reservation: reservation }
    }

    /// Connections are refused before, and again once the listener is dropped.
    pub fn listen(&self) -> TcpListener {
        let socket = bound(self.number);
        listen(&socket, 128).expect("a listener");
        socket.into()
    }
}

fn bound(port: u16) -> OwnedFd {
    // Programs that a test starts do not inherit it.
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).expect("a socket");
    sockopt::set_socket_reuseaddr(&socket, true).expect("an option");
    sockopt::set_socket_reuseport(&socket, true).expect("an option");
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).expect("a port");
    socket
}
