//! Headers: content negotiation, client, cookies, host and origin.

use std::net::{IpAddr, TcpListener};

use poem::{
    Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, header,
        uri::{Authority, Uri},
    },
};
use tower_cookies::Cookie;
use url::{Host, Url};
use vestibule::{
    domain::{client::Client, token::Token},
    views::language::Language,
    web::{
        client::device, compression, cookies, host, language, quality, response_format::ResponseFormat, session,
        submission, this_machine,
    },
};

use super::{QUICK, Target, lines, reached};

pub const NEGOTIATION: Target = Target {
    name: "negotiation",
    seeds: &[
        b"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        b"application/problem+json;q=0.1, application/json",
        b"de-CH, de;q=0.9, en;q=0.5, *;q=0",
        b"br;q=1.0, gzip;Q=0.000, identity; q=nan",
        b"pt;q=inf,,;q=1,ja;level=1;q=-0",
    ],
    max_time: QUICK,
    run: negotiation,
};

pub const COOKIES: Target = Target {
    name: "cookies",
    seeds: &[
        b"a=b; __Host-vestibule_session=AAAA; vestibule_flash=x.y",
        b"vestibule_session=a; vestibule_session=b",
        b"__%48ost-vestibule_flash=a;\xa0__Host-vestibule_flash=b",
        b"vestibule_pending=\"a=b\"; vestibule_pending",
        b"vestibule_lang=de;vestibule_reset==;;=",
        b"vestibule_devices=AAAA.BBBB; __Host-vestibule_devices=CCCC",
    ],
    max_time: QUICK,
    run: cookies,
};

pub const HOST: Target = Target {
    name: "host",
    seeds: &[
        b"accounts.example.com",
        b"ACCOUNTS.example.com:443",
        b"accounts.example.com@evil.example",
        b"127.0.0.1:8000",
        b"0x7f.1:8000",
        b"[::1]:8000",
        b"localhost.evil.example",
        b"localhost:",
        b"//[::1]:8//",
    ],
    max_time: QUICK,
    run: host,
};

pub const ORIGIN: Target = Target {
    name: "origin",
    seeds: &[
        b"same-origin\n\n",
        b"cross-site\nhttp://localhost:8000\nlocalhost:8000",
        b"\nhttps://accounts.example.com\naccounts.example.com",
        b"\nnull\nlocalhost",
        b"\nhttp://localhost:8000/\nlocalhost:8000",
    ],
    max_time: QUICK,
    run: origin,
};

pub const CLIENT: Target = Target {
    name: "client",
    seeds: &[
        b"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\nBearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        b"curl/8.1\nbearer  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
        b"a\xe2\x80\xae\x1b[2J\xff\nBasic YTpi",
    ],
    max_time: QUICK,
    run: client,
};

fn one(name: HeaderName, value: &[u8]) -> Option<HeaderMap> {
    let value = HeaderValue::from_bytes(value).ok()?;
    Some(HeaderMap::from_iter([(name, value)]))
}

fn negotiation(input: &[u8]) {
    for name in [header::ACCEPT, header::ACCEPT_LANGUAGE, header::ACCEPT_ENCODING] {
        let Some(headers) = one(name.clone(), input) else { return };
        let ranges = quality::ranges(&headers, &name);
        assert!(ranges.len() <= 64);
        for (range, quality) in &ranges {
            assert!((0.0..=1.0).contains(quality) && !range.is_empty() && !range.contains([',', ';']), "{range:?}");
        }
        let offered = [Language::German, Language::BrazilianPortuguese, Language::Japanese];
        if let Some(language) = Language::negotiate(&ranges, &offered) {
            reached("a language");
            let code = language.code();
            assert!(offered.contains(&language));
            let is_excluded = ranges.iter().any(|(range, quality)| *quality <= 0.0 && range.eq_ignore_ascii_case(code));
            let is_named = ranges.iter().any(|(range, quality)| *quality > 0.0 && range.eq_ignore_ascii_case(code));
            assert!(!is_excluded || is_named, "{code} was excluded: {ranges:?}");
        }
        let text = String::from_utf8_lossy(input).to_ascii_lowercase();
        assert!(!compression::accepts(&headers, "gzip") || text.contains("gzip"));
        for path in ["/register", "/users", "/api/v1/users/me"] {
            let mut request = Request::builder().uri(Uri::from_static(path)).finish();
            request.headers_mut().clone_from(&headers);
            let format = ResponseFormat::of(&request);
            assert!(path == "/register" || format != ResponseFormat::Page, "programs get no page");
            let _ = language::of(&request, format, &offered);
        }
    }
}

/// A cookie is read by its exact name if it is unique; tower-cookies sees no others.
fn cookies(input: &[u8]) {
    const OURS: [&str; 4] = ["vestibule_flash", "vestibule_pending", "vestibule_reset", "vestibule_devices"];
    let Some(headers) = one(header::COOKIE, input) else { return };
    for name in OURS.into_iter().chain(["vestibule_session", "__Host-vestibule_session"]) {
        let begin = format!("{name}=");
        let is_pair = |pair: &&[u8]| pair.strip_prefix(b" ").unwrap_or(pair).starts_with(begin.as_bytes());
        let number = input.split(|byte| *byte == b';').filter(is_pair).count();
        let value = cookies::exact(&headers, name);
        assert_eq!(value.is_some(), number == 1, "{name}");
        if value.is_some() {
            reached("a cookie");
        }
        assert!(value.is_none_or(|value| !value.contains(&b';')));
    }
    for pair in cookies::own(&headers) {
        let Ok(pair) = pair.to_str() else { continue };
        reached("a cookie of a page");
        let (raw, _) = pair.split_once('=').expect("a pair");
        assert!(OURS.contains(&raw.strip_prefix("__Host-").unwrap_or(raw)), "{raw}");
        for name in Cookie::split_parse_encoded(pair).flatten().map(|cookie| cookie.name().to_owned()) {
            assert_eq!(name, raw);
        }
    }
    let request = {
        let mut request = Request::default();
        request.headers_mut().clone_from(&headers);
        request
    };
    assert!(Language::ALL.contains(&language::of(&request, ResponseFormat::Page, &Language::ALL)));
}

/// An accepted host equals that of the URL by the parser of the request line too.
fn host(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let parsed = |scheme: &str| {
        let authority: Authority = text.parse().ok()?;
        assert!(!text.contains('@'));
        let port = authority.port_u16().or(if scheme == "https" { Some(443) } else { Some(80) });
        Some((Host::parse(authority.host()).ok()?, port))
    };
    for url in
        ["https://accounts.example.com", "http://accounts.example.com:8000", "http://127.0.0.1:8000", "https://[::1]"]
    {
        let url = Url::parse(url).expect("a URL");
        if host::is_host_of(&url, text) {
            reached("our host");
            let (host, port) = parsed(url.scheme()).unwrap_or_else(|| panic!("{text:?} for {url}"));
            assert_eq!(host.to_string(), url.host_str().expect("a host"));
            assert_eq!(port, url.port_or_known_default());
        }
    }
    let url = host::url("http", text);
    if url.as_ref().and_then(Url::host).is_some_and(|host| this_machine::is_this_machine(&host, None)) {
        reached("this machine");
        let (host, _) = parsed("http").unwrap_or_else(|| panic!("{text:?}"));
        // Only local addresses can be bound; link-local ones also need a scope.
        let is_own = |address: IpAddr| TcpListener::bind((address, 0)).is_ok();
        assert!(match host {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost") || name.ends_with("localhost."),
            Host::Ipv4(address) => is_own(address.into()),
            Host::Ipv6(address) => address.is_unicast_link_local() || is_own(IpAddr::from(address).to_canonical()),
        });
    }
}

/// A form is accepted by `Sec-Fetch-Site` or by an identical origin only.
fn origin(input: &[u8]) {
    let [site, origin, host] = lines(input);
    let mut headers = HeaderMap::new();
    for (name, value) in [("sec-fetch-site", site), ("origin", origin), ("host", host)] {
        if value.is_empty() {
            continue;
        }
        let Ok(value) = HeaderValue::from_bytes(value) else { return };
        headers.insert(name, value);
    }
    let ours = Url::parse("https://accounts.example.com").expect("a URL");
    let is_allowed_site = site == b"same-origin" || site == b"none";
    if submission::check_same_site(&headers, Some(&ours)).is_ok() {
        reached("a form of the configured origin");
        assert!(
            is_allowed_site || (site.is_empty() && (origin.is_empty() || origin == b"https://accounts.example.com"))
        );
    }
    if submission::check_same_site(&headers, None).is_ok() && !is_allowed_site && !origin.is_empty() {
        reached("a form of the origin that was asked");
        assert!(site.is_empty());
        let origin = std::str::from_utf8(origin).expect("text");
        let (scheme, authority) = origin.split_once("://").expect("an origin");
        let host: Authority = std::str::from_utf8(host).expect("text").parse().expect("a host");
        let url = Url::parse(&format!("{scheme}://{authority}/")).expect("a URL");
        assert_eq!(Host::parse(host.host()).expect("a host").to_string(), url.host_str().expect("a host"));
    }
}

fn client(input: &[u8]) {
    let [user_agent, authorization] = lines(input);
    let text = String::from_utf8_lossy(user_agent);
    let stored = Client::new(None, Some(&text), "en").user_agent;
    assert!(stored.is_none_or(|stored| !stored.chars().any(char::is_control) && stored.chars().count() <= 256));
    let device = device(&text);
    assert!(device.chars().count() <= 40 && device.lines().count() <= 1, "{device:?}");
    let Some(mut headers) = one(header::AUTHORIZATION, authorization) else { return };
    if let Some(token) = session::bearer(&headers) {
        reached("a bearer token");
        assert!(Token::parse(token.expose()).is_some());
        assert!(authorization[..7].eq_ignore_ascii_case(b"bearer "));
        assert_eq!(authorization[7..].trim_ascii(), token.expose().as_bytes());
        let twice = headers[header::AUTHORIZATION].clone();
        headers.append(header::AUTHORIZATION, twice);
        assert!(session::bearer(&headers).is_none());
    }
}
