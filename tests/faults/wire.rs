//! A minimal HTTP/1.1 client: a test knows when a request was sent and whether its response is complete.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time,
};

use crate::support::{GOOD, server::form};

/// Longest wait for a response.
const PATIENCE: Duration = Duration::from_secs(30);

/// The body of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    Json,
    Form,
}

/// A complete response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// In seconds.
    pub retry_after: Option<u64>,
    /// Whether the response has `Connection: close`.
    pub is_last: bool,
    pub body: String,
}

impl Reply {
    /// Whether the account was created.
    pub fn is_acknowledged(&self) -> bool {
        matches!(self.status, 201 | 303)
    }

    /// Whether the address already has an account.
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
    /// The connection ended before or in the middle of the response.
    pub async fn reply(&mut self) -> io::Result<Reply> {
        time::timeout(PATIENCE, self.read()).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    pub async fn exchange(&mut self, request: &str) -> io::Result<Reply> {
        self.send(request).await?;
        self.reply().await
    }

    /// Reads until the server closes the connection.
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

pub fn sign_up(format: BodyFormat, email: &str) -> String {
    match format {
        BodyFormat::Json => post_json("/register", &json!({"email": email, "password": GOOD})),
        BodyFormat::Form => post(
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
