//! The redirect target after login: only a path of this host.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

/// Longest path accepted, in bytes.
const MAX_BYTES: usize = 2048;
/// The default target.
pub const HOME: &str = "/account";
/// Characters escaped in a query value.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>');

/// The path, if it stays on this host in every browser.
///
/// Browsers treat `\` as `/` and drop tabs and line breaks, so these are rejected.
#[must_use]
pub fn local(next: &str) -> Option<&str> {
    const BASE: &str = "http://vestibule.invalid/";
    let is_plain = next.len() <= MAX_BYTES && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_path = next.starts_with('/') && !next.starts_with("//");
    if !is_plain || !is_path {
        return None;
    }
    let base = Url::parse(BASE).ok()?;
    let stays = base.join(next).is_ok_and(|url| url.origin() == base.origin() && !url.path().starts_with("//"));
    stays.then_some(next)
}

/// The login URL that redirects to this path.
#[must_use]
pub fn login(next: &str) -> String {
    match local(next) {
        Some(next) => format!("/login?next={}", utf8_percent_encode(next, QUERY)),
        None => "/login".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_host_are_followed() {
        for next in
            ["/", "/account", "/account#password", "/app/?a=b&c=%20d", "/view/?param=http://example.com", "/a//b"]
        {
            assert_eq!(local(next), Some(next));
        }
        assert_eq!(login("/app/?a=b&c=%20d#e"), "/login?next=/app/?a=b%26c=%2520d%23e");
    }

    /// From Django's `URLHasAllowedHostAndSchemeTests`, and what browsers tolerate.
    #[test]
    fn anything_else_is_refused() {
        for next in [
            "",
            "http://example.com",
            "http:///example.com",
            "https://example.com",
            "ftp://example.com",
            r"\\example.com",
            r"\\\example.com",
            r"/\\/example.com",
            r"\\\example.com",
            r"\\example.com",
            r"\\//example.com",
            r"/\/example.com",
            r"\/example.com",
            r"/\example.com",
            "http:///example.com",
            r"http:/\//example.com",
            r"http:\/example.com",
            r"http:/\example.com",
            r#"javascript:alert("XSS")"#,
            "\njavascript:alert(x)",
            "java\nscript:alert(x)",
            "\x08//example.com",
            r"http://otherserver\@example.com",
            r"http:\\testserver\@example.com",
            r"http://testserver\me:pass@example.com",
            r"http://testserver\@example.com",
            r"http:\\testserver\confirm\me@example.com",
            "http:999999999",
            "ftp:9999999999",
            "\n",
            "http://[2001:cdba:0000:0000:0000:0000:3257:9652/",
            "http://2001:cdba:0:0:0:0:3257:9652]/",
            "//example.com",
            "///example.com",
            "/\t/example.com",
            "\t//example.com",
            "/\n/example.com",
            "account",
            "/..//example.com",
            "/.//example.com",
            "/a\r\nSet-Cookie:a=b",
            "/ü",
            "/a b",
            "https:evil",
            "//evil.com/..",
            &format!("/{}", "a".repeat(10_000)),
        ] {
            assert_eq!(local(next), None, "{next:?}");
            assert_eq!(login(next), "/login");
        }
    }
}
