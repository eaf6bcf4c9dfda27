//! Who counts as one network.

use crate::support::{Backend, GOOD, Server, server};
use Backend::{Postgres, Sqlite};
use rstest::rstest;

use super::{count, credentials, limited, stopped_clock};

#[rstest]
#[tokio::test]
async fn what_a_client_says_of_itself_changes_nothing(#[values(Sqlite, Postgres)] backend: Backend) {
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
    // Whatever stands further left.
    for (hops, passes) in
        [("6.6.6.6, 198.51.100.1", true), ("7.7.7.7,198.51.100.1, 10.0.0.9", true), ("8.8.8.8, 198.51.100.1", false)]
    {
        assert_eq!(is_let_through(&[("x-forwarded-for", hops)]).await, passes, "{hops}");
    }
    // Several lines are one; the other header says the same.
    assert!(!is_let_through(&[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")]).await);
    assert!(!is_let_through(&[("forwarded", "for=6.6.6.6, for=\"198.51.100.1:4711\";proto=https")]).await);
    assert!(!is_let_through(&[("x-real-ip", "9.9.9.9"), ("x-forwarded-for", "198.51.100.1")]).await);
    assert!(!is_let_through(&[("x-forwarded-for", "::ffff:198.51.100.1")]).await);
    // An IPv6 network is one.
    for (hop, passes) in [
        ("2001:db8:1:2::1", true),
        ("2001:db8:1:2:ffff::", true),
        ("2001:db8:1:2::3", false),
        ("2001:db8:1:3::1", true),
    ] {
        assert_eq!(is_let_through(&[("x-forwarded-for", hop)]).await, passes, "{hop}");
    }
    // What cannot be read is the proxy's own, and so is what two headers do not agree about.
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

/// Where the operator has named a header, the others say nothing, and nobody but trusted proxies says anything.
#[rstest]
#[tokio::test]
async fn the_header_that_the_operator_named_counts(#[values(Sqlite, Postgres)] backend: Backend) {
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
fn a_named_header_needs_somebody_who_is_trusted_to_write_it() {
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

/// Whoever follows a recipe without the setting is told once what to set; nobody fills the log with it.
#[rstest]
#[tokio::test]
async fn a_proxy_that_nobody_named_is_told_of_once(#[values(Sqlite, Postgres)] backend: Backend) {
    const WORDS: &str = "reverse proxy header from a peer not in TRUSTED_PROXIES";
    let told = |server: &Server| server.log().lines().filter(|line| line.contains(WORDS)).count();
    for header in
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-uri", "x-real-ip"]
    {
        // The default, which is production.
        let server = Server::start_with(backend, &[("ENVIRONMENT", ""), ("RATE_LIMITS", ""), ("BCRYPT_COST", "10")]);
        server.get("/register").await;
        assert_eq!(told(&server), 0, "{header}");
        for _ in 0..20 {
            assert_eq!(server.send("GET", "/register", &[(header, "198.51.100.1")], "").await.status, 200);
        }
        let log = server.log_with(WORDS).await;
        assert_eq!(told(&server), 1, "{header}: {log}");
        for words in ["WARN", "peer=127.0.0.1", header, "TRUSTED_PROXIES=127.0.0.1"] {
            assert!(log.lines().any(|line| line.contains(WORDS) && line.contains(words)), "{words}: {log}");
        }
        assert!(!log.contains("198.51.100.1"), "{log}");
    }
    let server = limited(backend, &[("TRUSTED_PROXIES", "127.0.0.0/8")]);
    assert_eq!(server.send("GET", "/register", &[("x-forwarded-for", "198.51.100.1")], "").await.status, 200);
    assert_eq!(told(&server), 0);
}
