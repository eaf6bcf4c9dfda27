//! The network that a request counts for.

use crate::support::{Backend, GOOD, Server, server};
use Backend::{Postgres, Sqlite};
use rstest::rstest;

use super::{count, credentials, limited, stopped_clock};

#[rstest]
#[tokio::test]
async fn address_headers_of_untrusted_clients_are_ignored(#[values(Sqlite, Postgres)] backend: Backend) {
    let clock = stopped_clock();
    let server = limited(backend, &clock.with(&[]));
    let mut answers = Vec::new();
    for number in 0..200 {
        let [one, two] = [format!("198.51.{}.{}", number % 7, number), format!("203.0.{number}.1")];
        let three = format!("for=192.0.2.{number}");
        let headers = [
            ("content-type", "application/json"),
            ("x-forwarded-for", one.as_str()),
            ("x-real-ip", &two),
            ("x_forwarded_for", &two),
            ("x_real_ip", &two),
            ("true-client-ip", &two),
            ("cf-connecting-ip", &two),
            ("client-ip", &two),
            ("forwarded", &three),
        ];
        let body = credentials(&format!("p{number}@example.com"), GOOD).to_string();
        answers.push(server.send("POST", "/login", &headers, body).await);
    }
    assert_eq!((count(&answers, 401), count(&answers, 429)), (100, 100));
    assert_eq!(server.database.texts("SELECT DISTINCT peer AS t FROM audit_log"), ["127.0.0.1"]);
}

#[rstest]
#[tokio::test]
async fn behind_a_trusted_proxy_the_rightmost_hop_counts(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = limited(backend, &[("TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8"), ("RATE_LIMIT_LOGIN", "2/hour")]);
    let mut number = 0;
    let mut is_let_through = async |headers: &[(&str, &str)]| {
        number += 1;
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        let body = credentials(&format!("p{number}@example.com"), GOOD).to_string();
        server.send("POST", "/login", &all, body).await.status == 401
    };
    // Hops further left are ignored.
    for (hops, passes) in
        [("6.6.6.6, 198.51.100.1", true), ("7.7.7.7,198.51.100.1, 10.0.0.9", true), ("8.8.8.8, 198.51.100.1", false)]
    {
        assert_eq!(is_let_through(&[("x-forwarded-for", hops)]).await, passes, "{hops}");
    }
    // Repeated headers are one list; the other header is equivalent.
    assert!(!is_let_through(&[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")]).await);
    assert!(!is_let_through(&[("forwarded", "for=6.6.6.6, for=\"198.51.100.1:4711\";proto=https")]).await);
    assert!(!is_let_through(&[("x-real-ip", "9.9.9.9"), ("x-forwarded-for", "198.51.100.1")]).await);
    assert!(!is_let_through(&[("x-forwarded-for", "::ffff:198.51.100.1")]).await);
    // An IPv6 /64 is one network.
    for (hop, passes) in [
        ("2001:db8:1:2::1", true),
        ("2001:db8:1:2:ffff::", true),
        ("2001:db8:1:2::3", false),
        ("2001:db8:1:3::1", true),
    ] {
        assert_eq!(is_let_through(&[("x-forwarded-for", hop)]).await, passes, "{hop}");
    }
    // Unreadable and disagreeing headers count for the proxy's own address.
    for (header, passes) in [
        (("x-forwarded-for", "unknown"), true),
        (("forwarded", "for=_hidden"), true),
        (("x-forwarded-for", "6.6.6.6, x"), false),
    ] {
        assert_eq!(is_let_through(&[header]).await, passes, "{header:?}");
    }
    assert!(!is_let_through(&[("forwarded", "for=5.5.5.5"), ("x-forwarded-for", "5.5.5.6")]).await);
    let peers = server.database.texts("SELECT DISTINCT peer AS t FROM audit_log ORDER BY 1");
    assert_eq!(peers, ["127.0.0.1", "198.51.100.1", "2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:3::1"]);
}

/// If the operator has named a header, the others are ignored. Headers count from trusted proxies only.
#[rstest]
#[tokio::test]
async fn only_the_configured_address_header_counts(#[values(Sqlite, Postgres)] backend: Backend) {
    const LISTED: &str = "198.51.100.1";
    let disagreeing: &[(&str, &str)] =
        &[("forwarded", "for=198.51.100.2"), ("x-forwarded-for", LISTED), ("x-real-ip", "198.51.100.3")];
    let agreeing: &[(&str, &str)] = &[("forwarded", "for=198.51.100.1"), ("x-forwarded-for", LISTED)];
    let twice: &[(&str, &str)] = &[("x-real-ip", "198.51.100.3"), ("x-real-ip", "198.51.100.4")];
    let listed: &[(&str, &str)] = &[("x-real-ip", "6.6.6.6, 198.51.100.3")];
    let garbage: &[(&str, &str)] = &[("x-real-ip", "owner"), ("x-forwarded-for", LISTED)];
    let lines: &[(&str, &str)] = &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", LISTED)];
    for (proxies, name, cases) in [
        ("127.0.0.1", "", &[(disagreeing, "127.0.0.1"), (agreeing, LISTED), (twice, "127.0.0.1")][..]),
        ("127.0.0.1", "X-Forwarded-For", &[(disagreeing, LISTED), (lines, LISTED), (listed, "127.0.0.1")]),
        ("127.0.0.1", "forwarded", &[(disagreeing, "198.51.100.2"), (lines, "127.0.0.1")]),
        (
            "127.0.0.1",
            "X-Real-IP",
            &[
                (disagreeing, "198.51.100.3"),
                (agreeing, "127.0.0.1"),
                (twice, "127.0.0.1"),
                (listed, "127.0.0.1"),
                (garbage, "127.0.0.1"),
            ],
        ),
        ("192.0.2.1", "X-Real-IP", &[(disagreeing, "127.0.0.1")]),
    ] {
        let server = limited(backend, &[("TRUSTED_PROXIES", proxies), ("CLIENT_ADDRESS_HEADER", name)]);
        for (number, (headers, client)) in cases.iter().enumerate() {
            let identifier = format!("p{number}@example.com");
            let all = [&[("content-type", "application/json")][..], *headers].concat();
            let answer = server.send("POST", "/login", &all, credentials(&identifier, GOOD).to_string()).await;
            assert_eq!(answer.status, 401);
            let newest = server.database.texts("SELECT peer AS t FROM audit_log ORDER BY id DESC LIMIT 1");
            assert_eq!(newest, [*client], "{name}: {headers:?}");
        }
    }
}

#[test]
fn a_configured_address_header_requires_trusted_proxies() {
    for proxies in ["", ","] {
        let settings = [("CLIENT_ADDRESS_HEADER", "X-Real-IP"), ("TRUSTED_PROXIES", proxies)];
        let output = server::command("sqlite://x", &settings).output().expect("vestibule");
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(
            (output.status.code(), error.as_str()),
            (
                Some(2),
                "vestibule: CLIENT_ADDRESS_HEADER: it counts from TRUSTED_PROXIES only; set that to the address of the \
                 reverse proxy too\n"
            )
        );
    }
}

/// The missing setting is logged once; clients cannot fill the log with it.
#[rstest]
#[tokio::test]
async fn an_untrusted_proxy_is_logged_once(#[values(Sqlite, Postgres)] backend: Backend) {
    const WORDS: &str = "reverse proxy header from a peer not in TRUSTED_PROXIES";
    let warnings = |server: &Server| server.log().lines().filter(|line| line.contains(WORDS)).count();
    for header in
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-uri", "x-real-ip"]
    {
        // The default, which is production.
        let server = Server::start_with(backend, &[("ENVIRONMENT", ""), ("RATE_LIMITS", ""), ("BCRYPT_COST", "10")]);
        server.get("/register").await;
        assert_eq!(warnings(&server), 0, "{header}");
        for _ in 0..20 {
            assert_eq!(server.send("GET", "/register", &[(header, "198.51.100.1")], "").await.status, 200);
        }
        let log = server.log_with(WORDS).await;
        assert_eq!(warnings(&server), 1, "{header}: {log}");
        for words in ["WARN", "peer=127.0.0.1", header, "TRUSTED_PROXIES=127.0.0.1"] {
            assert!(log.lines().any(|line| line.contains(WORDS) && line.contains(words)), "{words}: {log}");
        }
        assert!(!log.contains("198.51.100.1"), "{log}");
    }
    let server = limited(backend, &[("TRUSTED_PROXIES", "127.0.0.0/8")]);
    assert_eq!(server.send("GET", "/register", &[("x-forwarded-for", "198.51.100.1")], "").await.status, 200);
    assert_eq!(warnings(&server), 0);
}
