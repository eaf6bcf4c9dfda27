//! Limits of open connections (`MAX_CONNECTIONS`, `MAX_CONNECTIONS_PER_ADDRESS`).

/// Most open connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    pub all: usize,
    /// From one IPv4 address or one IPv6 /64.
    pub per_address: usize,
}
