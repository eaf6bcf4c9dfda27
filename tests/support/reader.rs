//! A client that requests an export and reads it on demand, with small buffers between it and the service.

use std::io;

use serde_json::Value;
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use super::{Backend, Server, TestDatabase};

/// Receive buffer and segment size, in bytes. The server's buffers grow with the segments: the system buffers some
/// hundred kilobytes of an unread response with these values, and megabytes without.
const BUFFER: u32 = 4096;
const PACKET: u32 = 536;

pub struct Reader {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Reader {
    /// Sends an HTTP/1.0 request, so that the response is not chunked and ends with the connection.
    pub async fn ask(server: &Server, token: &str) -> Self {
        let request =
            format!("GET /account/export HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(BUFFER).expect("a small buffer");
        SockRef::from(&socket).set_tcp_mss(PACKET).expect("small packets");
        let mut stream = socket.connect(server.address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        Self { stream, answer: Vec::new() }
    }

    /// Waits for the status; reads no more than needed.
    pub async fn status(&mut self) -> u16 {
        while self.answer.len() < 12 {
            let mut piece = [0; 64];
            let read = self.stream.read(&mut piece).await.expect("an answer");
            assert!(read > 0, "{:?}", String::from_utf8_lossy(&self.answer));
            self.answer.extend_from_slice(&piece[..read]);
        }
        String::from_utf8_lossy(&self.answer[9..12]).parse().expect("a status")
    }

    /// Reads the whole response.
    pub async fn read(mut self) -> io::Result<String> {
        self.stream.read_to_end(&mut self.answer).await?;
        Ok(String::from_utf8(self.answer).expect("UTF-8"))
    }

    /// Reads the exported document.
    pub async fn document(self) -> Value {
        let answer = self.read().await.expect("all of it");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
        serde_json::from_str(body)
            .unwrap_or_else(|error| panic!("{error}: {}", &body[body.len().saturating_sub(200)..]))
    }
}

impl TestDatabase {
    /// Inserts audit log rows of an account, of an unknown kind and a kilobyte each. Three have the same time; `peer`
    /// is the number of the row, 1 for the newest.
    pub fn give_history(&self, email: &str, lines: usize) {
        let (at, long) = match self.backend {
            Backend::Sqlite => {
                ("strftime('%Y-%m-%d %H:%M:%S', 'now', (-60 - n / 3) || ' seconds')", "hex(zeroblob(500))")
            }
            Backend::Postgres => {
                ("(now() AT TIME ZONE 'utc') - (60 + n / 3) * interval '1 second'", "repeat('0', 1000)")
            }
        };
        // Of rows with the same time, the last inserted is the newest.
        self.execute(&format!(
            "UPDATE users SET created_at = '2020-01-01 00:00:00', owner_since = NULL WHERE email = '{email}'; \
             INSERT INTO audit_log (user_id, event, succeeded, peer, user_agent, at) \
             WITH RECURSIVE n (n) AS (SELECT {lines} UNION ALL SELECT n - 1 FROM n WHERE n > 1) \
             SELECT (SELECT id FROM users WHERE email = '{email}'), 'imported', TRUE, CAST(n AS TEXT), {long}, {at} FROM n"
        ));
    }
}
