//! URLs: the target after a login, and the query.

use poem::{
    Request,
    http::{HeaderValue, Uri},
};
use url::{Url, form_urlencoded};
use vestibule::{
    views::language::Language,
    web::{language, next, query},
};

use super::{QUICK, Target, reached};

pub const NEXT: Target = Target {
    name: "next",
    seeds: &[
        b"/account",
        b"/app/?a=b&c=%20d#e",
        b"//evil.example",
        b"/\\evil.example",
        b"/..//evil.example",
        b"/%2e%2e//evil.example",
        b"/\t/evil.example",
        b"https:evil.example",
        b"/@evil.example:80/a;b",
        b"/%0d%0aSet-Cookie:a=b",
    ],
    max_time: QUICK,
    run: next,
};

pub const QUERY: Target = Target {
    name: "query",
    seeds: &[
        b"/login?next=/account",
        b"/verify-email?token=abc&lang=de",
        b"/?lang=pt-BR&lang=de&token=%ff%00",
        b"/?token&token=+&=x",
        b"/_gallery/register?lang=ar",
    ],
    max_time: QUICK,
    run: query,
};

/// An accepted target stays on the origin by the rules of browsers and is a valid header value.
fn next(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let login = next::login(text);
    assert!(HeaderValue::from_str(&login).is_ok(), "{login:?}");
    let Some(path) = next::local(text) else {
        assert_eq!(login, "/login");
        return;
    };
    reached("a path that is followed");
    assert_eq!(path, text);
    assert!(HeaderValue::from_str(path).is_ok());
    for base in ["http://localhost:8000/login", "https://accounts.example.com/login?next=/a#b"] {
        let base = Url::parse(base).expect("a URL");
        let target = base.join(path).expect("a path");
        assert_eq!(target.origin(), base.origin());
        assert!(target.username().is_empty() && target.password().is_none());
        // The path may be joined to an origin again.
        assert!(base.join(target.path()).is_ok_and(|again| again.origin() == base.origin()), "{target}");
    }
    let (_, value) = form_urlencoded::parse(login.as_bytes()).next().expect("a pair");
    assert_eq!(value, path, "{login}");
}

fn query(input: &[u8]) {
    let Ok(uri) = Uri::try_from(input) else { return };
    let request = Request::builder().uri(uri.clone()).finish();
    for name in ["next", "token", "email", ""] {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let mut values = pairs.filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value);
        assert_eq!(query::value(&request, name), values.next().map(String::from));
    }
    let offered = [Language::German, Language::Arabic];
    if let Some(language) = language::linked(&request, &offered) {
        reached("a language of a link");
        assert!(offered.contains(&language) && uri.query().is_some_and(|query| query.contains("lang=")));
    }
}
