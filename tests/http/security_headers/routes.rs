//! The table of routes as browsers and programs request them, with the `Cache-Control` of each response.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Map, Value};

use super::{
    A_WHILE, ADA, Answer, BETTER, BROWSER, Backend, Browser, Expected, FOREVER, GALLERY, GALLERY_FRAME, GOOD, HISTORY,
    Mailbox, NEVER, Postgres, Server, Sqlite, ask, assert_none, form, start, table,
};

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    /// A browser without and with a session.
    Visitor,
    Member,
    /// A program, without and with a bearer token.
    Program,
    Bearer,
}
use Client::{Bearer, Member, Program, Visitor};

/// A path of a pattern.
pub fn path(pattern: &str) -> String {
    let path = pattern.replace("/:view/:state", "/register/empty").replace(":id", "1");
    path.replace(":name", "nothing.js")
}

/// Whether errors are JSON whatever `Accept` says.
pub fn is_for_programs(pattern: &str) -> bool {
    pattern.starts_with("/api/") || matches!(pattern, "/users" | "/openapi.json" | "/healthz" | "/readyz")
}

/// GET of each pattern by a visitor, a member, a program, and a program with a token: status and `Cache-Control`.
const READS: &[(&str, [(u16, &str); 4])] = &[
    ("/", [(303, NEVER); 4]),
    ("/register", [(200, HISTORY); 4]),
    ("/welcome", [(303, NEVER); 4]),
    ("/verify-email", [(200, HISTORY), (200, NEVER), (200, HISTORY), (200, NEVER)]),
    ("/verify-email/resend", [(303, NEVER); 4]),
    ("/login", [(200, HISTORY); 4]),
    ("/forgot-password", [(200, HISTORY); 4]),
    ("/reset-password", [(400, HISTORY); 4]),
    ("/account", [(303, NEVER), (200, NEVER), (401, NEVER), (200, NEVER)]),
    ("/account/profile", [(303, NEVER); 4]),
    ("/account/email", [(303, NEVER); 4]),
    ("/account/password", [(303, NEVER); 4]),
    ("/account/sessions/revoke", [(303, NEVER); 4]),
    ("/account/export", [(303, NEVER), (200, NEVER), (401, NEVER), (200, NEVER)]),
    ("/account/delete", [(303, NEVER); 4]),
    ("/account/deleted", [(200, HISTORY), (303, NEVER), (200, HISTORY), (303, NEVER)]),
    ("/.well-known/change-password", [(303, NEVER); 4]),
    ("/static/:name", [(404, HISTORY), (404, HISTORY), (404, NEVER), (404, NEVER)]),
    ("/api/v1/session", [(401, NEVER), (204, NEVER), (401, NEVER), (204, NEVER)]),
    ("/api/v1/users/me", [(401, NEVER), (200, NEVER), (401, NEVER), (200, NEVER)]),
    ("/api/v1/users/me/sessions", [(401, NEVER), (200, NEVER), (401, NEVER), (200, NEVER)]),
    ("/openapi.json", [(200, A_WHILE); 4]),
    ("/docs", [(200, A_WHILE); 4]),
    ("/healthz", [(200, NEVER); 4]),
    ("/readyz", [(200, NEVER); 4]),
    ("/_gallery", [(200, NEVER); 4]),
    ("/_gallery/gallery.css", [(200, NEVER); 4]),
    ("/_gallery/live.js", [(200, NEVER); 4]),
    ("/_gallery/events", [(404, HISTORY), (404, HISTORY), (404, NEVER), (404, NEVER)]),
    ("/_gallery/:view/:state", [(200, NEVER); 4]),
    ("/_gallery/:view/:state/page", [(200, NEVER); 4]),
];

type Fields = &'static [(&'static str, &'static str)];
const BOB: &str = "bob@example.com";
const NONE: Fields = &[];
const SIGN_UP: Fields = &[("email", BOB), ("password", GOOD)];
const NEW_PASSWORD: Fields = &[("current_password", GOOD), ("password", BETTER)];

/// Method, pattern, client, fields; status and `Cache-Control`.
type Write = (&'static str, &'static str, Client, Fields, (u16, &'static str));
/// Writing requests, accepted and refused.
const WRITES: &[Write] = &[
    ("POST", "/register", Visitor, SIGN_UP, (303, NEVER)),
    ("POST", "/register", Visitor, NONE, (400, HISTORY)),
    ("POST", "/register", Visitor, &[("email", ADA), ("password", GOOD)], (400, HISTORY)),
    ("POST", "/register", Member, NONE, (400, HISTORY)),
    ("POST", "/register", Program, SIGN_UP, (201, NEVER)),
    ("POST", "/register", Program, NONE, (400, NEVER)),
    ("POST", "/verify-email", Visitor, &[("code", "000000")], (303, NEVER)),
    ("POST", "/verify-email", Visitor, &[("token", "x"), ("password", GOOD)], (400, HISTORY)),
    ("POST", "/verify-email", Member, &[("code", "x")], (400, NEVER)),
    ("POST", "/verify-email", Program, NONE, (400, NEVER)),
    ("POST", "/verify-email/resend", Visitor, &[("email", BOB)], (200, HISTORY)),
    ("POST", "/verify-email/resend", Visitor, NONE, (400, HISTORY)),
    ("POST", "/verify-email/resend", Member, NONE, (200, NEVER)),
    ("POST", "/verify-email/resend", Program, &[("email", BOB)], (202, NEVER)),
    ("POST", "/login", Visitor, &[("identifier", ADA), ("password", GOOD)], (303, NEVER)),
    ("POST", "/login", Visitor, &[("identifier", ADA), ("password", BETTER)], (403, HISTORY)),
    ("POST", "/login", Visitor, NONE, (400, HISTORY)),
    ("POST", "/login", Member, NONE, (400, HISTORY)),
    ("POST", "/login", Program, &[("identifier", ADA), ("password", GOOD)], (200, NEVER)),
    ("POST", "/login", Program, &[("identifier", ADA), ("password", BETTER)], (401, NEVER)),
    ("POST", "/logout", Visitor, NONE, (303, NEVER)),
    ("POST", "/logout", Member, NONE, (303, NEVER)),
    ("POST", "/logout", Bearer, NONE, (204, NEVER)),
    ("POST", "/forgot-password", Visitor, &[("email", BOB)], (200, HISTORY)),
    ("POST", "/forgot-password", Visitor, NONE, (400, HISTORY)),
    ("POST", "/forgot-password", Program, &[("email", BOB)], (202, NEVER)),
    ("POST", "/reset-password", Visitor, &[("token", "x"), ("password", GOOD)], (400, HISTORY)),
    ("POST", "/reset-password", Program, &[("token", "x"), ("password", GOOD)], (400, NEVER)),
    ("POST", "/account/profile", Visitor, &[("full_name", "Ada")], (303, NEVER)),
    ("POST", "/account/profile", Member, &[("full_name", "Ada")], (303, NEVER)),
    ("POST", "/account/profile", Member, &[("full_name", "\u{202e}")], (400, NEVER)),
    ("POST", "/account/email", Visitor, NONE, (303, NEVER)),
    ("POST", "/account/email", Member, &[("current_password", GOOD), ("email", BOB)], (303, NEVER)),
    ("POST", "/account/email", Member, NONE, (400, NEVER)),
    ("POST", "/account/password", Visitor, NONE, (303, NEVER)),
    ("POST", "/account/password", Member, NEW_PASSWORD, (303, NEVER)),
    ("POST", "/account/password", Member, &[("current_password", BETTER), ("password", BETTER)], (400, NEVER)),
    ("POST", "/account/sessions/revoke", Visitor, &[("id", "others")], (303, NEVER)),
    ("POST", "/account/sessions/revoke", Member, &[("id", "others")], (303, NEVER)),
    ("POST", "/account/sessions/revoke", Member, &[("id", "x")], (404, HISTORY)),
    ("POST", "/account/delete", Visitor, NONE, (303, NEVER)),
    ("POST", "/account/delete", Member, &[("current_password", GOOD), ("confirm", "on")], (303, NEVER)),
    ("POST", "/account/delete", Member, NONE, (400, NEVER)),
    ("POST", "/account/delete", Bearer, NONE, (400, NEVER)),
    ("POST", "/users", Program, &[("username", "bob"), ("password", GOOD)], (201, NEVER)),
    ("POST", "/users", Program, NONE, (400, NEVER)),
    ("POST", "/users", Visitor, NONE, (415, NEVER)),
    ("POST", "/api/v1/users/register", Program, SIGN_UP, (201, NEVER)),
    ("POST", "/api/v1/users/register", Program, NONE, (422, NEVER)),
    ("POST", "/api/v1/login/access-token", Visitor, &[("username", ADA), ("password", GOOD)], (200, NEVER)),
    ("POST", "/api/v1/login/access-token", Visitor, &[("username", ADA), ("password", BETTER)], (400, NEVER)),
    ("POST", "/api/v1/login/access-token", Visitor, NONE, (422, NEVER)),
    ("PATCH", "/api/v1/users/me", Program, NONE, (401, NEVER)),
    ("PATCH", "/api/v1/users/me", Bearer, &[("full_name", "Ada")], (200, NEVER)),
    ("PATCH", "/api/v1/users/me", Bearer, &[("email", "x")], (422, NEVER)),
    ("DELETE", "/api/v1/users/me", Program, NONE, (401, NEVER)),
    ("DELETE", "/api/v1/users/me", Bearer, &[("current_password", GOOD)], (204, NEVER)),
    ("DELETE", "/api/v1/users/me", Bearer, NONE, (422, NEVER)),
    ("DELETE", "/api/v1/users/me/sessions", Program, NONE, (401, NEVER)),
    ("DELETE", "/api/v1/users/me/sessions", Bearer, NONE, (204, NEVER)),
    ("DELETE", "/api/v1/users/me/sessions/:id", Program, NONE, (401, NEVER)),
    ("DELETE", "/api/v1/users/me/sessions/:id", Bearer, NONE, (204, NEVER)),
    (
        "POST",
        "/api/v1/private/users",
        Program,
        &[("email", BOB), ("password", "x"), ("full_name", "Bob")],
        (200, NEVER),
    ),
    ("POST", "/api/v1/private/users/", Program, NONE, (422, NEVER)),
];

/// A route that is missing in these tables is not tested.
#[test]
fn every_route_is_in_the_tables() {
    let reads = READS.iter().map(|(pattern, _)| ("GET".to_owned(), (*pattern).to_owned()));
    let writes = WRITES.iter().map(|(method, pattern, ..)| ((*method).to_owned(), (*pattern).to_owned()));
    let covered: BTreeSet<(String, String)> = reads.chain(writes).collect();
    assert_eq!(covered, table());
    assert!(covered.len() > 50, "{}", covered.len());
}

/// The response to one of them, by a new session.
async fn answer(server: &Server, client: Client, method: &str, path: &str, fields: Fields) -> Answer {
    let ada = Browser::new(server);
    let mut headers: Vec<(&str, &str)> = Vec::new();
    let (cookies, bearer);
    match client {
        Visitor => headers.push(("accept", BROWSER)),
        Member => {
            assert_eq!(ada.log_in(ADA, GOOD).await.status, 303);
            cookies = ada.cookie_header();
            headers.extend([("accept", BROWSER), ("cookie", &cookies)]);
        }
        Program => headers.push(("accept", "application/json")),
        Bearer => {
            bearer = format!("Bearer {}", server.token(ADA, GOOD).await);
            headers.extend([("accept", "application/json"), ("authorization", &bearer)]);
        }
    }
    let is_program = matches!(client, Program | Bearer);
    let body = if method == "GET" {
        String::new()
    } else if is_program {
        headers.push(("content-type", "application/json"));
        let members = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        Value::from(members.collect::<Map<String, Value>>()).to_string()
    } else {
        headers.extend([("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")]);
        form(fields)
    };
    ask(server, method, path, &headers, &body).await
}

/// The headers of these responses that differ from all others.
fn others(pattern: &str, status: u16) -> &'static [(&'static str, &'static str)] {
    match (pattern, status) {
        // The link of a mail leads there.
        ("/reset-password", _) => &[("referrer-policy", "no-referrer")],
        ("/_gallery" | "/_gallery/:view/:state", 200) => {
            &[("content-security-policy", GALLERY), ("x-frame-options", "SAMEORIGIN")]
        }
        ("/_gallery/:view/:state/page", 200) => {
            &[("content-security-policy", GALLERY_FRAME), ("x-frame-options", "SAMEORIGIN")]
        }
        _ => &[],
    }
}

#[rstest]
#[tokio::test]
async fn every_route_has_every_security_header_for_every_client(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(false, true)] is_https: bool,
) {
    let mailbox = Mailbox::open();
    let server = start(backend, &mailbox, is_https, &[]);
    let front = server.get("/register").await;
    let expected = Expected::like(&front, is_https);
    // Each request starts with the same account.
    let reset = async || {
        server.database.execute("DELETE FROM users");
        server.sign_up(ADA).await;
    };
    let mut faults = Vec::new();
    reset().await;
    for (pattern, wanted) in READS {
        for (client, wanted) in [Visitor, Member, Program, Bearer].into_iter().zip(*wanted) {
            let answer = answer(&server, client, "GET", &path(pattern), NONE).await;
            faults.extend(expected.faults(
                &format!("GET {pattern}, {client:?}"),
                &answer,
                wanted,
                others(pattern, wanted.0),
            ));
        }
    }
    for (method, pattern, client, fields, wanted) in WRITES {
        reset().await;
        let answer = answer(&server, *client, method, &path(pattern), fields).await;
        let what = format!("{method} {pattern}, {client:?}, {fields:?}");
        faults.extend(expected.faults(&what, &answer, *wanted, others(pattern, wanted.0)));
    }
    // A static file by its hashed name, and a conditional request for it.
    let page = front.page(200);
    let script = page.attribute("script", "src").expect("a script");
    let file = ask(&server, "GET", &script, &[], "").await;
    let tag = file.header("etag").to_owned();
    let again = ask(&server, "GET", &script, &[("if-none-match", &tag)], "").await;
    faults.extend(expected.faults("a file", &file, (200, FOREVER), &[]));
    faults.extend(expected.faults("a file again", &again, (304, FOREVER), &[]));
    let head = ask(&server, "HEAD", "/register", &[("accept", BROWSER)], "").await;
    faults.extend(expected.faults("HEAD", &head, (200, HISTORY), &[]));
    assert_none(&faults);
}

/// The pages of mailed links contain tokens, which must reach no cache, no other site and no other page.
#[rstest]
#[tokio::test]
async fn a_page_with_a_token_is_not_cached_and_sends_no_referrer(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(false, true)] is_https: bool,
) {
    let mailbox = Mailbox::open();
    let server = start(backend, &mailbox, is_https, &[("REQUIRE_VERIFIED_EMAIL", "on")]);
    let expected = Expected::like(&server.get("/register").await, is_https);
    let no_referrer = &[("referrer-policy", "no-referrer")][..];
    server.sign_up(ADA).await;
    let verification = mailbox.newest(ADA, 1).await.token();
    assert_eq!(server.post_json("/forgot-password", &serde_json::json!({"email": ADA})).await.status, 202);
    let token = mailbox.newest(ADA, 2).await.token();

    let ada = Browser::new(&server);
    let mut faults = Vec::new();
    let verify = ada.get(&format!("/verify-email?token={verification}")).await;
    assert!(verify.text().contains(&verification), "its form has the token");
    faults.extend(expected.faults("the verification page", &verify, (200, NEVER), &[]));
    let wrong = ada.post("/verify-email", &[("token", &verification), ("password", "wrong")]).await;
    assert!(wrong.text().contains(&verification), "its form has the token");
    faults.extend(expected.faults("the verification page, again", &wrong, (400, NEVER), &[]));
    let link = ada.get(&format!("/reset-password?token={token}")).await;
    assert_eq!(Browser::location(&link), "/reset-password", "the token is removed from the URL");
    faults.extend(expected.faults("the link for a new password", &link, (303, NEVER), no_referrer));
    let page = ada.get("/reset-password").await;
    assert!(page.text().contains(&token), "its form has the token");
    faults.extend(expected.faults("the page for a new password", &page, (200, NEVER), no_referrer));
    let short = ada.post("/reset-password", &[("token", &token), ("password", "short")]).await;
    assert!(short.text().contains(&token), "its form has the token");
    faults.extend(expected.faults("the page for a new password, again", &short, (400, NEVER), no_referrer));
    let done = ada.post("/reset-password", &[("token", &token), ("password", BETTER)]).await;
    faults.extend(expected.faults("the new password", &done, (200, HISTORY), no_referrer));
    assert_none(&faults);
}
