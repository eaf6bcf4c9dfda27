//! Settings of the listener: TLS and connection limits.

use std::path::PathBuf;

use clap::Args;

use super::parse::number;
use crate::net::{
    connection_limits::ConnectionLimits,
    tls::{Tls, TlsFiles},
};

#[derive(Debug, Args)]
#[group(id = "network")]
#[command(next_help_heading = "Listener")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub(super) struct ListenerSettings {
    /// Serve HTTPS and HTTP/2: PEM file with the certificate and its intermediates; reloaded on SIGHUP
    #[arg(long, env, value_name = "PATH")]
    tls_cert: Option<PathBuf>,

    /// PEM file with the private key of TLS_CERT
    #[arg(long, env, value_name = "PATH")]
    tls_key: Option<PathBuf>,

    /// Maximum number of connections, 16 to 1000000; lowered to the open-file limit. Beyond it the oldest connection
    /// without a request in flight is closed
    #[arg(long, env, value_name = "N", default_value = "8192", value_parser = number(16_usize, 1_000_000))]
    max_connections: usize,

    /// Maximum number of connections per network (IPv4 address or IPv6 /64), 4 to 1000000; not for TRUSTED_PROXIES
    #[arg(long, env, value_name = "N", default_value = "1024", value_parser = number(4_usize, 1_000_000))]
    max_connections_per_address: usize,
}

impl ListenerSettings {
    /// # Errors
    /// A missing or unusable certificate or key, in a line with the fix.
    pub(super) fn check(self) -> Result<(ConnectionLimits, Option<Tls>), String> {
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::load(TlsFiles { certificate, key })?),
            (Some(_), None) => return Err("TLS_CERT: it needs its key; set TLS_KEY too".into()),
            (None, Some(_)) => return Err("TLS_KEY: it needs its certificate; set TLS_CERT too".into()),
            (None, None) => None,
        };
        Ok((ConnectionLimits { all: self.max_connections, per_address: self.max_connections_per_address }, tls))
    }
}
