//! Network settings as values: hosts, proxies, TLS files, connection limits.

pub mod address_header;
pub(crate) mod allowed_hosts;
pub(crate) mod connection_limits;
pub(crate) mod tls;
pub mod trusted_proxies;
