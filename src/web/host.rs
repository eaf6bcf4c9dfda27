//! Which host a request is for. Links and cookies depend on it, so there is exactly one, and the right one.

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

/// Longest host with its port, in bytes: a name has 253 (RFC 1035, section 2.3.4).
const MAX_BYTES: usize = 253 + ":65535".len();

/// An operator who has set neither is told once what to set; requests cannot fill the log with it.
static WAS_TOLD: Once = Once::new();

/// Refuses a request without a single `Host` (RFC 9112, section 3.2), and one for a host that is not served.
/// Health checks come by address rather than by name, so any host will do for them. The questions of reverse proxies come with the
/// host that the visitor asked for: what is refused here, they refuse.
///
/// # Errors
/// `AppError::MalformedHost`, `AppError::Misdirected`, or those of the application.
pub async fn check<E: Endpoint>(application: Arc<E>, request: Request) -> poem::Result<Response> {
    let app = Data::<&Arc<App>>::from_request_without_body(&request).await?;
    let host = host(&request)?;
    let is_health_check = matches!(request.uri().path(), "/healthz" | "/readyz");
    let LocalAddr(local) = request.local_addr();
    let reached_at = local.as_socket_addr().map(SocketAddr::ip);
    if !is_health_check && !is_served(&app.site, host, reached_at) {
        return Err(AppError::Misdirected.into());
    }
    // What shows a designer's files is for this machine alone, whatever the settings say.
    if app.site.live_reload.is_some() && !is_for_loopback(host) {
        return Err(AppError::Misdirected.into());
    }
    application.call(request).await.map(poem::IntoResponse::into_response)
}

/// With `PUBLIC_URL` its host and those of `ALLOWED_HOSTS`; in local environments every host then. Without it this machine and
/// those of `ALLOWED_HOSTS`: a page elsewhere could reach this service by a name of its own (DNS rebinding), and would be
/// of the same origin. `reached_at` is the address of this machine that the connection came in by.
fn is_served(site: &Site, host: Option<&str>, reached_at: Option<IpAddr>) -> bool {
    let is_allowed = |url: &Url| url.host().is_some_and(|host| site.allowed_hosts.contains(&host));
    if let Some(public_url) = &site.configured_url {
        return site.environment != Environment::Production
            || host.is_some_and(|host| {
                is_host_of(public_url, host) || url(public_url.scheme(), host).as_ref().is_some_and(is_allowed)
            });
    }
    // Only in HTTP/1.0, which no browser speaks.
    let Some(host) = host else { return true };
    let Some(url) = url("http", host) else { return false };
    let is_own = |host| is_this_machine(&host, reached_at) || Some(host) == site.public_url.host();
    let is_served = url.host().is_some_and(is_own) || is_allowed(&url);
    if !is_served {
        WAS_TOLD.call_once(|| {
            tracing::warn!(
                host,
                "a request for a host that is not served was refused (421). If visitors come by it, set PUBLIC_URL to the \
                 address that they type, or add the host to ALLOWED_HOSTS (docs/security.md, \"Hosts\")"
            );
        });
    }
    is_served
}

fn is_for_loopback(host: Option<&str>) -> bool {
    let url = host.and_then(|host| url("http", host));
    url.is_some_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

/// The host in the request's target, which counts before the header (RFC 9112, section 3.2.2), or else the one `Host`;
/// none only in HTTP/1.0. HTTP/2 has it in its target, `:authority`, and may leave the header out (RFC 9113, section 8.3.1).
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

/// Whether `host` (with or without a port) is that of the URL; a missing port is the scheme's own.
#[must_use]
pub fn is_host_of(url: &Url, host: &str) -> bool {
    self::url(url.scheme(), host).is_some_and(|other| other.origin() == url.origin())
}

/// The address of a host, with or without a port.
#[must_use]
pub fn url(scheme: &str, host: &str) -> Option<Url> {
    // The parser would take other characters for the ends of a host, or decode or drop them; and it takes its time for
    // long labels.
    let is_plain = host.len() <= MAX_BYTES && host.chars().all(|c| c.is_ascii_alphanumeric() || "._-:[]".contains(c));
    if is_plain { Url::parse(&format!("{scheme}://{host}/")).ok() } else { None }
}
