//! Allowed hosts where `PUBLIC_URL` is not set: no other site reaches this service under its own name (DNS rebinding).

use rstest::rstest;
use serde_json::json;

use crate::support::{ADA, Backend, GOOD, METRICS, Server, Settings, server};
use Backend::{Postgres, Sqlite};

/// The default environment and the local one.
const ENVIRONMENTS: [Settings; 2] =
    [&[("ENVIRONMENT", ""), ("RATE_LIMITS", ""), ("BCRYPT_COST", "10")], &[("ENVIRONMENT", "local")]];

/// Status of a page requested with this host.
fn status(server: &Server, path: &str, host: &str) -> u16 {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = server.raw(request.as_bytes());
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{host}: {answer}"))
}

#[rstest]
#[tokio::test]
async fn without_public_url_only_local_hosts_are_served(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(0, 1)] environment: usize,
) {
    let server = Server::start_with(backend, ENVIRONMENTS[environment]);
    let port = server.address.port();
    let mut own = vec![format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
    own.extend(
        ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "localhost.", "accounts.localhost:8443", "[::1]"]
            .map(str::to_owned),
    );
    own.push("[::ffff:127.0.0.1]:80".to_owned());
    let interfaces = if_addrs::get_if_addrs().expect("interfaces");
    for address in interfaces.iter().map(if_addrs::Interface::ip) {
        let address = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
        own.extend([address.clone(), format!("{address}:{port}"), format!("{address}:443")]);
    }
    for host in &own {
        assert_eq!(status(&server, "/register", host), 200, "{host}");
    }
    let others = [
        "evil.example",
        &format!("evil.example:{port}"),
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "localhost@evil.example",
        "evil.example@localhost",
        "localhost/evil",
        "localhost:99999",
        "localhost:port",
        "192.0.2.1",
        "[2001:db8::1]",
        "[::ffff:192.0.2.1]",
        "0.0.0.0",
        "[::]",
        "x",
        "",
        "::1",
        "localhost:80:80",
        "%6cocalhost",
        "localhost, evil.example",
    ];
    for host in others {
        assert_eq!(status(&server, "/register", host), 421, "{host}");
    }
    // Health checks are served for every host; the host of an absolute target wins over the header.
    for host in ["evil.example", "x", "10.42.0.7:8000"] {
        assert_eq!((status(&server, "/healthz", host), status(&server, "/readyz", host)), (200, 200), "{host}");
    }
    for (target, host, status) in
        [("http://evil.example/register", "localhost", "421"), ("http://localhost/register", "evil.example", "200")]
    {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(server.raw(request.as_bytes()).split(' ').nth(1), Some(status), "{target}");
    }
    // HTTP/1.0 needs no host, and no browser uses it.
    assert!(server.raw(b"GET /register HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 "));
}

/// A page of `evil.example`, whose name resolves to this machine.
#[rstest]
#[tokio::test]
async fn dns_rebinding_is_refused(#[values(Sqlite, Postgres)] backend: Backend, #[values(0, 1)] environment: usize) {
    const LOG_LINE: &str = "request refused (421): host not served";
    let server = Server::start_with(backend, ENVIRONMENTS[environment]);
    server.sign_up(ADA).await;
    let host = format!("evil.example:{}", server.address.port());
    let origin = format!("http://{host}");
    let browser = [("host", host.as_str()), ("origin", &origin), ("sec-fetch-site", "same-origin")];
    let login = json!({"identifier": ADA, "password": GOOD});
    let sign_up = json!({"email": "bob@example.com", "password": GOOD, "full_name": "Bob"});
    for (method, path, body) in [
        ("GET", "/register", json!(null)),
        ("GET", "/account", json!(null)),
        ("GET", "/api/v1/users/me", json!(null)),
        ("GET", "/api/v1/session", json!(null)),
        ("GET", "/_gallery", json!(null)),
        ("GET", "/no-such-page", json!(null)),
        ("POST", "/login", login),
        ("POST", "/register", sign_up.clone()),
        ("POST", "/api/v1/private/users/", sign_up),
        ("DELETE", "/api/v1/users/me", json!({"current_password": GOOD})),
    ] {
        let headers = [&browser[..], &[("content-type", "application/json"), ("accept", "application/json")]].concat();
        let answer = server.send(method, path, &headers, body.to_string()).await;
        answer.assert_json(
            421,
            &json!({"detail": "Send requests to the host of PUBLIC_URL, or name this one in ALLOWED_HOSTS."}),
        );
        assert_eq!(answer.headers.get("set-cookie"), None, "{path}");
    }
    assert_eq!(server.database.count("SELECT count(*) FROM users"), 1);

    let headers = [("host", host.as_str()), ("accept", "application/problem+json"), ("accept-language", "de")];
    let problem = server.send("GET", "/register", &headers, "").await;
    assert_eq!((problem.status, problem.header("content-type")), (421, "application/problem+json"));
    let problem = problem.json();
    assert_eq!((&problem["status"], &problem["code"]), (&json!(421), &json!("misdirected_request")));
    let headers = [("host", host.as_str()), ("accept", server::BROWSER)];
    let page = server.send("GET", "/register", &headers, "").await;
    assert_eq!(page.page(421).text("h1"), "This is not the address of this service");

    // The log names the setting, once.
    let log = server.log_with(LOG_LINE).await;
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(LOG_LINE)).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains(&host) && lines[0].contains("ALLOWED_HOSTS"), "{lines:?}");
}

#[rstest]
#[tokio::test]
async fn allowed_hosts_are_served_too(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(0, 1)] environment: usize,
    #[values("", "https://accounts.example.com")] public_url: &str,
) {
    let list = "vestibule, Accounts.Example.org,.example.net,192.0.2.7,2001:db8::7,bücher.example";
    let settings = [ENVIRONMENTS[environment], &[("ALLOWED_HOSTS", list), ("PUBLIC_URL", public_url)]].concat();
    let server = Server::start_with(backend, &settings);
    for host in [
        "vestibule:8000",
        "accounts.example.org",
        "ACCOUNTS.example.org.",
        "example.net",
        "a.b.example.net:8443",
        "192.0.2.7:8000",
        "[2001:db8::7]",
        "xn--bcher-kva.example",
    ] {
        assert_eq!(status(&server, "/register", host), 200, "{host}");
    }
    // With PUBLIC_URL everything is served in local environments.
    let expected = if environment == 1 && !public_url.is_empty() { 200 } else { 421 };
    for host in ["evil.example", "www.accounts.example.org", "badexample.net", "example.net.evil.example", "192.0.2.8"]
    {
        assert_eq!(status(&server, "/register", host), expected, "{host}");
    }
    // The list does not change the service's own host.
    let [own, machine] = if public_url.is_empty() { [421, 200] } else { [200, expected] };
    assert_eq!(status(&server, "/register", "accounts.example.com"), own);
    assert_eq!(status(&server, "/register", "localhost"), machine);
}

/// The printed address works for a listener on all addresses.
#[rstest]
#[tokio::test]
async fn the_printed_listen_address_is_served(#[values(Sqlite, Postgres)] backend: Backend) {
    let settings = [ENVIRONMENTS[0], &[("HOST", "0.0.0.0")]].concat();
    let server = Server::start_with(backend, &settings);
    assert_eq!(status(&server, "/register", &server.address.to_string()), 200);
    assert_eq!((status(&server, "/register", "0.0.0.0"), status(&server, "/register", "192.0.2.1")), (200, 421));
}

/// Prometheus may use any host name.
#[rstest]
#[tokio::test]
async fn metrics_are_served_for_every_host(#[values(Sqlite, Postgres)] backend: Backend) {
    let server = Server::start_with(backend, &[ENVIRONMENTS[0], &[METRICS]].concat());
    let address = server.metrics_address().await;
    let client =
        reqwest::Client::new().get(format!("http://{address}/metrics")).header("host", "vestibule.monitoring:9464");
    assert_eq!(client.send().await.expect("an answer").status().as_u16(), 200);
}

#[test]
fn an_invalid_allowed_hosts_list_is_a_startup_error() {
    for list in
        ["*", "*.example.com", "accounts.example.com:8443", "https://accounts.example.com", "a.example b.example"]
    {
        let output = server::command("sqlite://x", &[("ALLOWED_HOSTS", list)]).output().expect("vestibule");
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(
            (output.status.code(), error.as_str()),
            (
                Some(2),
                "vestibule: ALLOWED_HOSTS: use comma-separated host names and addresses without a port, such as \
                 accounts.example.com,192.0.2.7; .example.com includes its subdomains\n"
            ),
            "{list}"
        );
    }
}
