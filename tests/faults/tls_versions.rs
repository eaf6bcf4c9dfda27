//! Supported TLS versions: 1.2 and 1.3.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, SupportedProtocolVersion, crypto::ring,
    pki_types::ServerName, version,
};

use crate::support::{Backend::Sqlite, Server};

/// Alerts of RFC 8446, section 6: the version is recognised but not supported; no cipher suite is acceptable.
const PROTOCOL_VERSION: u8 = 70;
const HANDSHAKE_FAILURE: u8 = 40;

/// A `ClientHello` as of RFC 4346, with a version and cipher suites of that time.
fn hello(version: u16) -> Vec<u8> {
    let version = version.to_be_bytes();
    let mut body = version.to_vec();
    body.extend([7; 32]);
    // No session; three suites; no compression.
    body.extend([0, 0, 6, 0xc0, 0x13, 0xc0, 0x14, 0x00, 0x2f, 1, 0]);
    // Extensions: supported groups and signature algorithms.
    body.extend([0, 18, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 6, 0, 4, 4, 3, 4, 1]);
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).expect("short").to_be_bytes();
    let handshake = [&[1, 0][..], &length(&body), &body].concat();
    [&[22, 3, 1][..], &length(&handshake), &handshake].concat()
}

/// The fatal alert in response to a `ClientHello` of this version.
fn alert(server: &Server, version: u16) -> u8 {
    let mut stream = TcpStream::connect(server.address).expect("a connection");
    stream.write_all(&hello(version)).expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    match answer.as_slice() {
        [21, _, _, 0, 2, 2, description] => *description,
        _ => panic!("{version:x}: no fatal alert but {answer:?}"),
    }
}

#[test]
fn only_tls_1_2_and_1_3_are_supported() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    fs::write(path("certificate.pem"), certified.cert.pem()).expect("a file");
    fs::write(path("key.pem"), certified.signing_key.serialize_pem()).expect("a file");
    let server = Server::start_with(Sqlite, &[("TLS_CERT", &path("certificate.pem")), ("TLS_KEY", &path("key.pem"))]);

    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).expect("a root");
    let negotiated = |version: &'static SupportedProtocolVersion| {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .expect("a version")
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        let mut connection = ClientConnection::new(Arc::new(config), name).expect("a client");
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).expect("a handshake");
        }
        connection.protocol_version()
    };
    assert_eq!(negotiated(&version::TLS12), Some(ProtocolVersion::TLSv1_2));
    assert_eq!(negotiated(&version::TLS13), Some(ProtocolVersion::TLSv1_3));

    // With version 1.2 the same bytes are refused for their cipher suites, so older ones are refused for their version.
    assert_eq!(alert(&server, 0x0303), HANDSHAKE_FAILURE);
    for version in [0x0300, 0x0301, 0x0302] {
        assert_eq!(alert(&server, version), PROTOCOL_VERSION, "{version:x}");
    }
}
