//! A client that asks for its export and reads when it is told to: what lies between it and the service holds little.

use std::io;

use serde_json::Value;
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use super::{Backend, Server, TestDatabase};

/// Bytes that the system keeps for the client, and of a packet. Buffers of the other side grow with the packets: with these the
/// system keeps some hundred kilobytes of an answer that nobody reads, and megabytes without.
const BUFFER: u32 = 4096;
const PACKET: u32 = 536;

pub struct Reader {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Reader {
    /// Asks as HTTP/1.0 does: the answer comes as it is, until its end.
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

    /// Its status, once that has come, and no more of it than came along.
    pub async fn status(&mut self) -> u16 {
        while self.answer.len() < 12 {
            let mut piece = [0; 64];
            let read = self.stream.read(&mut piece).await.expect("an answer");
            assert!(read > 0, "{:?}", String::from_utf8_lossy(&self.answer));
            self.answer.extend_from_slice(&piece[..read]);
        }
        String::from_utf8_lossy(&self.answer[9..12]).parse().expect("a status")
    }

    /// All of the answer.
    pub async fn read(mut self) -> io::Result<String> {
        self.stream.read_to_end(&mut self.answer).await?;
        Ok(String::from_utf8(self.answer).expect("UTF-8"))
    }

    /// The document.
    pub async fn document(self) -> Value {
        let answer = self.read().await.expect("all of it");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
        serde_json::from_str(body)
            .unwrap_or_else(|error| panic!("{error}: {}", &body[body.len().saturating_sub(200)..]))
    }
}

impl TestDatabase {
    /// So many lines in the audit log of an account, of a kind that the service does not know: three in a moment, `peer` is their
    /// number, the newest 1. Each is a kilobyte.
    pub fn give_history(&self, email: &str, lines: usize) {
        let (at, long) = match self.backend {
            Backend::Sqlite => {
                ("strftime('%Y-%m-%d %H:%M:%S', 'now', (-60 - n / 3) || ' seconds')", "hex(zeroblob(500))")
            }
            Backend::Postgres => {
                ("(now() AT TIME ZONE 'utc') - (60 + n / 3) * interval '1 second'", "repeat('0', 1000)")
            }
        };
        // The last that is inserted of a moment is the newest.
        self.execute(&format!(
            "UPDATE users SET created_at = '2020-01-01 00:00:00', owner_since = NULL WHERE email = '{email}'; \
             INSERT INTO audit_log (user_id, event, succeeded, peer, user_agent, at) \
             WITH RECURSIVE n (n) AS (SELECT {lines} UNION ALL SELECT n - 1 FROM n WHERE n > 1) \
             SELECT (SELECT id FROM users WHERE email = '{email}'), 'imported', TRUE, CAST(n AS TEXT), {long}, {at} FROM n"
        ));
    }
}
