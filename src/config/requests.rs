//! Settings of accepted hosts and trusted reverse proxies.

use clap::Args;

use crate::net::{address_header::AddressHeader, allowed_hosts::AllowedHosts, trusted_proxies::TrustedProxies};

#[derive(Debug, Args)]
#[group(id = "requests")]
#[command(next_help_heading = "Address")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub(super) struct RequestSettings {
    /// Hosts accepted in addition to that of PUBLIC_URL or, without it, localhost and this machine's addresses: a
    /// list of names and addresses without ports; .example.com includes its subdomains. Other hosts get 421
    #[arg(long, env, value_name = "HOST,…", value_parser = str::parse::<AllowedHosts>)]
    allowed_hosts: Option<AllowedHosts>,

    /// Reverse proxies whose Forwarded or X-Forwarded-For header counts: a list of addresses and networks in CIDR
    /// notation, such as 127.0.0.1,10.0.0.0/8,fd00::/8; default: none
    #[arg(long, env, value_name = "CIDR,…", value_parser = str::parse::<TrustedProxies>)]
    trusted_proxies: Option<TrustedProxies>,

    /// The only header of TRUSTED_PROXIES that counts as the client address, such as X-Forwarded-For, Forwarded,
    /// X-Real-IP or CF-Connecting-IP. Default: Forwarded or X-Forwarded-For, and neither if they disagree
    #[arg(long, env, value_name = "NAME", value_parser = str::parse::<AddressHeader>)]
    client_address_header: Option<AddressHeader>,
}

/// Accepted hosts, and the source of client addresses.
#[derive(Debug, Clone)]
pub(super) struct Requests {
    pub allowed_hosts: AllowedHosts,
    pub trusted_proxies: TrustedProxies,
    pub client_address_header: Option<AddressHeader>,
}

impl RequestSettings {
    /// # Errors
    /// A header without trusted proxies, in a line with the fix.
    pub(super) fn check(self) -> Result<Requests, String> {
        let trusted_proxies = self.trusted_proxies.unwrap_or_default();
        if self.client_address_header.is_some() && trusted_proxies.is_empty() {
            return Err(
                "CLIENT_ADDRESS_HEADER: it counts from TRUSTED_PROXIES only; set that to the address of the reverse \
                 proxy too"
                    .into(),
            );
        }
        Ok(Requests {
            allowed_hosts: self.allowed_hosts.unwrap_or_default(),
            trusted_proxies,
            client_address_header: self.client_address_header,
        })
    }
}
