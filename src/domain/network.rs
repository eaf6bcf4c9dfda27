//! Networks by which limits count clients.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Prefix bits of an IPv6 address that identify a customer, who chooses the rest (RFC 6177).
const IPV6_BITS: u32 = 64;
/// Prefix bits of a block that one organisation may control: the longest routed IPv4 prefix (/24), and an IPv6 site
/// (RFC 6177, section 2).
const IPV4_BLOCK_BITS: u32 = 24;
const IPV6_BLOCK_BITS: u32 = 48;

/// An IPv4 address, or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// An IPv4-mapped IPv6 address counts as IPv4.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let mask = u128::MAX << (128 - IPV6_BITS);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
            address @ IpAddr::V4(_) => address,
        })
    }

    /// The enclosing block in CIDR notation: an IPv4 /24, or an IPv6 /48.
    #[must_use]
    pub fn block(self) -> String {
        match self.0 {
            IpAddr::V4(address) => {
                let mask = u32::MAX << (32 - IPV4_BLOCK_BITS);
                format!("{}/{IPV4_BLOCK_BITS}", Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX << (128 - IPV6_BLOCK_BITS);
                format!("{}/{IPV6_BLOCK_BITS}", Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        }
    }

    /// As [`Self::parse`], of a known peer.
    #[must_use]
    pub fn of_peer(peer: Option<&str>) -> Option<Self> {
        peer.and_then(Self::parse)
    }

    /// `None` for anything but an IP address.
    #[must_use]
    pub fn parse(address: &str) -> Option<Self> {
        address.parse().ok().map(Self::of)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/{IPV6_BITS}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_network_is_one_address_and_an_ipv6_network_is_a_64() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(Network::parse(address).map(|network| network.to_string()).as_deref(), Some(network));
        }
        assert_eq!(Network::parse("2001:db8:1:2::1"), Network::parse("2001:db8:1:2:ffff::"));
        assert_ne!(Network::parse("2001:db8:1:2::1"), Network::parse("2001:db8:1:3::1"));
        assert_eq!(Network::parse("example.com"), None);
    }

    #[test]
    fn a_block_contains_the_networks_of_one_customer() {
        for (address, block) in [
            ("192.0.2.7", "192.0.2.0/24"),
            ("::ffff:192.0.2.255", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("2001:db8:1:ffff::1", "2001:db8:1::/48"),
        ] {
            assert_eq!(Network::parse(address).map(Network::block).as_deref(), Some(block), "{address}");
        }
    }
}
