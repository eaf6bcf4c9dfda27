//! What is known of the service before its database is there.

use std::sync::Arc;

use url::Url;

use crate::{
    appearance::{SharedTheme, live_reload::LiveReload},
    config::{Config, Environment},
    net::{address_header::AddressHeader, allowed_hosts::AllowedHosts, trusted_proxies::TrustedProxies},
};

/// Clones share the theme.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where visitors reach this service; links in answers begin with it.
    pub public_url: Url,
    /// `PUBLIC_URL`, if it was set.
    pub configured_url: Option<Url>,
    pub environment: Environment,
    /// Hosts that requests may be for besides our own.
    pub allowed_hosts: AllowedHosts,
    /// Whose word about network addresses counts.
    pub trusted_proxies: TrustedProxies,
    /// The header in which they say so; `None`: `Forwarded` or `X-Forwarded-For`, unless they disagree.
    pub client_address_header: Option<AddressHeader>,
    /// How everything looks and what it says.
    pub theme: SharedTheme,
    /// With `vestibule design` alone.
    pub live_reload: Option<Arc<LiveReload>>,
}

impl Site {
    /// `listening_on` stands in for `PUBLIC_URL` where that is not set.
    #[must_use]
    pub fn new(config: &Config, listening_on: Url, theme: SharedTheme, live_reload: Option<Arc<LiveReload>>) -> Self {
        Self {
            public_url: config.public_url.clone().unwrap_or(listening_on),
            configured_url: config.public_url.clone(),
            environment: config.environment,
            allowed_hosts: config.allowed_hosts.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            client_address_header: config.client_address_header.clone(),
            theme,
            live_reload,
        }
    }

    /// Whether cookies and HSTS may rely on https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}
