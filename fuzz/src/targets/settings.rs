//! Input of operators: URLs, style sheets and texts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use url::Url;
use vestibule::{
    appearance::{
        colour::Colour,
        custom::{stylesheet, wording},
    },
    config::parse_public_url,
    mail::{Sender, SmtpUrl},
    store::DatabaseUrl,
    views::{
        language::Language,
        texts::{EMBEDDED, TextFile},
    },
};

use super::{QUICK, SLOW, Target, reached};

pub const URLS: Target = Target {
    name: "urls",
    seeds: &[
        b"sqlite://vestibule.db",
        b"postgres://user:s3cret-w0rd@db.example.com:5432/name?sslmode=require",
        b"postgresql://%75ser:%2570w@[::1]/a%20b",
        b"smtp://user:s3cret-w0rd@mail.example.com:587",
        b"smtps://u%40d:p%3a@mail.example.com?tls=required",
        b"smtps://u%4xyz%080il.ex%1Fmqle.com?tls=required",
        b"https://accounts.example.com",
        b"http://a:b@[::1]:80/#",
        b"Example <accounts@example.com>",
        b"#1f5f5b",
    ],
    max_time: QUICK,
    run: urls,
};

pub const STYLESHEET: Target = Target {
    name: "stylesheet",
    seeds: &[
        b":root { --accent: #123456; } a:hover { color: var(--accent) }",
        b"body { background: url(logo.png) } @media (width > 1px) { b { c: d } }",
        b"a { b: \"\\\"; c: url( 'logo.png' ) } /* } */ </style>",
        b"@import \"x\"; }}} ((( [ {",
    ],
    max_time: SLOW,
    run: style_sheet,
};

pub const TEXTS: Target = Target {
    name: "texts",
    seeds: &[
        b"register-title = Come in, { $brand }\n    .label = x\n",
        b"a = { $n ->\n    [one] one\n   *[other] { $n } of them\n }\n",
        b"a = { a }\nb = { FUNCTION(x: 1) }\n-term = { { { } } }\n### c\n",
    ],
    max_time: SLOW,
    run: texts,
};

/// An accepted value can be parsed from its own output, which never contains the password.
fn urls(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(url) = DatabaseUrl::parse(text) {
        let shown = url.to_string();
        assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
        match &url {
            DatabaseUrl::Sqlite(_) => {
                reached("the URL of SQLite");
                assert_eq!(shown, text);
            }
            DatabaseUrl::Postgres(servers) => {
                reached("the URL of PostgreSQL");
                let (_, rest) = shown.split_once("://").expect("a scheme");
                let hosts = rest.split('/').next().unwrap_or_default();
                assert_eq!(hosts.split(',').count(), servers.count(), "{shown}");
                assert!(!hosts.contains('@'), "{shown}");
            }
        }
    }
    if let Ok(url) = SmtpUrl::parse(text) {
        reached("the URL of a mail server");
        let shown = format!("{url:?}");
        assert!(shown.starts_with("SmtpUrl(") && !shown.contains(['@', '%']), "{shown}");
        let given = Url::parse(text).expect("a URL");
        let secret = given.password().filter(|password| password.len() > 8);
        assert!(
            secret
                .is_none_or(|secret| !shown.contains(secret) || given.host_str().unwrap_or_default().contains(secret))
        );
    }
    if let Ok(url) = parse_public_url(text) {
        reached("an origin");
        assert_eq!(url.as_str().strip_suffix('/'), Some(url.origin().ascii_serialization().as_str()));
        assert_eq!(parse_public_url(url.as_str()), Ok(url));
    }
    if let Ok(colour) = text.parse::<Colour>() {
        reached("a colour");
        assert_eq!(colour.to_string().parse(), Ok(colour));
    }
    let _ = text.parse::<Sender>();
}

/// An accepted style sheet cannot end its element and has every given property.
fn style_sheet(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let urls = BTreeMap::from([("logo.png".to_owned(), "/static/custom/0123/logo.png".to_owned())]);
    let properties = BTreeSet::from(["--ground".to_owned()]);
    let Ok(checked) = stylesheet::check(&text, &urls, &properties) else { return };
    reached("a style sheet");
    assert!(!checked.text.contains("</") && !checked.text.contains('\0') && !checked.text.contains('\r'));
    assert!(properties.is_subset(&checked.properties));
}

fn texts(input: &[u8]) {
    static OFFERED: LazyLock<wording::Offered> = LazyLock::new(|| wording::Offered::by(&[file(EMBEDDED[0].1)]));
    fn file(text: &str) -> TextFile {
        TextFile { language: Language::English, path: "en.ftl".to_owned(), text: text.to_owned() }
    }
    let file = file(&String::from_utf8_lossy(input));
    for problem in wording::check(&file, &OFFERED, true) {
        reached("a problem of a text");
        assert!(problem.line >= 1 && problem.line <= file.text.lines().count().max(1), "{}", problem.advice);
    }
}
