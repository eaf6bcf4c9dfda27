//! Trusted reverse proxies, and the client addresses they report.

use std::net::IpAddr;

use vestibule::{
    net::{address_header::Syntax, trusted_proxies::TrustedProxies},
    web::forwarded::{client_address, client_address_in},
};

use super::{QUICK, Target, lines, reached};

pub const PROXIES: Target = Target {
    name: "proxies",
    seeds: &[
        b"10.0.0.0/8\nfor=192.0.2.60;proto=http, for=10.1.1.1\n\nfor=1.2.3.4",
        b"10.0.0.0/8,fd00::/8\n\n203.0.113.195, 10.2.3.4\n1.2.3.4",
        b"10.0.0.1\nfor=\"[2001:db8:cafe::17]:4711\"\n2001:db8:cafe::17\nfor=\"",
        b"::ffff:10.0.0.0/104\nFor=\"_gazonk\"; By=unknown\n\n,,\"",
        b"0.0.0.0/0\nfor=\"\\1.2.3.4\"\n1.2.3.4:80, [::1]:1\n",
    ],
    max_time: QUICK,
    run: proxies,
};

/// Headers of untrusted peers are ignored. Elements written by the client, left of those of proxies, change nothing.
fn proxies(input: &[u8]) {
    let [list, forwarded, x_forwarded_for, written] = lines(input);
    let Ok(list) = std::str::from_utf8(list) else { return };
    let Ok(trusted) = list.parse::<TrustedProxies>() else { return };
    let proxy: IpAddr = "10.0.0.1".parse().expect("an address");
    for (by_standard, by_custom) in
        [(&[forwarded][..], &[][..]), (&[], &[x_forwarded_for]), (&[forwarded], &[x_forwarded_for])]
    {
        let address = |peer| client_address(peer, by_standard, by_custom, &trusted);
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().expect("an address");
        assert_eq!(address(proxy), address(mapped));
        assert_eq!(address(proxy), address(proxy).to_canonical());
        assert!(trusted.contains(proxy) || address(proxy) == proxy);
    }
    for syntax in [Syntax::Elements, Syntax::List, Syntax::Single] {
        let address = client_address_in(syntax, proxy, &[forwarded], &trusted);
        assert_eq!(address, address.to_canonical());
        assert!(trusted.contains(proxy) || address == proxy);
    }
    for is_standard in [true, false] {
        let address = |values: &[&[u8]]| {
            let (by_standard, by_custom) = if is_standard { (values, &[][..]) } else { (&[][..], values) };
            client_address(proxy, by_standard, by_custom, &trusted)
        };
        let by_proxies = if is_standard { forwarded } else { x_forwarded_for };
        let known = address(&[by_proxies]);
        if trusted.contains(known) {
            continue;
        }
        assert_eq!(address(&[written, by_proxies]), known, "in a line before");
        if known != proxy {
            reached("a client behind a proxy");
        }
        let joined = [written, b", ", by_proxies].concat();
        // The elements of an invalid line are ambiguous: the proxy's address is used.
        assert!([known, proxy].contains(&address(&[&joined])), "in the same line");
    }
}
