//! A warning about a reverse proxy that is not in `TRUSTED_PROXIES`: all its clients count as one network.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Once,
};

use poem::{Request, http::HeaderMap, web::RemoteAddr};

use crate::app::Site;

/// Sent by reverse proxies, not by browsers.
const HEADERS: &[&str] = &[
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-server",
    "x-forwarded-uri",
    "x-real-ip",
];

/// Requests must not flood the log.
static WARNED: Once = Once::new();

/// Warns once about a request from a proxy that is not in `TRUSTED_PROXIES`.
pub(crate) fn warn_once(request: &Request, site: &Site) {
    if WARNED.is_completed() {
        return;
    }
    let RemoteAddr(peer) = request.remote_addr();
    let Some(peer) = peer.as_socket_addr().map(|peer| peer.ip().to_canonical()) else { return };
    if !is_private(peer) || site.trusted_proxies.contains(peer) {
        return;
    }
    let configured = site.client_address_header.as_ref().map(|header| header.name().as_str());
    if let Some(header) = written_by_proxies(request.headers(), configured) {
        WARNED.call_once(|| {
            tracing::warn!(
                %peer,
                header,
                "reverse proxy header from a peer not in TRUSTED_PROXIES: all its clients count as one network. If it \
                 is your proxy, set TRUSTED_PROXIES={peer} or add it there (docs/limits.md, \"Whose address\")"
            );
        });
    }
}

fn written_by_proxies<'h>(headers: &HeaderMap, configured: Option<&'h str>) -> Option<&'h str> {
    configured.into_iter().chain(HEADERS.iter().copied()).find(|name| headers.contains_key(*name))
}

/// Networks of the operator's own proxies. Other clients may send such headers too.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared(v4),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// 100.64.0.0/10 (RFC 6598): carriers and overlay networks.
fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0b1100_0000 == 64
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn addresses_of_private_networks_are_recognised() {
        let is_private = |text: &str| is_private(text.parse().expect("an address"));
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.17.0.1",
            "192.168.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(is_private(text), "{text}");
        }
        for text in ["192.0.2.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2001:db8::1", "8.8.8.8"] {
            assert!(!is_private(text), "{text}");
        }
    }

    #[test]
    fn headers_of_proxies_are_distinguished_from_those_of_browsers() {
        let headers =
            |name: &'static str| HeaderMap::from_iter([(name.parse().expect("a name"), HeaderValue::from_static("x"))]);
        assert_eq!(written_by_proxies(&headers("x-forwarded-for"), None), Some("x-forwarded-for"));
        assert_eq!(written_by_proxies(&headers("accept"), None), None);
        assert_eq!(written_by_proxies(&headers("fly-client-ip"), None), None);
        assert_eq!(written_by_proxies(&headers("fly-client-ip"), Some("fly-client-ip")), Some("fly-client-ip"));
    }
}
