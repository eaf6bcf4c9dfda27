//! The host check: a request has exactly one host, which is served. Links and cookies depend on it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Once},
};

use poem::{
    Endpoint, FromRequest as _, Request, Response,
    http::{Version, header, uri::Authority},
    web::{Data, LocalAddr},
};
use url::Url;

use super::{
    error::AppError,
    this_machine::{is_loopback, is_this_machine},
};
use crate::{
    app::{App, Site},
    config::Environment,
};

/// Longest host with port, in bytes: a name has at most 253 (RFC 1035, section 2.3.4).
const MAX_BYTES: usize = 253 + ":65535".len();

/// Warns once, so that requests cannot flood the log.
static WARNED: Once = Once::new();

/// Rejects a request without exactly one `Host` (RFC 9112, section 3.2), or for a host that is not served. Health
/// checks use addresses, so any host is accepted. Forward-auth requests have the original host, so the proxy rejects
/// what is rejected here.
///
/// # Errors
/// `AppError::MalformedHost`, `AppError::Misdirected`, or those of the application.
pub async fn check<E: Endpoint>(application: Arc<E>, request: Request) -> poem::Result<Response> {
    let app = Data::<&Arc<App>>::from_request_without_body(&request).await?;
    let host = host(&request)?;
    let is_health_check = matches!(request.uri().path(), "/healthz" | "/readyz");
    let LocalAddr(local) = request.local_addr();
    let local_address = local.as_socket_addr().map(SocketAddr::ip);
    if !is_health_check && !is_served(&app.site, host, local_address) {
        return Err(AppError::Misdirected.into());
    }
    // `vestibule design` serves loopback only, whatever the settings.
    if app.site.live_reload.is_some() && !is_for_loopback(host) {
        return Err(AppError::Misdirected.into());
    }
    application.call(request).await.map(poem::IntoResponse::into_response)
}

/// With `PUBLIC_URL`: its host and `ALLOWED_HOSTS`; every host outside production. Without it: this machine and
/// `ALLOWED_HOSTS`, because another site could resolve its own name to this service (DNS rebinding) and be same-origin.
/// `local_address` is the local end of the connection.
fn is_served(site: &Site, host: Option<&str>, local_address: Option<IpAddr>) -> bool {
    let is_allowed = |url: &Url| url.host().is_some_and(|host| site.allowed_hosts.contains(&host));
    if let Some(public_url) = &site.configured_url {
        return site.environment != Environment::Production
            || host.is_some_and(|host| {
                is_host_of(public_url, host) || url(public_url.scheme(), host).as_ref().is_some_and(is_allowed)
            });
    }
    // Only HTTP/1.0, which browsers do not use.
    let Some(host) = host else { return true };
    let Some(url) = url("http", host) else { return false };
    let is_own = |host| is_this_machine(&host, local_address) || Some(host) == site.public_url.host();
    let is_served = url.host().is_some_and(is_own) || is_allowed(&url);
    if !is_served {
        WARNED.call_once(|| {
            tracing::warn!(
                host,
                "request refused (421): host not served. If users reach the service by it, set PUBLIC_URL to the \
                 address they use or add the host to ALLOWED_HOSTS (docs/security.md, \"Hosts\")"
            );
        });
    }
    is_served
}

fn is_for_loopback(host: Option<&str>) -> bool {
    let url = host.and_then(|host| url("http", host));
    url.is_some_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

/// The host of the request target, which overrides the header (RFC 9112, section 3.2.2), or of the single `Host`;
/// `None` only in HTTP/1.0. HTTP/2 has it in `:authority` and may omit the header (RFC 9113, section 8.3.1).
fn host(request: &Request) -> Result<Option<&str>, AppError> {
    let target = request.uri().authority().map(Authority::as_str);
    let mut values = request.headers().get_all(header::HOST).iter();
    match (values.next(), values.next()) {
        (None, _) if request.version() == Version::HTTP_10 => Ok(target),
        (None, _) if request.version() == Version::HTTP_2 && target.is_some() => Ok(target),
        (Some(value), None) => {
            let host = value.to_str().map_err(|_| AppError::MalformedHost)?;
            Ok(Some(target.unwrap_or(host)))
        }
        _ => Err(AppError::MalformedHost),
    }
}

/// Whether `host` (with or without a port) is that of the URL; a missing port is the scheme's default.
#[must_use]
pub fn is_host_of(url: &Url, host: &str) -> bool {
    self::url(url.scheme(), host).is_some_and(|other| other.origin() == url.origin())
}

/// The URL of a host, with or without a port.
#[must_use]
pub fn url(scheme: &str, host: &str) -> Option<Url> {
    // The parser would decode or drop other characters, or treat them as delimiters; and it is slow for long labels.
    let is_plain = host.len() <= MAX_BYTES && host.chars().all(|c| c.is_ascii_alphanumeric() || "._-:[]".contains(c));
    if is_plain { Url::parse(&format!("{scheme}://{host}/")).ok() } else { None }
}
