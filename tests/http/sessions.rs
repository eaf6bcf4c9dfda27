//! Sessions: cookies, lifetimes, revocation.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{ADA, Backend, Browser, FakeClock, GOOD, Server, SetCookie, TestDatabase, server::BROWSER};
use Backend::{Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn the_cookie_is_bound_to_the_host_and_new_at_each_login(#[values(Sqlite, Postgres)] backend: Backend) {
    for (public_url, name, secure) in [
        ("https://accounts.example.com", "__Host-vestibule_session", true),
        ("http://accounts.example.com", "vestibule_session", false),
    ] {
        let server = Server::start_with(backend, &[("PUBLIC_URL", public_url)]);
        let post = async |path: &str, cookie: &str, body: String| {
            let headers = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("accept", BROWSER),
                ("sec-fetch-site", "same-origin"),
                ("cookie", cookie),
            ];
            let answer = server.send("POST", path, &headers, body).await;
            assert_eq!(answer.header("cache-control"), "no-store");
            answer.cookie(name)
        };
        let planted = "A".repeat(43);
        let first = post("/register", &format!("{name}={planted}"), format!("email={ADA}&password={GOOD}")).await;
        assert_ne!(first.value, planted, "a planted value is never accepted");
        assert_eq!(first.value.len(), 43);
        let expected = ["HttpOnly", "Max-Age=5184000", "Path=/", "SameSite=Lax"];
        first.assert_attributes(&expected.into_iter().chain(secure.then_some("Secure")).collect::<Vec<_>>());

        let second = post("/login", &first.pair(), format!("identifier={ADA}&password={GOOD}")).await;
        assert_ne!(second.value, first.value, "a new value at the login");
        let me = async |cookie: &SetCookie| {
            server.send("GET", "/api/v1/users/me", &[("cookie", &cookie.pair())], "").await.status
        };
        assert_eq!((me(&first).await, me(&second).await), (401, 200), "the previous session has ended");
        let cleared = post("/logout", &second.pair(), String::new()).await;
        assert_eq!(cleared.value, "");
        assert!(cleared.attributes.contains("Max-Age=0"), "{cleared:?}");
        assert_eq!(me(&second).await, 401);
    }
}

#[rstest]
#[tokio::test]
async fn only_one_cookie_with_the_exact_name_is_a_session(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[("PUBLIC_URL", "https://accounts.example.com")]);
    assert_eq!(server.post_json("/register", &json!({"email": ADA, "password": GOOD})).await.status, 201);
    // A bearer token works too: the kind of a session is not in the cookie.
    let token = server.token(ADA, GOOD).await;
    let me = |cookie: String| {
        let request = format!(
            "GET /api/v1/users/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n"
        );
        server.raw(request.as_bytes()).split(' ').nth(1).expect("a status").to_owned()
    };
    let name = "__Host-vestibule_session";
    assert_eq!(me(format!("{name}={token}")), "200");
    for cookie in [
        format!("vestibule_session={token}"),
        format!("__%48ost-vestibule_session={token}"),
        format!("\u{2000}{name}={token}"),
        format!("\u{a0}{name}={token}"),
        format!("{name} ={token}"),
        format!("__host-vestibule_session={token}"),
        format!("{name}={token}; {name}={token}"),
        format!("{name}={token}; {name}=x"),
        format!("{name}=\"{token}\""),
        format!("{name}={token}\r\nCookie: {name}={token}"),
        format!("$Version=1; {name} = {token}"),
        format!("{name}="),
    ] {
        assert_eq!(me(cookie.clone()), "401", "{cookie:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_logout_takes_effect_on_every_instance(#[values(Sqlite, Postgres)] backend: Backend) {
    let database = Arc::new(TestDatabase::new(backend));
    let servers = [Server::start_on(Arc::clone(&database), &[]), Server::start_on(Arc::clone(&database), &[])];
    let here = Browser::new(&servers[0]);
    here.sign_up(ADA, GOOD).await;
    let there = here.at(&servers[1]);
    assert!(there.is_signed_in().await);
    here.post("/logout", &[]).await;
    assert!(!there.is_signed_in().await);

    // Disabling an account ends its sessions at once.
    here.log_in(ADA, GOOD).await;
    let there = here.at(&servers[1]);
    assert!(there.is_signed_in().await);
    database.execute("UPDATE users SET is_active = FALSE");
    assert!(!here.is_signed_in().await);
    assert!(!there.is_signed_in().await);
    assert_eq!(here.log_in(ADA, GOOD).await.status, 403);
}

#[rstest]
#[tokio::test]
async fn sessions_have_an_idle_timeout_and_a_maximum_lifetime(#[values(Sqlite, Postgres)] backend: Backend) {
    const DAY: i64 = 24 * 3600;
    let clock = FakeClock::new();
    let all = clock.with(&[("SESSION_IDLE_DAYS", "2"), ("SESSION_MAX_DAYS", "5"), ("ACCESS_TOKEN_HOURS", "1")]);
    let server = Server::start_with(backend, &all);
    let ada = Browser::new(&server);
    ada.sign_up(ADA, GOOD).await;
    let bearer = server.token(ADA, GOOD).await;
    let me = async |bearer: &str| server.as_program(bearer, "GET", "/api/v1/users/me", &Value::Null).await.status;

    clock.set(3600 - 120);
    assert_eq!(me(&bearer).await, 200);
    clock.set(3600 + 1);
    assert_eq!(me(&bearer).await, 401);
    // Regular use extends the session up to its maximum lifetime.
    for days in [1, 2, 3, 4] {
        clock.set(days * DAY);
        assert!(ada.is_signed_in().await, "day {days}");
    }
    clock.set(5 * DAY - 120);
    assert!(ada.is_signed_in().await);
    clock.set(5 * DAY + 1);
    assert!(!ada.is_signed_in().await);
    clock.set(4 * DAY);
    ada.log_in(ADA, GOOD).await;
    clock.set(6 * DAY + 1);
    assert!(!ada.is_signed_in().await, "two days without a visit");
    let page = ada.get("/account/export").await;
    assert_eq!(Browser::location(&page), "/login?next=/account/export");
}

#[rstest]
#[tokio::test]
async fn the_session_list_shows_devices_and_revokes_sessions(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    let desk = Browser::new(&server);
    desk.sign_up(ADA, GOOD).await;
    let phone = Browser::new(&server);
    phone.log_in(ADA, GOOD).await;
    let bearer = server.token(ADA, GOOD).await;
    let page = desk.get("/account").await.page(200);
    let sessions = page.texts("#sessions li");
    assert_eq!(sessions.len(), 3);
    let here: Vec<&String> = sessions.iter().filter(|text| text.contains("This one")).collect();
    assert_eq!(here.len(), 1);
    assert!(here[0].starts_with("Firefox, Linux"), "{here:?}");
    assert!(here[0].contains("127.0.0.1"), "{here:?}");
    assert!(here[0].contains(" UTC"), "{here:?}");
    assert!(sessions.iter().any(|text| text.contains("A program with an access token")));

    // Sessions of another account cannot be revoked.
    let other = Browser::new(&server);
    other.sign_up("stranger@example.com", GOOD).await;
    for id in server.database.texts("SELECT CAST(id AS TEXT) AS t FROM sessions WHERE user_id = 1") {
        assert_eq!(other.post("/account/sessions/revoke", &[("id", &id)]).await.status, 303);
    }
    assert!(desk.is_signed_in().await);
    assert!(phone.is_signed_in().await);
    for (id, status) in [("", 404), ("x", 404), ("-1", 303), ("1 OR 1=1", 404), ("99999999999999999999", 404)] {
        assert_eq!(other.post("/account/sessions/revoke", &[("id", id)]).await.status, status, "{id}");
    }

    let phones = server
        .database
        .texts("SELECT CAST(id AS TEXT) AS t FROM sessions WHERE user_id = 1 AND kind = 'browser' ORDER BY id")
        .pop();
    desk.post("/account/sessions/revoke", &[("id", &phones.expect("a session"))]).await;
    assert!(desk.is_signed_in().await);
    assert!(!phone.is_signed_in().await);
    assert_eq!(Browser::location(&desk.post("/account/sessions/revoke", &[("id", "others")]).await), "/account");
    assert_eq!(desk.get("/account").await.page(200).text(".notice"), "You are signed out everywhere else.");
    assert_eq!(server.as_program(&bearer, "GET", "/api/v1/users/me", &Value::Null).await.status, 401);
    assert!(desk.is_signed_in().await);
    assert!(other.is_signed_in().await);
}

#[rstest]
#[tokio::test]
async fn account_pages_redirect_anonymous_clients_to_login(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start(backend);
    for (path, next) in
        [("/account", "/account"), ("/account/export", "/account/export"), ("/account?a=b&c=d", "/account?a=b%26c=d")]
    {
        assert_eq!(Browser::location(&server.get(path).await), format!("/login?next={next}"));
    }
    let anonymous = Browser::new(&server);
    for path in
        ["/account/profile", "/account/email", "/account/password", "/account/sessions/revoke", "/account/delete"]
    {
        assert_eq!(Browser::location(&anonymous.post(path, &[]).await), "/login?next=/account", "{path}");
        let answer = server.post_json(path, &json!({})).await;
        answer.assert_json(401, &json!({"detail": "Not authenticated"}));
    }
    assert_eq!(Browser::location(&server.get("/.well-known/change-password").await), "/account#password");
    for (method, path) in [
        ("GET", "/api/v1/users/me"),
        ("PATCH", "/api/v1/users/me"),
        ("DELETE", "/api/v1/users/me"),
        ("GET", "/api/v1/users/me/sessions"),
        ("DELETE", "/api/v1/users/me/sessions"),
        ("DELETE", "/api/v1/users/me/sessions/1"),
        ("GET", "/api/v1/session"),
    ] {
        let answer = server.send(method, path, &[("content-type", "application/json")], "{}").await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{method} {path}");
    }
    // GET requests for pages write no rows.
    for _ in 0..50 {
        for path in ["/login", "/forgot-password", "/verify-email", "/register"] {
            assert_eq!(server.get(path).await.status, 200);
        }
    }
    for table in ["sessions", "audit_log", "outbox", "mail_tokens"] {
        assert_eq!(server.database.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}
