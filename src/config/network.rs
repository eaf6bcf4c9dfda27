//! Settings of the listener: TLS, and how many connections there may be.

use std::path::PathBuf;

use clap::Args;

use super::parse::number;
use crate::net::{
    connection_limits::ConnectionLimits,
    tls::{Tls, TlsFiles},
};

#[derive(Debug, Args)]
#[group(id = "network")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub struct ListenerSettings {
    /// Serve https: PEM file of the certificate and those between it and a root; read again on SIGHUP. HTTP/2 is spoken
    /// then
    #[arg(long, env, value_name = "PATH")]
    tls_cert: Option<PathBuf>,

    /// PEM file of its key
    #[arg(long, env, value_name = "PATH")]
    tls_key: Option<PathBuf>,

    /// Most connections, 16 to 1000000; fewer where there may not be as many open files. Beyond them the oldest without a
    /// request in flight makes room
    #[arg(long, env, value_name = "N", default_value = "8192", value_parser = number(16_usize, 1_000_000))]
    max_connections: usize,

    /// Most connections from one network address (IPv6: one /64) that is not among TRUSTED_PROXIES, 4 to 1000000
    #[arg(long, env, value_name = "N", default_value = "1024", value_parser = number(4_usize, 1_000_000))]
    max_connections_per_address: usize,
}

impl ListenerSettings {
    /// # Errors
    /// A certificate that cannot be used, in a line that says what to do.
    pub fn check(self) -> Result<(ConnectionLimits, Option<Tls>), String> {
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::load(TlsFiles { certificate, key })?),
            (Some(_), None) => return Err("TLS_CERT: it needs its key; set TLS_KEY too".into()),
            (None, Some(_)) => return Err("TLS_KEY: it needs its certificate; set TLS_CERT too".into()),
            (None, None) => None,
        };
        Ok((ConnectionLimits { all: self.max_connections, per_address: self.max_connections_per_address }, tls))
    }
}
