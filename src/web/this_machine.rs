//! Hosts that are this machine. Another name that resolves to it (DNS rebinding) is not.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use url::Host;

use crate::net::allowed_hosts::{is_below, without_root};

/// Lifetime of the cached interface addresses: a flood of requests must not read them each time.
const CACHE_TIME: Duration = Duration::from_secs(1);

/// Interface addresses, and when they were read.
static INTERFACES: Mutex<Option<(Instant, Vec<IpAddr>)>> = Mutex::new(None);

/// Whether a host is this machine: `localhost` and names below it, which resolvers answer themselves (RFC 6761), or one
/// of its addresses. `local_address` is the local end of the connection.
///
/// The machine's own name is not: DNS resolves it, and rebinding changes DNS.
#[must_use]
pub fn is_this_machine(host: &Host<&str>, local_address: Option<IpAddr>) -> bool {
    let address = match host {
        Host::Domain(name) => return is_below(without_root(name), "localhost"),
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical(),
    };
    address.is_loopback()
        || local_address.is_some_and(|local_address| local_address.to_canonical() == address)
        || is_interface_address(address)
}

/// Whether a host is loopback.
#[must_use]
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Addresses change, so they are read again after [`CACHE_TIME`]. If they cannot be read (a sandbox without netlink),
/// only `local_address` counts.
fn is_interface_address(address: IpAddr) -> bool {
    let mut interfaces = INTERFACES.lock().unwrap_or_else(PoisonError::into_inner);
    let is_fresh = interfaces.as_ref().is_some_and(|(read, _)| read.elapsed() < CACHE_TIME);
    if !is_fresh {
        let found = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::debug!(%error, "failed to read interface addresses");
            Vec::new()
        });
        let addresses = found.into_iter().map(|interface| interface.ip().to_canonical()).collect();
        *interfaces = Some((Instant::now(), addresses));
    }
    interfaces.as_ref().is_some_and(|(_, addresses)| addresses.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_own(host: &str, local_address: &str) -> bool {
        let host = Host::parse(host).expect("a host");
        let host = match &host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        };
        is_this_machine(&host, local_address.parse().ok())
    }

    #[test]
    fn this_machine_is_localhost_and_its_addresses() {
        for host in ["localhost", "LocalHost.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"]
        {
            assert!(is_own(host, ""), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "evillocalhost", "192.0.2.7", "[2001:db8::7]", "0.0.0.0"]
        {
            assert!(!is_own(host, "192.0.2.8"), "{host}");
        }
        assert!(is_own("192.0.2.7", "192.0.2.7") && is_own("192.0.2.7", "::ffff:192.0.2.7"));
    }

    #[test]
    fn every_interface_has_addresses_of_this_machine() {
        let found = if_addrs::get_if_addrs().expect("interfaces");
        assert!(!found.is_empty());
        for address in found.iter().map(if_addrs::Interface::ip) {
            let host = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
            assert!(is_own(&host, ""), "{host}");
        }
    }
}
