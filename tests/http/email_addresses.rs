//! Email addresses: validation and equality.

use rstest::rstest;
use serde_json::json;

use crate::support::{Backend, GOOD, Server};
use Backend::{Postgres, Sqlite};

/// Both databases store the same form of an address, or refuse it for the same reason.
#[rstest]
#[tokio::test]
async fn both_databases_validate_addresses_equally(#[values(Sqlite, Postgres)] backend: Backend) {
    const FORMAT: &str = "Enter an email address in the correct format, like name@example.com.";
    const TAKEN: &str = "Email already registered";
    let server = Server::start(backend);
    for (address, expected) in [
        ("mike@example.org", Ok("mike@example.org")),
        ("MIKE@example.org", Err(TAKEN)),
        (" mike@example.org ", Err(TAKEN)),
        ("mike@EXAMPLE.ORG", Err(TAKEN)),
        ("mike@\u{ff45}xample.org", Err(TAKEN)),
        ("mike@example\u{3002}org", Err(TAKEN)),
        ("mike@example.org.", Err(FORMAT)),
        // Letters that look alike are different letters.
        ("m\u{131}ke@example.org", Ok("m\u{131}ke@example.org")),
        ("mi\u{212a}e@example.org", Ok("mi\u{212a}e@example.org")),
        ("mi\u{17f}e@example.org", Ok("mi\u{17f}e@example.org")),
        ("\u{ff4d}ike@example.org", Ok("\u{ff4d}ike@example.org")),
        ("mike+tag@example.org", Ok("mike+tag@example.org")),
        ("m.ike@example.org", Ok("m.ike@example.org")),
        ("straße@example.org", Ok("straße@example.org")),
        ("strasse@example.org", Ok("strasse@example.org")),
        ("STRASSE@example.org", Err(TAKEN)),
        ("É@example.org", Ok("É@example.org")),
        ("é@example.org", Ok("é@example.org")),
        ("ΣΑΣ@example.org", Ok("ΣΑΣ@example.org")),
        ("σας@example.org", Ok("σας@example.org")),
        ("İ@example.org", Ok("İ@example.org")),
        ("\u{fb01}sh@example.org", Ok("\u{fb01}sh@example.org")),
        ("fish@example.org", Ok("fish@example.org")),
        ("日本@example.org", Ok("日本@example.org")),
        ("a@straße.de", Ok("a@xn--strae-oqa.de")),
        ("a@xn--strae-oqa.de", Err(TAKEN)),
        ("a@strasse.de", Ok("a@strasse.de")),
        ("a@日本.jp", Ok("a@xn--wgv71a.jp")),
        ("a@xn--wgv71a.jp", Err(TAKEN)),
        ("a@münchen.de", Ok("a@xn--mnchen-3ya.de")),
        ("A@MÜNCHEN.de", Err(TAKEN)),
        ("a'or'1'='1@example.org", Ok("a'or'1'='1@example.org")),
        ("a%@example.org", Ok("a%@example.org")),
        ("a_@example.org", Ok("a_@example.org")),
        ("ab@example.org", Ok("ab@example.org")),
        ("{a}@example.org", Ok("{a}@example.org")),
        ("-oQ/x@example.org", Ok("-oq/x@example.org")),
        ("=1+1@example.org", Ok("=1+1@example.org")),
        ("a\u{0}@example.org", Err(FORMAT)),
        ("a\u{200d}b@example.org", Err(FORMAT)),
        ("a@b", Err(FORMAT)),
        ("a@1.2.3.4", Err(FORMAT)),
        ("a@[1.2.3.4]", Err(FORMAT)),
        ("\"a b\"@example.org", Err(FORMAT)),
        ("a@example.123", Err(FORMAT)),
        ("a@ex_ample.org", Err(FORMAT)),
        ("a@-example.org", Err(FORMAT)),
    ] {
        let answer = server.post_json("/register", &json!({"email": address, "password": GOOD})).await;
        let body = answer.json();
        let found = match answer.status {
            201 => Ok(body["email"].as_str().expect("an address")),
            status => {
                assert_eq!(status, 400, "{address:?}");
                Err(body["detail"].as_str().expect("a text"))
            }
        };
        assert_eq!(found, expected, "{address:?}");
    }
}
