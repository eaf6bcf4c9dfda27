//! The part of [`super::App`] that needs no database.

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
    /// Base URL of links.
    pub public_url: Url,
    /// `PUBLIC_URL`, if it was set.
    pub configured_url: Option<Url>,
    pub environment: Environment,
    /// Hosts that are served besides the service's own.
    pub allowed_hosts: AllowedHosts,
    /// Proxies whose client addresses are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Their header; `None`: `Forwarded` or `X-Forwarded-For`, unless they disagree.
    pub client_address_header: Option<AddressHeader>,
    /// Templates, styles and texts.
    pub theme: SharedTheme,
    /// Only with `vestibule design`.
    pub live_reload: Option<Arc<LiveReload>>,
}

impl Site {
    /// `listening_on`: default of `PUBLIC_URL`.
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

    /// Whether cookies and HSTS may rely on HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}
