//! Who counts as one network.

use rstest::rstest;

use super::{count, credentials, limited, stopped_clock};
use crate::support::{Backend, GOOD};
use Backend::{Postgres, Sqlite};

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
