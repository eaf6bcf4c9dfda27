//! The complete security headers of every response: what a browser may do must not depend on the route or the status.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::Regex;
use rstest::rstest;
use sha2::{Digest as _, Sha256};

use crate::support::{
    ADA, Answer, BETTER, Backend, Browser, GOOD, METRICS, Mailbox, Server,
    server::{BROWSER, form},
};
use Backend::{Postgres, Sqlite};

mod routes;

/// On every response.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];
/// On every response if `PUBLIC_URL` is https.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Headers without effect on security; a header that is neither here nor expected is a difference.
const OTHERS: &[&str] = &[
    "allow",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "connection",
    "date",
    "etag",
    "location",
    "retry-after",
    "set-cookie",
    "transfer-encoding",
    "vary",
    "www-authenticate",
    "x-request-id",
    "x-user-email",
    "x-user-id",
];

/// Values of `Cache-Control`.
const NEVER: &str = "no-store";
const HISTORY: &str = "private, no-cache";
const A_WHILE: &str = "public, max-age=300";
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The policies of the gallery: of its own pages, and of the pages in its frames.
const GALLERY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; \
                       img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const GALLERY_FRAME: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; \
                             connect-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'none'; \
                             base-uri 'none'; frame-ancestors 'self'";

/// The headers of every response of a server, without `Cache-Control`.
struct Expected(BTreeMap<String, String>);

impl Expected {
    /// With the policy that allows the one style sheet of this page.
    fn like(page: &Answer, is_https: bool) -> Self {
        let style = STANDARD.encode(Sha256::digest(page.page(200).raw_text("style").as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; script-src 'self'; img-src 'self' data:; font-src 'self' \
             data:; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
        );
        let mut all: Vec<(&str, &str)> = ALWAYS.to_vec();
        all.push(("content-security-policy", &policy));
        all.extend(is_https.then_some(("strict-transport-security", HSTS)));
        Self(all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The differences of a response; `others` replace or add expected headers.
    fn faults(&self, what: &str, answer: &Answer, wanted: (u16, &str), others: &[(&str, &str)]) -> Vec<String> {
        let (status, cache) = wanted;
        let mut expected = self.0.clone();
        for (name, value) in [("cache-control", cache)].iter().chain(others) {
            expected.insert((*name).to_owned(), (*value).to_owned());
        }
        let mut real: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in answer.headers.iter().filter(|(name, _)| !OTHERS.contains(&name.as_str())) {
            let value = value.to_str().expect("text");
            real.entry(name.to_string())
                .and_modify(|all| *all = format!("{all}, and again {value}"))
                .or_insert_with(|| value.to_owned());
        }
        let names: BTreeSet<&String> = expected.keys().chain(real.keys()).collect();
        let different = names.into_iter().filter(|name| expected.get(*name) != real.get(*name));
        let mut faults: Vec<String> = different
            .map(|name| format!("{what}: {name} is {:?}, not {:?}", real.get(name), expected.get(name)))
            .collect();
        if answer.status != status {
            faults.push(format!("{what}: {}, not {status}", answer.status));
        }
        if answer.header("x-request-id").len() != 32 {
            faults.push(format!("{what}: x-request-id is {:?}", answer.header("x-request-id")));
        }
        faults
    }
}

/// Prints each difference on its own line.
#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults.join("\n"));
}

/// The methods of each pattern in the program's routes: `.at("…", Resource::new().get(…).post(…))`.
fn table() -> BTreeSet<(String, String)> {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes.rs")).expect("the routes");
    assert!(!source.contains(".nest") && !source.contains(".at_no_strip"), "only .at() is parsed here");
    let looped = Regex::new(r"for (\w+) in \[([^\]]*)\]").expect("a pattern");
    let quoted = Regex::new(r#""([^"]*)""#).expect("a pattern");
    let names = |text: &str| quoted.captures_iter(text).map(|found| found[1].to_owned()).collect::<Vec<_>>();
    let loops: BTreeMap<String, Vec<String>> =
        looped.captures_iter(&source).map(|found| (found[1].to_owned(), names(&found[2]))).collect();
    let method = Regex::new(r"\.(get|post|put|patch|delete)\(").expect("a pattern");
    let mut table = BTreeSet::new();
    for route in source.split(".at(").skip(1) {
        let first = route.trim_start();
        let patterns = match first.strip_prefix('"') {
            Some(rest) => vec![rest.split('"').next().expect("a pattern").to_owned()],
            None => loops[first.split(',').next().expect("a name")].clone(),
        };
        let methods: Vec<String> = method.captures_iter(route).map(|found| found[1].to_uppercase()).collect();
        assert!(!methods.is_empty(), "{first}");
        table.extend(patterns.into_iter().flat_map(|pattern| {
            methods.iter().map(move |method| (method.clone(), pattern.clone())).collect::<Vec<_>>()
        }));
    }
    table
}

/// Sends a request for one path of a pattern.
async fn ask(server: &Server, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    server.send(method, path, headers, body.to_owned()).await
}

const HTTPS: &str = "https://accounts.example.com";

fn start(backend: Backend, mailbox: &Mailbox, is_https: bool, settings: &[(&str, &str)]) -> Server {
    let public: &[(&str, &str)] = if is_https { &[("PUBLIC_URL", HTTPS)] } else { &[] };
    Server::mailing(backend, mailbox, &[public, settings].concat())
}

type Headers<'a> = &'a [(&'a str, &'a str)];

/// Errors common to all routes: unknown paths and methods, unsupported, too long or malformed bodies, other sites.
#[rstest]
#[tokio::test]
async fn refusals_of_every_route_have_every_security_header(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(false, true)] is_https: bool,
) {
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const JSON: (&str, &str) = ("content-type", "application/json");
    let mailbox = Mailbox::open();
    let server = start(backend, &mailbox, is_https, &[]);
    let expected = Expected::like(&server.get("/register").await, is_https);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let cookies = ada.cookie_header();
    let mut faults = Vec::new();
    let long = "x".repeat(17_000);
    let formats = [(BROWSER, HISTORY), ("application/json", NEVER), ("application/problem+json", NEVER)];
    let table = table();
    let mut patterns: BTreeSet<&str> = table.iter().map(|(_, pattern)| pattern.as_str()).collect();
    patterns.insert("/nothing");
    for pattern in patterns {
        let path = routes::path(pattern);
        for (accept, page_cache) in formats {
            // API paths have no pages.
            let is_page = accept == BROWSER && !routes::is_for_programs(pattern);
            let cache = if is_page { page_cache } else { NEVER };
            for signed_in in [false, true] {
                let cookie = ("cookie", if signed_in { cookies.as_str() } else { "a=b" });
                let answer = ask(&server, "BREW", &path, &[("accept", accept), cookie], "").await;
                let status = if pattern == "/nothing" { 404 } else { 405 };
                let what = format!("BREW {path} for {accept}, signed in: {signed_in}");
                faults.extend(expected.faults(&what, &answer, (status, cache), &[]));
            }
        }
    }
    let cases: [(&str, Headers, &str, u16); 8] = [
        ("no type", &[], "", 415),
        ("another type", &[("content-type", "text/xml")], "<a/>", 415),
        ("too long", &[FORM], &long, 413),
        ("too long JSON", &[JSON], &long, 413),
        ("no JSON", &[JSON], "{", 400),
        ("twice", &[JSON], r#"{"a":"","a":""}"#, 400),
        ("another site", &[FORM, ("sec-fetch-site", "cross-site")], "email=a", 403),
        ("another origin", &[FORM, ("origin", "https://example.net")], "email=a", 403),
    ];
    for path in ["/register", "/login", "/forgot-password", "/reset-password", "/verify-email", "/verify-email/resend"]
    {
        for (what, headers, body, status) in &cases {
            let is_json = headers.contains(&JSON);
            let headers = [*headers, &[("accept", BROWSER)]].concat();
            let answer = ask(&server, "POST", path, &headers, body).await;
            // JSON requests get JSON responses.
            let cache = if is_json { NEVER } else { HISTORY };
            faults.extend(expected.faults(&format!("POST {path}, {what}"), &answer, (*status, cache), &[]));
        }
    }
    let long_url = format!("/register?{}", "x".repeat(9_000));
    let longest = ask(&server, "GET", &long_url, &[("accept", BROWSER)], "").await;
    faults.extend(expected.faults("a long address", &longest, (414, HISTORY), &[]));
    for path in ["/static/nothing.js", "/static/%FF", "/%FF%00", "/_gallery/no/view", "/_gallery/no/view/page"] {
        let answer = ask(&server, "GET", path, &[("accept", BROWSER)], "").await;
        faults.extend(expected.faults(path, &answer, (404, HISTORY), &[]));
    }
    assert_none(&faults);
}

/// An unknown host in production: a page, JSON, a file.
#[rstest]
#[tokio::test]
async fn a_request_for_another_host_has_every_security_header(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [("PUBLIC_URL", HTTPS), ("ENVIRONMENT", "production"), ("BCRYPT_COST", "10")];
    let server = Server::start_with(backend, &settings);
    let ours = ask(&server, "GET", "/register", &[("host", "accounts.example.com"), ("accept", BROWSER)], "").await;
    let expected = Expected::like(&ours, true);
    let mut faults = expected.faults("our host", &ours, (200, HISTORY), &[]);
    for (_, pattern) in table() {
        let path = routes::path(&pattern);
        if matches!(path.as_str(), "/healthz" | "/readyz") {
            continue;
        }
        for accept in [BROWSER, "application/json"] {
            let answer = ask(&server, "GET", &path, &[("host", "evil.example.net"), ("accept", accept)], "").await;
            let is_page = accept == BROWSER && !routes::is_for_programs(&pattern);
            let cache = if is_page { HISTORY } else { NEVER };
            faults.extend(expected.faults(&format!("{path} for {accept}"), &answer, (421, cache), &[]));
        }
    }
    assert_none(&faults);
}

/// Responses of exhausted limits, of a service without a mail server, and of an internal error.
#[rstest]
#[tokio::test]
async fn temporary_refusals_and_errors_have_every_security_header(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(false, true)] is_https: bool,
) {
    let public: &[(&str, &str)] = if is_https { &[("PUBLIC_URL", HTTPS)] } else { &[] };
    let settings = [("RATE_LIMITS", "on"), ("RATE_LIMIT_LOGIN", "1/hour"), ("RATE_LIMIT_SIGN_UP", "1/hour")];
    let server = Server::start_with(backend, &[&settings[..], public].concat());
    let expected = Expected::like(&server.get("/register").await, is_https);
    server.sign_up(ADA).await;
    let ada = Browser::new(&server);
    assert_eq!(ada.log_in(ADA, BETTER).await.status, 403);
    let sign_up = [("email", "b@example.com"), ("password", GOOD)];
    let login = [("identifier", ADA), ("password", GOOD)];
    let email = [("email", ADA)];
    let mut faults = Vec::new();
    let mut check = async |what: &str, path: &str, fields: &[(&str, &str)], status: u16| {
        let page = ada.post(path, fields).await;
        faults.extend(expected.faults(&format!("{what}, a page"), &page, (status, HISTORY), &[]));
        let members = fields.iter().map(|(name, value)| ((*name).to_owned(), serde_json::Value::from(*value)));
        let body = serde_json::Value::from(members.collect::<serde_json::Map<_, _>>());
        let json = server.post_json(path, &body).await;
        faults.extend(expected.faults(&format!("{what}, JSON"), &json, (status, NEVER), &[]));
    };
    check("too many logins", "/login", &login, 429).await;
    check("too many sign-ups", "/register", &sign_up, 429).await;
    check("no mail server", "/forgot-password", &email, 501).await;
    server.database.execute("ALTER TABLE rate_limits RENAME TO gone");
    check("an internal error", "/reset-password", &[("token", &"x".repeat(43)), ("password", GOOD)], 500).await;
    assert_none(&faults);
}

/// Other sites cannot read the metrics, and browsers do not sniff them as a page.
#[tokio::test]
async fn the_listener_for_metrics_has_its_security_headers() {
    let server = Server::start_with(Sqlite, &[METRICS]);
    let address = server.metrics_address().await;
    for (method, path, status) in [("GET", "/metrics", 200), ("POST", "/metrics", 405), ("GET", "/nothing", 404)] {
        let client = reqwest::Client::new();
        let request = client.request(method.parse().expect("a method"), format!("http://{address}{path}"));
        let answer = Answer::of(request.send().await.expect("an answer")).await;
        let security = answer.headers.iter().filter(|(name, _)| !OTHERS.contains(&name.as_str()));
        let security: BTreeMap<&str, &str> =
            security.map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect();
        let expected = BTreeMap::from([
            ("cache-control", NEVER),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ]);
        assert_eq!((answer.status, security), (status, expected), "{method} {path}");
    }
}
