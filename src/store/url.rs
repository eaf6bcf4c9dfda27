//! The database URL.

use std::{
    fmt::{self, Display},
    path::PathBuf,
    time::Duration,
};

use url::Url;

/// `connect_timeout` of PostgreSQL, per address. libpq counts whole seconds.
pub(super) const CONNECT_WAIT: Duration = Duration::from_secs(2);
/// `tcp_user_timeout`: longest wait for a TCP acknowledgement.
const DELIVERY_WAIT: Duration = Duration::from_secs(4);

/// A database URL. `Debug` and `Display` omit the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Postgres(Servers),
    Sqlite(PathBuf),
}

/// The servers of a PostgreSQL URL, in its order: a primary and its standbys.
#[derive(Clone, PartialEq, Eq)]
pub struct Servers(Vec<Url>);

impl DatabaseUrl {
    /// Parses `sqlite://PATH`, `postgres://…` or `postgresql://…`. Other schemes are rejected, so that a typing error
    /// never creates an empty SQLite file.
    ///
    /// # Errors
    /// A message for the operator, without the URL (it may contain a password).
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORMS: &str =
            "use sqlite://PATH, for example sqlite://vestibule.db, or postgres://user:password@host/name";
        if let Some(path) = text.strip_prefix("sqlite://") {
            // SQLite parses `file:` as a URI and would open another file than the one created with mode 0600.
            let is_path = !path.starts_with("file:") && !path.contains(":memory:") && !path.contains(['?', '\0']);
            if path.is_empty() || !is_path {
                return Err("a SQLite database needs the path of a file, for example sqlite://vestibule.db".into());
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(format!("this is no database URL; {FORMS}"));
        }
        // libpq's error would quote the faulty part, which may be the password.
        if !is_well_encoded(text) {
            return Err("a % in the URL must be followed by two hexadecimal digits; write %25 for % itself".into());
        }
        Servers::parse(text).map(Self::Postgres).map_err(|error| format!("the URL cannot be read ({error}); {FORMS}"))
    }
}

impl Servers {
    /// Parses libpq's `scheme://user:password@host1:port1,host2:port2/name?parameters`, not a standard URL.
    fn parse(text: &str) -> Result<Self, url::ParseError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        hosts
            .split(',')
            .map(|host| Url::parse(&format!("{scheme}://{user}{host}{path}")))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// libpq's URL of each server with its index, beginning at `first`, with default timeouts to connect and to detect
    /// a dead peer.
    pub(super) fn libpq_texts(&self, first: usize) -> impl Iterator<Item = (usize, String)> + '_ {
        let servers = self.0.iter().map(libpq_text).enumerate();
        servers.clone().skip(first).chain(servers.take(first))
    }
}

fn libpq_text(url: &Url) -> String {
    let mut url = url.clone();
    let defaults = [
        ("connect_timeout", CONNECT_WAIT.as_secs().to_string()),
        ("tcp_user_timeout", DELIVERY_WAIT.as_millis().to_string()),
        ("keepalives_idle", "5".to_owned()),
        ("keepalives_interval", "2".to_owned()),
        ("keepalives_count", "2".to_owned()),
        ("application_name", env!("CARGO_PKG_NAME").to_owned()),
    ];
    for (name, value) in defaults {
        if !url.query_pairs().any(|(given, _)| given == name) {
            url.query_pairs_mut().append_pair(name, &value);
        }
    }
    url.into()
}

fn is_well_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let code = rest.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        code.is_some_and(|code| code != "00")
    })
}

impl Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(servers) => servers.fmt(f),
        }
    }
}

impl Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = |url: &Url| {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}{port}", url.host_str().unwrap_or_default())
        };
        let addresses: Vec<String> = self.0.iter().map(address).collect();
        write!(f, "postgres://{}{}", addresses.join(","), self.0.first().map_or("", Url::path))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Servers({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_schemes_are_accepted() {
        for text in [
            "sqlite://vestibule.db",
            "sqlite:///var/lib/v.db",
            "postgres://u:p@h/db",
            "postgresql://h/db?sslmode=require",
            "postgres:///db?host=/run/postgresql",
            "postgres://u:p@h1:5432,h2:5433,[::1]:5434/db?target_session_attrs=read-write",
        ] {
            assert!(DatabaseUrl::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "vestibule.db",
            "sqlite:vestibule.db",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://file:x.db",
            "mysql://h/db",
            "postgre://h/db",
            "Postgres",
            "postgres://h:port/db",
            "postgres://h1:5432,h2:port/db",
            "postgres://u:s3cret@h1,,h2/db",
            "postgres://u:s3cret%zz@h/db",
            "postgres://u:s3cret%00@h/db",
            "postgres://u:s3cret@h/db%",
            "postgres://u:s3cret%+1@h/db",
        ] {
            let error = DatabaseUrl::parse(text).expect_err(text);
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let url = DatabaseUrl::parse("postgres://who:s3cret@db.example:5433/accounts?password=s3cret").expect("a URL");
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://db.example:5433/accounts DatabaseUrl(postgres://db.example:5433/accounts)"
        );
        let several = DatabaseUrl::parse("postgres://who:s3cr,et@one:1,two/accounts").expect("a URL");
        assert_eq!(several.to_string(), "postgres://one:1,two/accounts");
        let DatabaseUrl::Postgres(servers) = several else { unreachable!() };
        assert_eq!(format!("{servers:?}"), "Servers(postgres://one:1,two/accounts)");
    }

    #[test]
    fn timeouts_are_added_where_the_url_sets_none() {
        assert_eq!(
            texts("postgres://h/db?connect_timeout=1", 0),
            ["postgres://h/db?connect_timeout=1&tcp_user_timeout=4000&keepalives_idle=5&keepalives_interval=2\
              &keepalives_count=2&application_name=vestibule"]
        );
    }

    #[test]
    fn each_server_has_its_own_url_and_the_last_good_one_is_first() {
        let found = texts("postgres://u:p@one:5432,two:5433,three/db?target_session_attrs=read-write", 1);
        let limits = "target_session_attrs=read-write&connect_timeout=2";
        let begins = [("two:5433", 0), ("three", 1), ("one:5432", 2)];
        for (server, place) in begins {
            assert!(found[place].starts_with(&format!("postgres://u:p@{server}/db?{limits}&")), "{found:?}");
        }
        assert_eq!(found.len(), 3);
    }

    fn texts(url: &str, first: usize) -> Vec<String> {
        let Ok(DatabaseUrl::Postgres(servers)) = DatabaseUrl::parse(url) else { unreachable!() };
        servers.libpq_texts(first).map(|(_, text)| text).collect()
    }
}
