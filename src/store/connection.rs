//! One connection type over both databases, opened by the URL's scheme and set up the same way every time.

use std::{
    fmt::{self, Display},
    fs::OpenOptions,
    io,
    path::PathBuf,
    time::Duration,
};

use diesel::{
    Connection, PgConnection, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _},
    r2d2::R2D2Connection as _,
};
use url::Url;

use super::StoreError;

/// How long SQLite waits for another writer, and PostgreSQL for a lock.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// How long PostgreSQL may work on one statement.
const STATEMENT_WAIT: Duration = Duration::from_secs(5);
/// How long opening a connection to PostgreSQL may take, per address.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// A connection to either database. Queries written against it are checked for both.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Where the database is. Its `Debug` and `Display` never show the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Postgres(Url),
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// Reads `sqlite://PATH`, `postgres://…` or `postgresql://…`. Any other scheme is refused, so that a typing
    /// mistake never makes an empty SQLite file.
    ///
    /// # Errors
    /// A sentence for the operator, without the text given (it may hold a password).
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORMS: &str =
            "use sqlite://PATH, for example sqlite://vestibule.db, or postgres://user:password@host/name";
        if let Some(path) = text.strip_prefix("sqlite://") {
            // SQLite reads `file:` as a URI, and would open another file than the one made with mode 0600.
            let is_path = !path.starts_with("file:") && !path.contains(":memory:") && !path.contains(['?', '\0']);
            if path.is_empty() || !is_path {
                return Err("a SQLite database needs the path of a file, for example sqlite://vestibule.db".into());
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(format!("this is no database URL; {FORMS}"));
        }
        // libpq would quote the faulty part, which may be the password, in its error.
        if !is_well_encoded(text) {
            return Err("a % in the URL must be followed by two hexadecimal digits; write %25 for % itself".into());
        }
        Url::parse(text).map(Self::Postgres).map_err(|error| format!("the URL cannot be read ({error}); {FORMS}"))
    }

    /// What libpq is given: the URL, with a limit on the time to connect and to notice a dead peer where it
    /// sets none itself.
    fn libpq_text(url: &Url) -> String {
        let mut url = url.clone();
        let defaults = [
            ("connect_timeout", CONNECT_WAIT.as_secs().to_string()),
            ("tcp_user_timeout", STATEMENT_WAIT.as_millis().to_string()),
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
            Self::Postgres(url) => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                write!(f, "postgres://{}{port}{}", url.host_str().unwrap_or_default(), url.path())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Opens a connection and sets it up.
///
/// A SQLite file that does not exist is made, readable by its owner alone: it holds the key that signs cookies.
/// WAL mode is a property of the file and is set by [`prepare_file`], once.
///
/// # Errors
/// What the database said.
pub fn connect(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_str().ok_or_else(|| unavailable("the path is not UTF-8"))?;
            let mut connection = SqliteConnection::establish(path).map_err(unavailable)?;
            // First of all, since the next statements may already have to wait.
            connection
                .batch_execute(&format!("PRAGMA busy_timeout = {}", LOCK_WAIT.as_millis()))
                .map_err(unavailable)?;
            connection.batch_execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL").map_err(unavailable)?;
            Ok(AnyConnection::Sqlite(connection))
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(&DatabaseUrl::libpq_text(url)).map_err(unavailable)?;
            let settings = format!(
                "SET timezone = 'UTC'; SET statement_timeout = {}; SET lock_timeout = {}; \
                 SET idle_in_transaction_session_timeout = {}",
                STATEMENT_WAIT.as_millis(),
                LOCK_WAIT.as_millis(),
                STATEMENT_WAIT.as_millis(),
            );
            connection.batch_execute(&settings).map_err(unavailable)?;
            Ok(AnyConnection::Postgres(connection))
        }
    }
}

/// A connection that cannot be had may be had later, whatever the reason.
fn unavailable(cause: impl Display) -> StoreError {
    StoreError::unavailable(&cause)
}

/// Makes the SQLite file if there is none, with mode 0600, and turns WAL on, so that readers never wait for
/// the writer. Nothing to do for PostgreSQL.
///
/// # Errors
/// The file could not be made, or SQLite refused.
pub fn prepare_file(url: &DatabaseUrl) -> Result<(), StoreError> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(()) };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(unavailable(error));
        }
        _ => {}
    }
    connect(url)?.batch_execute("PRAGMA journal_mode = WAL").map_err(unavailable)
}

impl AnyConnection {
    /// Runs `work` in a transaction that may write: committed if it succeeds, rolled back if not.
    ///
    /// On SQLite it begins as `IMMEDIATE`: the write lock is waited for at the start, where waiting is allowed,
    /// rather than found missing half way.
    ///
    /// # Errors
    /// Those of `work`, or of the transaction itself.
    pub fn write_transaction<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        type Manager = <AnyConnection as Connection>::TransactionManager;
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE"),
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection),
        }
        .map_err(StoreError::from)?;
        match work(self) {
            // Rolls back by itself if it fails.
            Ok(value) => match Manager::commit_transaction(self) {
                Ok(()) => Ok(value),
                Err(error) if self.may_have_committed(&error) => Err(StoreError::uncertain(&error).into()),
                Err(error) => Err(StoreError::from(error).into()),
            },
            Err(error) => match Manager::rollback_transaction(self) {
                // The connection is broken, and the pool will drop it; `error` says why.
                Ok(()) | Err(diesel::result::Error::BrokenTransactionManager) => Err(error),
                Err(rollback) => {
                    tracing::warn!(error = %rollback, "rollback failed");
                    Err(error)
                }
            },
        }
    }
}

impl AnyConnection {
    /// A lost connection may have taken the COMMIT with it or not; an answer from the server, and SQLite, say what
    /// happened.
    fn may_have_committed(&self, error: &diesel::result::Error) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};

        let is_answer = matches!(
            error,
            Error::DatabaseError(
                DatabaseErrorKind::SerializationFailure
                    | DatabaseErrorKind::ReadOnlyTransaction
                    | DatabaseErrorKind::UniqueViolation
                    | DatabaseErrorKind::ForeignKeyViolation
                    | DatabaseErrorKind::NotNullViolation
                    | DatabaseErrorKind::CheckViolation,
                _
            )
        );
        matches!(self, Self::Postgres(_)) && !is_answer
    }
}

/// Opens connections for the pool and throws broken ones away.
#[derive(Debug)]
pub struct Manager(pub DatabaseUrl);

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        connect(&self.0)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        Ok(connection.ping()?)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_schemes_are_taken() {
        for text in [
            "sqlite://vestibule.db",
            "sqlite:///var/lib/v.db",
            "postgres://u:p@h/db",
            "postgresql://h/db?sslmode=require",
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
            "postgres://u:s3cret%zz@h/db",
            "postgres://u:s3cret%00@h/db",
            "postgres://u:s3cret@h/db%",
            "postgres://u:s3cret%+1@h/db",
        ] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let url = DatabaseUrl::parse("postgres://who:s3cret@db.example:5433/accounts?password=s3cret").expect("a URL");
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://db.example:5433/accounts DatabaseUrl(postgres://db.example:5433/accounts)"
        );
    }

    #[test]
    fn limits_are_added_where_the_url_sets_none() {
        let DatabaseUrl::Postgres(url) = DatabaseUrl::parse("postgres://h/db?connect_timeout=1").expect("a URL") else {
            unreachable!()
        };
        assert_eq!(
            DatabaseUrl::libpq_text(&url),
            "postgres://h/db?connect_timeout=1&tcp_user_timeout=5000&keepalives_idle=5&keepalives_interval=2\
             &keepalives_count=2&application_name=vestibule"
        );
    }
}
