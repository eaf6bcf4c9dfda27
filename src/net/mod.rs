//! The network around the service as settings describe it: hosts, proxies, TLS files, bounds of connections.

pub mod address_header;
pub mod allowed_hosts;
pub mod connection_limits;
pub mod tls;
pub mod trusted_proxies;
