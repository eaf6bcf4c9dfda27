//! Network settings as values: hosts, proxies, TLS files, connection limits.

pub mod address_header;
pub mod allowed_hosts;
pub mod connection_limits;
pub mod tls;
pub mod trusted_proxies;
