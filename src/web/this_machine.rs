//! Which hosts are this machine. A foreign name that resolves to it (DNS rebinding) is not.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use url::Host;

use crate::net::allowed_hosts::{is_below, without_root};

/// How old the list of addresses may be before it is made anew: a flood of hosts must not read it each time.
const KEEP: Duration = Duration::from_secs(1);

/// Addresses of the interfaces, and when they were read.
static INTERFACES: Mutex<Option<(Instant, Vec<IpAddr>)>> = Mutex::new(None);

/// Whether a host names this machine: `localhost` and the names below it, which resolvers answer by themselves (RFC 6761),
/// or an address of it. `reached_at` is the one that the connection came in by.
///
/// The machine's own name is not: it is resolved by DNS, which is what rebinding changes.
#[must_use]
pub fn is_this_machine(host: &Host<&str>, reached_at: Option<IpAddr>) -> bool {
    let address = match host {
        Host::Domain(name) => return is_below(without_root(name), "localhost"),
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical(),
    };
    address.is_loopback()
        || reached_at.is_some_and(|reached_at| reached_at.to_canonical() == address)
        || is_of_an_interface(address)
}

/// Whether a host is reached from this machine alone.
#[must_use]
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Addresses come and go, so they are read again now and then. Where they cannot be read (a sandbox without netlink), the
/// address that the connection came in by has to do.
fn is_of_an_interface(address: IpAddr) -> bool {
    let mut interfaces = INTERFACES.lock().unwrap_or_else(PoisonError::into_inner);
    let is_fresh = interfaces.as_ref().is_some_and(|(read, _)| read.elapsed() < KEEP);
    if !is_fresh {
        let found = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::debug!(%error, "the addresses of this machine could not be read");
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

    fn is_own(host: &str, reached_at: &str) -> bool {
        let host = Host::parse(host).expect("a host");
        let host = match &host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        };
        is_this_machine(&host, reached_at.parse().ok())
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
