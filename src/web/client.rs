//! The client of a request, for audit log, sessions, mails and limits.

use std::{net::IpAddr, sync::Arc};

use poem::{
    FromRequest, Request, RequestBody,
    http::{HeaderName, HeaderValue, header},
    web::{Data, RemoteAddr},
};

use super::{
    cookies::{CookieKind, Jar, PageCookies},
    forwarded::{client_address, client_address_in},
    proof_of_work,
    request_context::RequestContext,
};
use crate::{
    app::{App, Site},
    domain::{client, known_devices::Devices},
    net::address_header::X_FORWARDED_FOR,
};

/// The client's network address, user agent, language, known devices and proof of work.
pub struct Client(pub client::Client);

impl<'a> FromRequest<'a> for Client {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let context = Data::<&RequestContext>::from_request_without_body(request).await?;
        let Data(app) = Data::<&Arc<App>>::from_request_without_body(request).await?;
        let PageCookies(cookies) = PageCookies::from_request_without_body(request).await?;
        let peer = address(request, &app.site).map(|address| address.to_string());
        let user_agent =
            request.headers().get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let devices = Jar { cookies: &cookies, app }.get(CookieKind::Devices);
        let devices = devices.map(|text| Devices::parse(&text)).unwrap_or_default();
        let proof = proof_of_work::from_headers(request.headers());
        Ok(Self(client::Client {
            devices,
            proof,
            ..client::Client::new(peer, user_agent.as_deref(), context.language.code())
        }))
    }
}

/// The client's network address: of the connection, or as reported by a trusted proxy. `None` for a non-IP socket.
#[must_use]
pub fn address(request: &Request, site: &Site) -> Option<IpAddr> {
    let RemoteAddr(peer) = request.remote_addr();
    let lines = |name: &HeaderName| -> Vec<&[u8]> {
        request.headers().get_all(name).iter().map(HeaderValue::as_bytes).collect()
    };
    let peer = peer.as_socket_addr()?.ip();
    let trusted = &site.trusted_proxies;
    Some(match &site.client_address_header {
        Some(header) => client_address_in(header.syntax(), peer, &lines(header.name()), trusted),
        None => client_address(peer, &lines(&header::FORWARDED), &lines(&X_FORWARDED_FOR), trusted),
    })
}

/// Browser and system by their common names; empty if unknown. The order counts: a `User-Agent` also names browsers
/// that it imitates.
#[must_use]
pub fn device(user_agent: &str) -> String {
    const PROGRAMS: &[(&str, &str)] = &[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: &[(&str, &str)] = &[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let known: Vec<&str> = [find(PROGRAMS), find(SYSTEMS)].into_iter().flatten().collect();
    if known.is_empty() {
        // The product name of another program.
        return user_agent.split([' ', '/']).next().unwrap_or_default().chars().take(40).collect();
    }
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_their_common_names() {
        for (user_agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            ("curl/7.88.1", "curl"),
            ("my-importer/2.0 (+https://example.com)", "my-importer"),
            ("", ""),
        ] {
            assert_eq!(device(user_agent), name);
        }
    }
}
