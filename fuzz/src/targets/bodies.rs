//! Bodies: their type and members.

use poem::http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};
use url::form_urlencoded;
use vestibule::web::{
    body_members::Members,
    error::AppError,
    submission::{Kind, kind},
};

use super::{QUICK, Target, lines, reached};

pub const FORM: Target = Target {
    name: "form",
    seeds: &[
        b"email=ada%40example.com&password=correct-horse-battery&full_name=Ada+Lovelace",
        b"a=1&a=2",
        b"&&=&a&b=c=d&%61=%",
        b"a=%ff%fe&b=\xff",
        b"%00=%0a&email[]=x",
        b"f==\xca%aemafw",
    ],
    max_time: QUICK,
    run: form,
};

pub const JSON: Target = Target {
    name: "json",
    seeds: &[
        br#"{"email":"ada@example.com","password":"correct-horse-battery","full_name":null}"#,
        br#"{"a":1,"a":2}"#,
        br#"{"\u0061":1,"a":[{"b":{}}],"c":-1.5e300,"d":true}"#,
        br#"{"a":"\ud800","b":"\ud83d\ude00"}"#,
        br#"[{"a":"b"}]"#,
        br#"{"a":[[[[[[[[]]]]]]]]}"#,
    ],
    max_time: QUICK,
    run: json,
};

pub const KIND: Target = Target {
    name: "kind",
    seeds: &[
        b"application/json\nidentity",
        b"application/json; charset=\"utf-8\"",
        b"Application/X-WWW-Form-URLencoded;charset=UTF-8\n",
        b"application/json;charset=latin1\ngzip",
        b"text/plain;application/json",
    ],
    max_time: QUICK,
    run: content_type,
};

/// The members are those of the URL standard's parser; replaced characters and repeated members are errors.
fn form(input: &[u8]) {
    let standard: Vec<(String, String)> = form_urlencoded::parse(input).into_owned().collect();
    match Members::from_form(input) {
        Ok(members) => {
            reached("a form");
            let read: Vec<(&str, &str)> =
                members.iter().map(|(name, value)| (name, value.as_str().expect("a text"))).collect();
            let expected: Vec<(&str, &str)> =
                standard.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(read, expected);
        }
        Err(AppError::MalformedBody(message)) if message.key == "body-member-twice" => {
            let mut names: Vec<&str> = standard.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            assert!(names.windows(2).any(|pair| pair[0] == pair[1]));
        }
        Err(AppError::MalformedBody(message)) => {
            assert_eq!(message.key, "body-not-utf8");
            // Invalid UTF-8 may become valid by splitting and decoding, but was not sent as UTF-8.
            let is_replaced = standard.iter().any(|(name, value)| format!("{name}{value}").contains('\u{fffd}'));
            assert!(is_replaced || std::str::from_utf8(input).is_err());
        }
        Err(error) => panic!("{error}"),
    }
}

/// The members are those of `serde_json`, none repeated.
fn json(input: &[u8]) {
    match (Members::from_json(input), serde_json::from_slice::<Value>(input)) {
        (Ok(mut members), Ok(Value::Object(expected))) => {
            reached("an object of JSON");
            let pairs = members.iter().map(|(name, value)| (name.to_owned(), value.clone()));
            let read: Vec<(String, Value)> = pairs.collect();
            assert_eq!(read.len(), expected.len());
            assert_eq!(read.into_iter().collect::<Map<String, Value>>(), expected);
            for (name, value) in &expected {
                assert!(members.has(name));
                assert_eq!(members.take(name).as_ref(), Some(value));
                assert!(!members.has(name));
            }
        }
        (Err(AppError::MalformedBody(message)), standard) => {
            let is_object = standard.is_ok_and(|value| value.is_object());
            assert!(!is_object || message.key == "body-member-twice", "{}", message.key);
        }
        (read, standard) => panic!("{read:?}, but {standard:?}"),
    }
}

/// An accepted body has a supported type, no compression and no other character set.
fn content_type(input: &[u8]) {
    let [content_type, coding] = lines(input);
    let mut headers = HeaderMap::new();
    let Ok(value) = HeaderValue::from_bytes(content_type) else { return };
    headers.insert(header::CONTENT_TYPE, value);
    if !coding.is_empty() {
        let Ok(value) = HeaderValue::from_bytes(coding) else { return };
        headers.insert(header::CONTENT_ENCODING, value);
    }
    let Ok(kind) = kind(&headers) else { return };
    reached("a kind of body");
    assert!(coding.is_empty() || coding == b"identity");
    let text = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let expected = if kind == Kind::Json { "application/json" } else { "application/x-www-form-urlencoded" };
    assert_eq!(essence, expected);
    for charset in text.split(';').filter_map(|part| part.trim().strip_prefix("charset=")) {
        assert_eq!(charset.trim_matches('"'), "utf-8");
    }
    headers.append(header::CONTENT_TYPE, HeaderValue::from_static(expected));
    assert!(vestibule::web::submission::kind(&headers).is_err(), "two types are ambiguous");
}
