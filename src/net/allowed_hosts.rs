//! Hosts that are served besides the service's own (`ALLOWED_HOSTS`).

use std::str::FromStr;

use url::Host;

/// Names and addresses; empty: no other host is served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(Host<String>),
    /// A name and its subdomains.
    Below(String),
}

impl AllowedHosts {
    #[must_use]
    pub fn contains(&self, host: &Host<&str>) -> bool {
        self.0.iter().any(|pattern| match (pattern, host) {
            (Pattern::Exact(Host::Domain(own)), Host::Domain(name)) => own == without_root(name),
            (Pattern::Exact(Host::Ipv4(own)), Host::Ipv4(address)) => own == address,
            (Pattern::Exact(Host::Ipv6(own)), Host::Ipv6(address)) => own == address,
            (Pattern::Below(parent), Host::Domain(name)) => is_below(without_root(name), parent),
            _ => false,
        })
    }
}

/// Removes the trailing dot of an absolute name.
#[must_use]
pub(crate) fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether the name is `parent` or one of its subdomains.
#[must_use]
pub(crate) fn is_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl FromStr for AllowedHosts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(pattern).collect::<Option<_>>().map(Self).ok_or_else(|| {
            "use comma-separated host names and addresses without a port, such as accounts.example.com,192.0.2.7; \
             .example.com includes its subdomains"
                .to_owned()
        })
    }
}

fn pattern(text: &str) -> Option<Pattern> {
    if let Ok(address) = text.parse() {
        return Some(Pattern::Exact(Host::Ipv6(address)));
    }
    match text.strip_prefix('.') {
        Some(parent) => match host(parent)? {
            Host::Domain(parent) => Some(Pattern::Below(parent)),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        },
        None => host(text).map(Pattern::Exact),
    }
}

/// As in requests: lower case, A-labels.
fn host(text: &str) -> Option<Host<String>> {
    match Host::parse(text).ok()? {
        Host::Domain(name) => {
            let name = without_root(&name);
            let is_name = name.split('.').all(|label| {
                !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            });
            is_name.then(|| Host::Domain(name.to_owned()))
        }
        address => Some(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, host: &str) -> bool {
        let list: AllowedHosts = list.parse().expect("a list");
        let host = Host::parse(host).expect("a host");
        list.contains(&match &host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        })
    }

    #[test]
    fn names_are_exact_and_a_leading_dot_includes_subdomains() {
        for (list, host) in [
            ("accounts.example.com", "ACCOUNTS.example.com"),
            ("accounts.example.com", "accounts.example.com."),
            ("Accounts.Example.com.", "accounts.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            (" a.example , b.example,", "b.example"),
            ("my_app", "my_app"),
            ("vestibule", "vestibule"),
            (".example.com", "example.com"),
            (".example.com", "a.b.example.com"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:DB8::7", "[2001:db8::7]"),
            ("[2001:db8::7]", "[2001:db8:0::7]"),
        ] {
            assert!(allows(list, host), "{list} {host}");
        }
        for (list, host) in [
            ("", "example.com"),
            ("example.com", "a.example.com"),
            ("example.com", "example.com.evil.example"),
            ("example.com", "badexample.com"),
            (".example.com", "badexample.com"),
            (".example.com", "example.com.evil.example"),
            (".example.com", "example.co"),
            ("192.0.2.7", "192.0.2.8"),
            ("192.0.2.7", "[::ffff:192.0.2.7]"),
        ] {
            assert!(!allows(list, host), "{list} {host}");
        }
    }

    #[test]
    fn invalid_hosts_are_refused() {
        for text in [
            "*",
            "*.example.com",
            "example.com:8000",
            "192.0.2.7:8000",
            "[2001:db8::7]:8000",
            "https://example.com",
            "example.com/path",
            "user@example.com",
            "a.example b.example",
            ".",
            "..example.com",
            "a..example.com",
            ".192.0.2.7",
            "192.0.2.0/24",
        ] {
            assert!(text.parse::<AllowedHosts>().is_err(), "{text}");
        }
    }
}
