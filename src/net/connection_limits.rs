//! Bounds of open connections (`MAX_CONNECTIONS`, `MAX_CONNECTIONS_PER_ADDRESS`).

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    pub all: usize,
    /// From one IPv4 address or one /64 of IPv6.
    pub per_address: usize,
}
