//! An HTTPS client that trusts only the certificate of the test.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;

use super::server::Answer;

/// The host of the certificate and of `PUBLIC_URL`. Requests name it and go to the address of the server under test.
pub const HOST: &str = "accounts.example.com";
pub const ORIGIN: &str = "https://accounts.example.com";

/// A certificate with its key, and the configuration of a client that trusts it.
pub struct Https {
    folder: TempDir,
    config: Arc<ClientConfig>,
}

impl Https {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let certified = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).expect("a certificate");
        std::fs::write(folder.path().join("certificate.pem"), certified.cert.pem()).expect("a file");
        std::fs::write(folder.path().join("key.pem"), certified.signing_key.serialize_pem()).expect("a file");
        let mut roots = RootCertStore::empty();
        roots.add(certified.cert.der().clone()).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { folder, config: Arc::new(config) }
    }

    /// The value of `TLS_CERT` or `TLS_KEY`.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Sends a request over a new connection from a loopback address. For the limits, each address is a network.
    pub async fn send(
        &self,
        (from, to): (Ipv4Addr, SocketAddr),
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((from, 0))).expect("a loopback address");
        let stream = socket.connect(to).await.expect("a connection");
        let name = ServerName::try_from(HOST).expect("a name");
        let stream = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await.expect("TLS");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let connection = tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header("host", HOST);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body))).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        connection.abort();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
