//! Settings of which hosts requests may be for, and of whose word about network addresses counts.

use clap::Args;

use crate::net::{address_header::AddressHeader, allowed_hosts::AllowedHosts, trusted_proxies::TrustedProxies};

#[derive(Debug, Args)]
#[group(id = "requests")]
#[expect(clippy::doc_markdown, reason = "the comments are the text of --help")]
pub struct RequestSettings {
    /// Hosts that requests may be for besides PUBLIC_URL's or, without it, this machine's addresses and localhost, as a list of
    /// names and addresses without a port; .example.com is that name and all below it. Other hosts get 421
    #[arg(long, env, value_name = "HOST,…", value_parser = str::parse::<AllowedHosts>)]
    allowed_hosts: Option<AllowedHosts>,

    /// Reverse proxies whose Forwarded or X-Forwarded-For header counts, as a list of addresses and networks in CIDR
    /// notation, such as 127.0.0.1,10.0.0.0/8,fd00::/8; nobody else's does
    #[arg(long, env, value_name = "CIDR,…", value_parser = str::parse::<TrustedProxies>)]
    trusted_proxies: Option<TrustedProxies>,

    /// The one header in which TRUSTED_PROXIES say the client's address, such as X-Forwarded-For, Forwarded, X-Real-IP or
    /// CF-Connecting-IP; no other one counts then. Default: Forwarded or X-Forwarded-For, and neither where they disagree
    #[arg(long, env, value_name = "NAME", value_parser = str::parse::<AddressHeader>)]
    client_address_header: Option<AddressHeader>,
}

/// Which requests are served, and whose they are.
#[derive(Debug, Clone)]
pub struct Requests {
    pub allowed_hosts: AllowedHosts,
    pub trusted_proxies: TrustedProxies,
    pub client_address_header: Option<AddressHeader>,
}

impl RequestSettings {
    /// # Errors
    /// A header that no trusted proxy writes, in a line that says what to do.
    pub fn check(self) -> Result<Requests, String> {
        let trusted_proxies = self.trusted_proxies.unwrap_or_default();
        if self.client_address_header.is_some() && trusted_proxies.is_empty() {
            return Err(
                "CLIENT_ADDRESS_HEADER: only TRUSTED_PROXIES are asked for it; set that to the address of the \
                        reverse proxy too"
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
