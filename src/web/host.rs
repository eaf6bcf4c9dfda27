//! Which host a request is for. Links and cookies depend on it, so there is exactly one, and the right one.

use std::sync::Arc;

use poem::{
    Endpoint, FromRequest as _, Request, Response,
    http::{Version, header, uri::Authority},
    web::Data,
};
use url::{Host, Url};

use super::error::AppError;
use crate::app::App;

/// Longest host with its port, in bytes: a name has 253 (RFC 1035, section 2.3.4).
const MAX_BYTES: usize = 253 + ":65535".len();

/// Refuses a request without a single `Host` (RFC 9112, section 3.2), and one for another host than `PUBLIC_URL`'s.
/// Health checks come by address rather than by name, so any host will do for them. The questions of reverse proxies come with the
/// host that the visitor asked for: what is refused here, they refuse.
///
/// # Errors
/// `AppError::MalformedHost`, `AppError::Misdirected`, or those of the application.
pub async fn check<E: Endpoint>(application: Arc<E>, request: Request) -> poem::Result<Response> {
    let app = Data::<&Arc<App>>::from_request_without_body(&request).await?;
    let host = host(&request)?;
    let is_health_check = matches!(request.uri().path(), "/healthz" | "/readyz");
    if let Some(public_url) = app.site.only_host().filter(|_| !is_health_check)
        && !host.is_some_and(|host| is_host_of(public_url, host))
    {
        return Err(AppError::Misdirected.into());
    }
    // A page elsewhere could reach a designer's machine by a name of its own (DNS rebinding).
    if app.site.live_reload.is_some() && !host.is_some_and(is_this_machine) {
        return Err(AppError::Misdirected.into());
    }
    application.call(request).await.map(poem::IntoResponse::into_response)
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

/// Whether `host` (with or without a port) names the machine itself.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    match url("http", host).as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether `host` (with or without a port) is that of the URL; a missing port is the scheme's own.
#[must_use]
pub fn is_host_of(url: &Url, host: &str) -> bool {
    self::url(url.scheme(), host).is_some_and(|other| other.origin() == url.origin())
}

fn url(scheme: &str, host: &str) -> Option<Url> {
    // The parser would take other characters for the ends of a host, or decode or drop them; and it takes its time for
    // long labels.
    let is_plain = host.len() <= MAX_BYTES && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    if is_plain { Url::parse(&format!("{scheme}://{host}/")).ok() } else { None }
}
