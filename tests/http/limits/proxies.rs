//! Behind nginx and Caddy as the documents configure them, with default settings and forged headers of clients.

use std::net::Ipv4Addr;

use crate::support::{
    ADA, Answer, Backend, FakeClock, GOOD, Server,
    echo::Echo,
    proxy::{Proxy, Recipe},
};
use Backend::{Postgres, Sqlite};
use Recipe::{ForwardAuthCaddy, ForwardAuthNginx, OperationsCaddy, OperationsNginx};
use rstest::rstest;

use super::{address, credentials, stopped_clock};

const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const OWNER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// As in production, with the documented settings and `more`.
fn server(backend: Backend, clock: &FakeClock, recipe: Recipe, more: &[(&str, &str)]) -> Server {
    let documented = recipe.settings();
    // Empty is unset. The cost is the lowest that production accepts.
    let mut settings =
        vec![("ENVIRONMENT", ""), ("RATE_LIMITS", ""), ("BCRYPT_COST", "10"), ("HASH_QUEUE_SECONDS", "60")];
    settings.extend(documented.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    settings.extend(more);
    Server::start_with(backend, &clock.with(&settings))
}

/// Headers of a client that forges its address.
fn forged(network: &str) -> Vec<(&'static str, String)> {
    vec![
        ("content-type", "application/json".to_owned()),
        // Removes headers that a careless proxy writes.
        ("connection", "x-forwarded-for, forwarded".to_owned()),
        ("forwarded", format!("for={network};host=forged.example;proto=https")),
        ("x-forwarded-for", network.to_owned()),
        ("x-forwarded-host", "forged.example".to_owned()),
        ("x-forwarded-proto", "gopher".to_owned()),
        ("x-forwarded-port", "6666".to_owned()),
        ("x-forwarded-uri", "/forged".to_owned()),
        ("x-forwarded-prefix", "/forged".to_owned()),
        ("x-forwarded-server", "forged.example".to_owned()),
        ("x-real-ip", network.to_owned()),
        ("x_forwarded_for", network.to_owned()),
        ("x_real_ip", network.to_owned()),
    ]
}

async fn log_in(proxy: &Proxy, from: Ipv4Addr, claimed: &str, password: &str) -> Answer {
    let headers = forged(claimed);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    proxy.send(from, "POST", "/login", &headers, credentials(ADA, password).to_string()).await
}

async fn sign_up(proxy: &Proxy) {
    let headers = [("content-type", "application/json")];
    let answer = proxy.send(OWNER, "POST", "/register", &headers, address(ADA).to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[rstest]
#[tokio::test]
async fn an_attacker_behind_the_proxy_does_not_lock_the_owner_out(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(ForwardAuthNginx, ForwardAuthCaddy, OperationsNginx, OperationsCaddy)] recipe: Recipe,
) {
    let clock = stopped_clock();
    let server = server(backend, &clock, recipe, &[]);
    let proxy = Proxy::start(recipe, server.address, Echo::start().address).await;
    sign_up(&proxy).await;
    // As the owner, as a new address each time, as the proxy itself.
    for number in 0..20 {
        let claimed = [OWNER.to_string(), format!("198.51.100.{number}"), "127.0.0.1".to_owned()][number % 3].clone();
        let answer = log_in(&proxy, ATTACKER, &claimed, "wrong-horse-battery").await;
        assert_eq!(answer.status, 401, "{number}: {}", answer.text());
    }
    for claimed in ["127.0.0.3", "198.51.100.99", "127.0.0.1"] {
        assert_eq!(log_in(&proxy, ATTACKER, claimed, "wrong-horse-battery").await.status, 429, "{claimed}");
    }
    let owner = log_in(&proxy, OWNER, "127.0.0.2", GOOD).await;
    assert_eq!(owner.status, 200, "{}", owner.text());
    let peers = server.database.texts("SELECT DISTINCT peer AS t FROM audit_log ORDER BY 1");
    assert_eq!(peers, [ATTACKER.to_string(), OWNER.to_string()]);
    assert!(!server.log().contains("TRUSTED_PROXIES"), "{}", server.log());
}

/// Neither the service nor the application behind it receives forged headers.
#[rstest]
#[tokio::test]
async fn forged_headers_do_not_pass_the_proxy(
    #[values(ForwardAuthNginx, ForwardAuthCaddy, OperationsNginx, OperationsCaddy)] recipe: Recipe,
) {
    let echo = Echo::start().address;
    let proxy = Proxy::start(recipe, echo, echo).await;
    let headers = forged("198.51.100.66");
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for path in ["/login", "/api/v1/users/me", "/", "/reports?a=1"] {
        let answer = proxy.send(ATTACKER, "GET", path, &headers, "").await;
        assert_eq!(answer.status, 200, "{path}");
        let head = answer.text().to_lowercase();
        for word in ["forged", "198.51.100.66", "gopher", "6666"] {
            assert!(!head.contains(word), "{path}: {word} in {head}");
        }
        let lines: Vec<&str> = head.lines().filter(|line| line.contains("127.0.0.2")).collect();
        assert_eq!(lines, ["x-forwarded-for: 127.0.0.2"], "{path}: {head}");
        assert!(head.contains(&format!("\nhost: {}\n", recipe.host())), "{path}: {head}");
    }
}

/// A proxy that passes `Forwarded`: its own header counts if the operator has named it, otherwise the proxy's address.
#[rstest]
#[tokio::test]
async fn a_client_header_that_passes_the_proxy_does_not_count(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(false, true)] is_named: bool,
) {
    let more: &[(&str, &str)] = if is_named { &[("CLIENT_ADDRESS_HEADER", "X-Forwarded-For")] } else { &[] };
    let clock = stopped_clock();
    let server = server(backend, &clock, OperationsNginx, more);
    let block = OperationsNginx.block();
    let lines = block.lines().filter(|line| !line.contains("Forwarded ") && !line.contains("X-Real-IP"));
    let block = lines.collect::<Vec<_>>().join("\n");
    let proxy = Proxy::start_with(OperationsNginx, &block, server.address, server.address).await;
    sign_up(&proxy).await;
    for claimed in ["127.0.0.3", "198.51.100.1"] {
        assert_eq!(log_in(&proxy, ATTACKER, claimed, "wrong-horse-battery").await.status, 401);
    }
    let query = "SELECT DISTINCT peer AS t FROM audit_log WHERE peer <> '127.0.0.3' ORDER BY 1";
    let expected = if is_named { "127.0.0.2" } else { "127.0.0.1" };
    assert_eq!(server.database.texts(query), [expected]);
}
