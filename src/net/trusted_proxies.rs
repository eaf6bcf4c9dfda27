//! Reverse proxies whose client addresses are trusted (`TRUSTED_PROXIES`).

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// Addresses and networks; empty: no proxy is trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is the address of a trusted proxy. An IPv4-mapped IPv6 address counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(network).collect::<Option<_>>().map(Self).ok_or_else(|| {
            "use comma-separated addresses and networks in CIDR notation, such as 127.0.0.1,10.0.0.0/8,fd00::/8"
                .to_owned()
        })
    }
}

fn network(text: &str) -> Option<IpNet> {
    /// Prefix of IPv4-mapped IPv6 addresses (RFC 4291, section 2.5.5.2).
    const MAPPED_BITS: u8 = 96;
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse().ok()?,
    };
    match (network.addr().to_canonical(), network.addr()) {
        (IpAddr::V4(address), IpAddr::V6(_)) => {
            // A wider prefix contains addresses that are not IPv4.
            IpNet::new(address.into(), network.prefix_len().checked_sub(MAPPED_BITS)?).ok()
        }
        _ => Some(network.trunc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4_mapped_addresses_match_the_list() {
        let list: TrustedProxies =
            "127.0.0.1, 10.1.2.3/8,fd00::/8,2001:db8::7,::ffff:192.0.2.0/120,".parse().expect("a list");
        for address in [
            "127.0.0.1",
            "::ffff:127.0.0.1",
            "10.255.0.1",
            "::ffff:10.0.0.1",
            "fdff::1",
            "2001:db8::7",
            "192.0.2.99",
            "::ffff:192.0.2.99",
        ] {
            assert!(list.contains(address.parse().expect("an address")), "{address}");
        }
        for address in ["127.0.0.2", "11.0.0.1", "fe00::1", "2001:db8::8", "192.0.3.1", "::1", "::127.0.0.1"] {
            assert!(!list.contains(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn no_proxy_is_trusted_by_default_and_invalid_lists_are_refused() {
        let list: TrustedProxies = "".parse().expect("an empty list");
        assert!(!list.contains("127.0.0.1".parse().expect("an address")));
        for text in [
            "localhost",
            "10.0.0.0/33",
            "10.0.0/8",
            "fd00::/129",
            "::ffff:0:0/95",
            "10.0.0.1 10.0.0.2",
            "*",
            "fe80::1%1",
        ] {
            assert!(text.parse::<TrustedProxies>().is_err(), "{text}");
        }
        assert_eq!("::ffff:0:0/96".parse::<TrustedProxies>(), "0.0.0.0/0".parse());
    }
}
