//! HTTP/1.1 by hand, so that a test knows when a request was sent and whether its answer came whole.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time,
};

use crate::support::{GOOD, server::form};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which way somebody signs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Json,
    Form,
}

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// In seconds.
    pub retry_after: Option<u64>,
    /// The server says that no more requests should come on this connection.
    pub is_last: bool,
    pub body: String,
}

impl Reply {
    /// An account was made.
    pub fn is_acknowledged(&self) -> bool {
        matches!(self.status, 201 | 303)
    }

    /// The address has an account already.
    pub fn is_taken(&self) -> bool {
        self.status == 400
            && (self.body.contains("Email already registered")
                || self.body.contains("There is already an account with this email address."))
    }
}

/// One connection.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub async fn send(&mut self, request: &str) -> io::Result<()> {
        self.0.write_all(request.as_bytes()).await
    }

    /// # Errors
    /// The connection ended, or was cut in the middle of the answer.
    pub async fn reply(&mut self) -> io::Result<Reply> {
        time::timeout(PATIENCE, self.read()).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    pub async fn exchange(&mut self, request: &str) -> io::Result<Reply> {
        self.send(request).await?;
        self.reply().await
    }

    /// Until the other side closes.
    pub async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.map(|_| rest)
    }

    async fn read(&mut self) -> io::Result<Reply> {
        let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let mut line = String::new();
        self.0.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
        let (mut length, mut retry_after, mut is_last) = (0, None, false);
        loop {
            line.clear();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(cut());
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().map_err(|_| cut())?,
                "retry-after" => retry_after = value.parse().ok(),
                "connection" => is_last = value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(Reply { status, retry_after, is_last, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

pub fn post_json(path: &str, body: &Value) -> String {
    post(path, "Content-Type: application/json\r\n", &body.to_string())
}

pub fn sign_up(door: Door, email: &str) -> String {
    match door {
        Door::Json => post_json("/register", &json!({"email": email, "password": GOOD})),
        Door::Form => post(
            "/register",
            "Content-Type: application/x-www-form-urlencoded\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\n",
            &form(&[("email", email), ("password", GOOD)]),
        ),
    }
}

pub fn log_in(email: &str) -> String {
    post_json("/login", &json!({"identifier": email, "password": GOOD}))
}

fn post(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}
