//! Only in production: cookies bound to the host and to https, HSTS, and one host.

use crate::support::{Answer, Backend, Browser, GOOD, Server, https::HOST, server::form};
use Backend::{Postgres, Sqlite};
use rstest::rstest;
use serde_json::json;

use super::{Production, address, network};

const HSTS: &str = "max-age=63072000; includeSubDomains";

fn assert_is_bound(answer: &Answer, what: &str) {
    assert_eq!(answer.header("strict-transport-security"), HSTS, "{what}");
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().expect("text");
        assert!(cookie.starts_with("__Host-vestibule_"), "{what}: {cookie}");
        for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(attribute), "{what}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{what}: {cookie}");
    }
}

/// The whole life cycle of an account in a browser, from sign-up to deletion.
#[rstest]
#[tokio::test]
async fn every_cookie_of_an_account_is_bound_to_the_host_and_to_https(#[values(Sqlite, Postgres)] backend: Backend) {
    let production = Production::start(backend, &[]).await;
    let (ada, browser) = (address("ada"), production.browser(network(0, 1)));
    let mut cookies = Vec::new();
    let mut check = |answer: Answer, status: u16, what: &str| {
        assert_eq!(answer.status, status, "{what}");
        assert_is_bound(&answer, what);
        let names = answer.headers.get_all("set-cookie").iter();
        cookies
            .extend(names.map(|cookie| cookie.to_str().expect("text").split('=').next().expect("a name").to_owned()));
    };
    check(browser.post("/register", &[("email", &ada), ("password", GOOD)]).await, 303, "the sign-up");
    check(browser.get("/welcome").await, 200, "the welcome");
    assert!(browser.is_signed_in().await);
    let code = production.mailbox.newest(&ada, 1).await.code();
    check(browser.post("/verify-email", &[("code", &code)]).await, 200, "the verification");
    check(browser.post("/logout", &[]).await, 303, "the logout");
    check(browser.post("/forgot-password", &[("email", &ada)]).await, 200, "a forgotten password");
    let link = production.mailbox.newest(&ada, 2).await.link();
    let path = link.strip_prefix(&production.server.url("")).expect("a link to PUBLIC_URL");
    check(browser.get(path).await, 303, "the link");
    let page = browser.get("/reset-password").await;
    let token = page.page(200).attribute("input[name=token]", "value").expect("a token");
    check(page, 200, "the form for a new password");
    let fields = [("token", token.as_str()), ("password", "another-horse-battery")];
    check(browser.post("/reset-password", &fields).await, 200, "the new password");
    check(browser.log_in(&ada, "another-horse-battery").await, 303, "the login");
    let fields = [("current_password", "another-horse-battery"), ("confirm", "on")];
    check(browser.post("/account/delete", &fields).await, 303, "the deletion");
    cookies.sort();
    cookies.dedup();
    let all = ["devices", "flash", "reset", "session"].map(|name| format!("__Host-vestibule_{name}"));
    assert_eq!(cookies, all);
}

/// A request for another host is refused before it is processed; a health check is not.
#[rstest]
#[tokio::test]
async fn a_request_for_another_host_has_no_effect(#[values(Sqlite, Postgres)] backend: Backend) {
    let production = Production::start(backend, &[]).await;
    let (ada, from) = (address("ada"), network(0, 1));
    assert_eq!(production.json(from, "/register", &json!({"email": ada, "password": GOOD})).await.status, 201);
    production.mails_are_settled().await;
    let credentials = json!({"identifier": ada, "password": GOOD}).to_string();
    let bodies = [
        ("/register", json!({"email": address("bob"), "password": GOOD}).to_string()),
        ("/login", credentials.clone()),
        ("/forgot-password", json!({"email": ada}).to_string()),
        ("/verify-email/resend", json!({"email": ada}).to_string()),
        ("/verify-email", json!({"code": "000000", "identifier": ada, "password": GOOD}).to_string()),
        ("/reset-password", json!({"token": "A".repeat(43), "password": GOOD}).to_string()),
    ];
    let hosts = ["elsewhere.example", "accounts.example.com:8443", "accounts.example.com.", "127.0.0.1", "example.com"];
    for (path, body) in &bodies {
        for host in hosts {
            let mut answer = None;
            let traces = production.traces_of(from, async || {
                let headers = [("content-type", "application/json"), ("host", host)];
                answer = Some(production.server.send_from(from, "POST", path, &headers, body.clone()).await);
            });
            let traces = traces.await;
            let answer = answer.expect("an answer");
            assert_eq!((answer.status, answer.headers.get("set-cookie")), (421, None), "{path} {host}");
            assert_is_bound(&answer, path);
            assert!(traces.counters.is_empty() && traces.audit.is_empty() && traces.sessions == 0, "{traces:?}");
        }
    }
    assert_eq!(production.server.database.count("SELECT count(*) FROM users"), 1);
    assert_eq!(production.server.database.count("SELECT count(*) FROM outbox WHERE state = 'pending'"), 0);
    for (host, status) in [(HOST, 200), ("ACCOUNTS.example.com:443", 200), ("127.0.0.1", 421)] {
        let headers = [("content-type", "application/json"), ("host", host)];
        let answer = production.server.send_from(from, "POST", "/login", &headers, credentials.clone()).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let health = production.server.send_from(from, "GET", "/readyz", &[("host", "127.0.0.1")], "").await;
    assert_eq!(health.status, 200);
}

/// Cross-site forms and development endpoints.
#[rstest]
#[tokio::test]
async fn cross_site_forms_and_development_endpoints_are_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let production = Production::start(backend, &[]).await;
    let server: &Server = &production.server;
    let from = network(0, 1);
    let own = json!({"email": address("dev"), "password": GOOD, "full_name": "Dev"});
    assert_eq!(production.json(from, "/api/v1/private/users/", &own).await.status, 404);
    assert_eq!(Browser::new(server).get("/_gallery").await.status, 404);
    for (name, value) in [
        ("origin", "https://elsewhere.example"),
        ("origin", "http://accounts.example.com"),
        ("sec-fetch-site", "same-site"),
    ] {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html"), (name, value)];
        for path in ["/register", "/login", "/forgot-password", "/verify-email/resend", "/reset-password"] {
            let body = form(&[("email", &address("bob")), ("identifier", &address("bob")), ("password", GOOD)]);
            let answer = server.send_from(from, "POST", path, &headers, body).await;
            assert_eq!(answer.status, 403, "{path} {name}: {value}");
            assert_is_bound(&answer, path);
        }
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 0);
}
