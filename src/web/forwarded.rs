//! The client address: that of the connection, or as reported by trusted proxies.
//!
//! Each proxy appends on the right, so headers are read from the right, past trusted proxies; entries further left are
//! untrusted. A header that a proxy does not write passes through unchanged; so if both headers are present and
//! disagree, neither is used, unless the operator has named one.

use std::net::IpAddr;

use crate::net::{address_header::Syntax, trusted_proxies::TrustedProxies};

/// The client address: `peer`, unless it is a trusted proxy that reports another.
///
/// `forwarded` has the values of `Forwarded` (RFC 7239), `x_forwarded_for` those of `X-Forwarded-For`, in line order.
/// If a hop is malformed, `unknown` or obfuscated, the hop that reported it counts: it is the last known one.
#[must_use]
pub fn client_address(
    peer: IpAddr,
    forwarded: &[&[u8]],
    x_forwarded_for: &[&[u8]],
    trusted: &TrustedProxies,
) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(peer) {
        return peer;
    }
    let by_standard = || client_address_in(Syntax::Elements, peer, forwarded, trusted);
    let by_custom = || client_address_in(Syntax::List, peer, x_forwarded_for, trusted);
    match (forwarded, x_forwarded_for) {
        ([], _) => by_custom(),
        (_, []) => by_standard(),
        _ => Some(by_standard()).filter(|address| *address == by_custom()).unwrap_or(peer),
    }
}

/// The client address by one header with these lines: `peer`, unless it is a trusted proxy that reports another.
#[must_use]
pub fn client_address_in(syntax: Syntax, peer: IpAddr, lines: &[&[u8]], trusted: &TrustedProxies) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(peer) {
        return peer;
    }
    match syntax {
        Syntax::Elements => walk(peer, from_the_right(lines, elements), trusted),
        Syntax::List => walk(peer, from_the_right(lines, listed), trusted),
        Syntax::Single => single(lines).unwrap_or(peer),
    }
}

fn single(lines: &[&[u8]]) -> Option<IpAddr> {
    let [line] = lines else { return None };
    let text = str::from_utf8(line).ok()?;
    address(text.trim_matches([' ', '\t'])).map(|address| address.to_canonical())
}

/// Follows hops while each is trusted. `None` is an unknown hop.
fn walk(peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>, trusted: &TrustedProxies) -> IpAddr {
    let mut known = peer;
    for hop in hops {
        let Some(address) = hop else { break };
        known = address.to_canonical();
        if !trusted.contains(known) {
            break;
        }
    }
    known
}

/// The hops of all lines, last first. Each line is parsed on its own, so none can swallow another.
fn from_the_right<'a>(
    lines: &'a [&'a [u8]],
    read: fn(&str) -> Vec<Option<IpAddr>>,
) -> impl Iterator<Item = Option<IpAddr>> + 'a {
    lines.iter().rev().flat_map(move |line| {
        let hops = str::from_utf8(line).map_or_else(|_| vec![None], read);
        hops.into_iter().rev()
    })
}

/// The hops of an `X-Forwarded-For`.
fn listed(line: &str) -> Vec<Option<IpAddr>> {
    line.split(',').map(|hop| address(hop.trim_matches([' ', '\t']))).collect()
}

/// The `for` of each element of a `Forwarded`. A line with a syntax error is one unknown hop: where an element ends
/// depends on everything left of it.
fn elements(line: &str) -> Vec<Option<IpAddr>> {
    let mut rest = line;
    let mut hops = Vec::new();
    loop {
        let Some((hop, after)) = element(rest) else { return vec![None] };
        hops.push(hop);
        match after {
            Some(after) => rest = after,
            None => return hops,
        }
    }
}

/// An element's `for` and the rest after its comma; `None` for a syntax error.
fn element(text: &str) -> Option<(Option<IpAddr>, Option<&str>)> {
    let mut rest = text;
    let mut node = None;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        // Empty elements and trailing semicolons are ignored.
        if !rest.is_empty() && !rest.starts_with([',', ';']) {
            let (name, after) = rest.split_once('=')?;
            let (value, after) = value(after)?;
            if !is_token(name) {
                return None;
            }
            if name.eq_ignore_ascii_case("for") && node.replace(value).is_some() {
                return None;
            }
            rest = after.trim_start_matches([' ', '\t']);
        }
        let mut characters = rest.chars();
        let end = characters.next();
        match end {
            None => return Some((node.and_then(|node| address(&node)), None)),
            Some(',') => return Some((node.and_then(|node| address(&node)), Some(characters.as_str()))),
            Some(';') => rest = characters.as_str(),
            Some(_) => return None,
        }
    }
}

/// A token or a quoted string (RFC 9110, section 5.6), and the rest.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ';', ' ', '\t']).unwrap_or(text.len());
        let (token, rest) = text.split_at_checked(end)?;
        return is_token(token).then(|| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            character => value.push(character),
        }
    }
}

/// RFC 9110, section 5.6.2; and the `:` and brackets of an address, which many proxies do not quote.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:[]".contains(&byte))
}

/// An address with optional brackets and port.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        return (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
            .then(|| address.parse().ok().map(IpAddr::V6))?;
    }
    let (address, port) = text.split_once(':')?;
    is_port(port).then(|| address.parse().ok().map(IpAddr::V4))?
}

/// A number or an obfuscated port (RFC 7239, section 6).
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(name) => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
        None => (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client(peer: &str, forwarded: &[&str], x_forwarded_for: &[&str]) -> String {
        let trusted: TrustedProxies = "10.0.0.0/8,fd00::/8".parse().expect("a list");
        let [forwarded, x_forwarded_for] =
            [forwarded, x_forwarded_for].map(|lines| lines.iter().map(|line| line.as_bytes()).collect::<Vec<_>>());
        client_address(peer.parse().expect("an address"), &forwarded, &x_forwarded_for, &trusted).to_string()
    }

    #[test]
    fn headers_of_untrusted_peers_are_ignored() {
        assert_eq!(client("192.0.2.1", &["for=198.51.100.1"], &["198.51.100.2"]), "192.0.2.1");
        assert_eq!(client("::ffff:192.0.2.1", &[], &["198.51.100.2"]), "192.0.2.1");
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_client() {
        for (lines, address) in [
            (&["198.51.100.2"][..], "198.51.100.2"),
            (&["203.0.113.9, 198.51.100.2"], "198.51.100.2"),
            (&["203.0.113.9", "198.51.100.2"], "198.51.100.2"),
            (&["203.0.113.9, 198.51.100.2, 10.0.0.7,10.9.9.9"], "198.51.100.2"),
            (&["203.0.113.9,198.51.100.2", " 10.0.0.7 "], "198.51.100.2"),
            (&["10.0.0.7"], "10.0.0.7"),
            (&["198.51.100.2:4711"], "198.51.100.2"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["::ffff:198.51.100.2"], "198.51.100.2"),
            (&["203.0.113.9, ::ffff:10.0.0.7"], "203.0.113.9"),
            (&["203.0.113.9, fd00::7"], "203.0.113.9"),
        ] {
            assert_eq!(client(PROXY, &[], lines), address, "{lines:?}");
        }
    }

    #[test]
    fn an_unreadable_hop_is_replaced_by_the_proxy_that_sent_it() {
        for lines in [
            &[""][..],
            &["unknown"],
            &["203.0.113.9, unknown"],
            &["203.0.113.9, "],
            &["203.0.113.9,,"],
            &["203.0.113.9 198.51.100.2"],
            &["203.0.113.9", ""],
            &["evil.example"],
            &["203.0.113.9:"],
            &["203.0.113.9:port"],
            &["203.0.113.9:123456"],
            &["203.0.113.9:80a"],
            &["203.0.113.9:_a b"],
            &["2001:db8::1]:80"],
            &["[203.0.113.9]"],
            &["fe80::1%eth0"],
            &["0x7f.1"],
            &["203.0.113.09"],
            &["\u{661}.1.1.1"],
        ] {
            assert_eq!(client(PROXY, &[], lines), PROXY, "{lines:?}");
        }
        assert_eq!(client(PROXY, &[], &["203.0.113.9, unknown, 10.0.0.7"]), "10.0.0.7");
        let trusted: TrustedProxies = PROXY.parse().expect("a list");
        let peer = PROXY.parse().expect("an address");
        assert_eq!(client_address(peer, &[], &[b"203.0.113.9", b"\xff"], &trusted), peer);
    }

    #[test]
    fn the_standard_header_is_parsed_as_of_rfc_7239() {
        for (lines, address) in [
            (&["for=198.51.100.2"][..], "198.51.100.2"),
            (&["For=\"198.51.100.2:4711\""], "198.51.100.2"),
            (&["for=198.51.100.2:4711"], "198.51.100.2"),
            (&["for=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (&["for=\"[2001:db8:cafe::17]:_hidden\""], "2001:db8:cafe::17"),
            (&["for=\"[2001:db8:cafe::17]\""], "2001:db8:cafe::17"),
            (&["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60"),
            (&["proto=http ; by=\"a, b; for=6.6.6.6\" ; for=192.0.2.60"], "192.0.2.60"),
            (&["for=203.0.113.9, for=198.51.100.2"], "198.51.100.2"),
            (&["for=203.0.113.9", "for=198.51.100.2"], "198.51.100.2"),
            (&["for=203.0.113.9, for=10.0.0.7;by=10.0.0.1"], "203.0.113.9"),
            (&["for=\"198.51.100\\.2\""], "198.51.100.2"),
            (&["for=203.0.113.9;;proto=https;"], "203.0.113.9"),
            (&["for=unknown"], PROXY),
            (&["for=_hidden"], PROXY),
            (&["for=203.0.113.9, for=_hidden"], PROXY),
            (&["for=203.0.113.9, by=10.0.0.1"], PROXY),
            (&["for=203.0.113.9, "], PROXY),
            (&["for=203.0.113.9;for=198.51.100.2"], PROXY),
            (&["for=\"203.0.113.9"], PROXY),
            (&["for=203.0.113.9 for=198.51.100.2"], PROXY),
            (&["for"], PROXY),
            (&["=203.0.113.9"], PROXY),
            (&["for=\"\""], PROXY),
            (&[""], PROXY),
        ] {
            assert_eq!(client(PROXY, lines, &[]), address, "{lines:?}");
        }
    }

    /// A client sends the start of a header that a proxy continues.
    #[test]
    fn text_on_the_left_cannot_change_the_entry_of_a_proxy_on_the_right() {
        for begin in ["for=6.6.6.6;x=\"", "for=\"", "for=6.6.6.6;x=\"\\", "\"", "for=6.6.6.6, \""] {
            for end in ["for=198.51.100.2", "for=\"[2001:db8::1]:80\"", "host=\";for=6.6.6.6;y=\";for=198.51.100.2"] {
                let found = client(PROXY, &[&format!("{begin}, {end}")], &[]);
                assert_eq!(found, PROXY, "{begin} {end}");
                assert_ne!(client(PROXY, &[begin, end], &[]), "6.6.6.6");
            }
        }
        assert_eq!(client(PROXY, &["for=\"", "for=198.51.100.2"], &[]), "198.51.100.2");
    }

    #[test]
    fn two_headers_that_disagree_are_both_ignored() {
        assert_eq!(client(PROXY, &["for=6.6.6.6"], &["198.51.100.2"]), PROXY);
        assert_eq!(client(PROXY, &["for=198.51.100.2"], &["6.6.6.6, 198.51.100.2"]), "198.51.100.2");
    }

    #[test]
    fn only_the_configured_header_is_used() {
        let trusted: TrustedProxies = "10.0.0.0/8".parse().expect("a list");
        let client = |syntax, peer: &str, lines: &[&str]| {
            let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
            client_address_in(syntax, peer.parse().expect("an address"), &lines, &trusted).to_string()
        };
        for (syntax, line) in
            [(Syntax::Elements, "for=198.51.100.2"), (Syntax::List, "198.51.100.2"), (Syntax::Single, "198.51.100.2")]
        {
            assert_eq!(client(syntax, PROXY, &[line]), "198.51.100.2");
            assert_eq!(client(syntax, "192.0.2.1", &[line]), "192.0.2.1", "not trusted");
            assert_eq!(client(syntax, PROXY, &[]), PROXY, "absent");
        }
        for (line, address) in [
            ("198.51.100.2:4711", "198.51.100.2"),
            (" ::ffff:198.51.100.2\t", "198.51.100.2"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            // A client in the proxies' own network.
            ("10.0.0.7", "10.0.0.7"),
            ("6.6.6.6, 198.51.100.2", PROXY),
            ("6.6.6.6 198.51.100.2", PROXY),
            ("for=198.51.100.2", PROXY),
            ("unknown", PROXY),
            ("", PROXY),
        ] {
            assert_eq!(client(Syntax::Single, PROXY, &[line]), address, "{line:?}");
        }
        for lines in [["6.6.6.6", "198.51.100.2"], ["198.51.100.2", "198.51.100.2"], ["198.51.100.2", ""]] {
            assert_eq!(client(Syntax::Single, PROXY, &lines), PROXY, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn the_last_hop_counts_for_any_text_on_the_left(left in "[ -~]{0,60}", lines in any::<bool>()) {
            let own = "198.51.100.2";
            let custom = if lines { vec![left.clone(), own.to_owned()] } else { vec![format!("{left},{own}")] };
            let custom: Vec<&str> = custom.iter().map(String::as_str).collect();
            prop_assert_eq!(client(PROXY, &[], &custom), own);
            let hop = format!("for={own}");
            prop_assert_eq!(client(PROXY, &[&left, &hop], &[]), own);
            let joined = client(PROXY, &[&format!("{left},{hop}")], &[]);
            prop_assert!(joined == own || joined == PROXY, "{}", joined);
        }

        #[test]
        fn parsing_any_bytes_never_panics(
            lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..4),
            others in proptest::collection::vec("[for=\"\\\\;, 0-9.:\\[\\]]{0,40}", 0..4),
        ) {
            let trusted: TrustedProxies = "0.0.0.0/0,::/0".parse().expect("a list");
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            let others: Vec<&[u8]> = others.iter().map(String::as_bytes).collect();
            let peer = PROXY.parse().expect("an address");
            let _ = client_address(peer, &lines, &others, &trusted);
            let _ = client_address(peer, &others, &lines, &trusted);
            let _ = client_address(peer, &others, &[], &trusted);
            for line in lines.iter().chain(&others) {
                let _ = client_address_in(Syntax::Single, peer, &[line], &trusted);
            }
        }
    }
}
