//! TLS 1.2 and 1.3 by rustls, with HTTP/2 by ALPN.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;

/// ALPN protocols, preferred first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Paths of certificate and key, PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// `TLS_CERT`: the certificate, then its intermediates.
    pub certificate: PathBuf,
    /// `TLS_KEY`: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// The certificate of new connections. Clones share it.
#[derive(Clone)]
pub struct Tls {
    files: TlsFiles,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.files).finish()
    }
}

struct Current(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// One line with the setting and the remedy.
    pub fn load(files: TlsFiles) -> Result<Self, String> {
        let current = Arc::new(Current(RwLock::new(Arc::new(read(&files)?))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS_CERT: {error}"))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        config.ticketer = ring::Ticketer::new().map_err(|error| format!("TLS_KEY: {error}"))?;
        Ok(Self { files, current, config: Arc::new(config) })
    }

    /// Reads the files again, for new connections. After an error the current certificate stays.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn reload(&self) -> Result<(), String> {
        let new = Arc::new(read(&self.files)?);
        *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, String> {
    let certificates: Vec<CertificateDer> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| format!("TLS_CERT: {}", explain(&error)))?;
    if certificates.is_empty() {
        return Err("TLS_CERT: the file contains no certificate; name a PEM file".into());
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| format!("TLS_KEY: {}", explain(&error)))?;
    CertifiedKey::from_der(certificates, key, &ring::default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => "TLS_KEY: the key does not match the certificate in TLS_CERT".to_owned(),
        error => format!("TLS_CERT, TLS_KEY: {error}"),
    })
}

/// Without content of the file.
fn explain(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => format!("the file cannot be read: {error}"),
        pem::Error::NoItemsFound => "the file contains no such PEM section; name a PEM file".into(),
        _ => "not a PEM file; name one that begins with -----BEGIN".into(),
    }
}
