//! A server that echoes request heads, to show what a reverse proxy forwards.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Listens until the test ends. Responds 200 with the request head, and to forward auth requests 204 with an account
/// id.
pub struct Echo {
    pub address: SocketAddr,
}

impl Echo {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || answer(stream));
            }
        });
        Self { address }
    }
}

fn answer(mut stream: TcpStream) {
    let reader = BufReader::new(stream.try_clone().expect("a stream"));
    let head: Vec<String> = reader.lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let head = head.join("\n");
    let answer = if head.split(' ').nth(1).is_some_and(|target| target.starts_with("/api/v1/session")) {
        "HTTP/1.1 204 No Content\r\nX-User-Id: 7\r\nConnection: close\r\n\r\n".to_owned()
    } else {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{head}", head.len())
    };
    let _ = stream.write_all(answer.as_bytes());
}
