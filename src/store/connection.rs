//! One connection type for both databases, opened by URL scheme and always configured the same way.

use std::{
    fmt::Display,
    fs::OpenOptions,
    io,
    path::Path,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel::{
    Connection, PgConnection, RunQueryDsl as _, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _},
    dsl::sql,
    r2d2::R2D2Connection as _,
    sql_query,
    sql_types::Text,
};

use super::{DatabaseUrl, StoreError, deadline::Decision};

/// SQLite's `busy_timeout`, unless the request has less time left.
const SQLITE_LOCK_WAIT: Duration = Duration::from_secs(5);
/// PostgreSQL's `lock_timeout`.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// PostgreSQL's `statement_timeout`.
const STATEMENT_WAIT: Duration = Duration::from_secs(2);
/// PostgreSQL's `idle_in_transaction_session_timeout`: releases the locks of lost connections.
const IDLE_WAIT: Duration = Duration::from_secs(3);
/// PostgreSQL's `idle_session_timeout`: longer than r2d2's idle timeout of ten minutes.
const SESSION_WAIT: Duration = Duration::from_mins(15);

/// A connection to either database. Queries are type-checked for both.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Opens and configures a writable connection.
///
/// [`prepare_file`] creates the SQLite file and sets WAL mode, a property of the file. Of several PostgreSQL servers
/// the first writable one is used.
///
/// # Errors
/// The database's error; of several servers the last one's.
pub fn connect(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    connect_from(url, &AtomicUsize::new(0))
}

/// As [`connect`]. `server` is the index of the server to try first, then of the connected one: a dead server does not
/// delay every connection.
pub(super) fn connect_from(url: &DatabaseUrl, server: &AtomicUsize) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => connect_sqlite(path).map(AnyConnection::Sqlite),
        DatabaseUrl::Postgres(servers) => {
            let mut last = unavailable("the URL names no server");
            for (index, text) in servers.libpq_texts(server.load(Ordering::Relaxed)) {
                match connect_postgres(&text) {
                    Ok(connection) => {
                        server.store(index, Ordering::Relaxed);
                        return Ok(AnyConnection::Postgres(connection));
                    }
                    Err(error) => last = error,
                }
            }
            Err(last)
        }
    }
}

fn connect_sqlite(path: &Path) -> Result<SqliteConnection, StoreError> {
    let path = path.to_str().ok_or_else(|| unavailable("the path is not UTF-8"))?;
    let mut connection = SqliteConnection::establish(path).map_err(unavailable)?;
    // SQLite opens unwritable files too; a write lock detects them before a sign-up does. A lock held by another writer
    // means that the file is writable.
    connection.batch_execute("PRAGMA busy_timeout = 0").map_err(unavailable)?;
    match connection.batch_execute("BEGIN IMMEDIATE").map_err(unavailable) {
        Ok(()) => connection.batch_execute("ROLLBACK").map_err(unavailable)?,
        Err(error) if error.is_locked() => {}
        Err(error) => return Err(error),
    }
    connection
        .batch_execute(&format!("PRAGMA busy_timeout = {}", SQLITE_LOCK_WAIT.as_millis()))
        .map_err(unavailable)?;
    connection.batch_execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL").map_err(unavailable)?;
    Ok(connection)
}

/// Settings of a PostgreSQL session.
#[derive(diesel::QueryableByName)]
struct Session {
    #[diesel(sql_type = Text)]
    read_only: String,
    #[diesel(sql_type = Text)]
    language: String,
}

fn connect_postgres(text: &str) -> Result<PgConnection, StoreError> {
    static WARNING: Once = Once::new();

    let mut connection = PgConnection::establish(text).map_err(unavailable)?;
    let settings = format!(
        "SET timezone = 'UTC'; SET statement_timeout = {}; SET lock_timeout = {}; \
         SET idle_in_transaction_session_timeout = {}",
        STATEMENT_WAIT.as_millis(),
        LOCK_WAIT.as_millis(),
        IDLE_WAIT.as_millis(),
    );
    connection.batch_execute(&settings).map_err(unavailable)?;
    // A 201 means that the row is on disk: `off` becomes `on`, stricter values stay. `idle_session_timeout` needs
    // PostgreSQL 14.
    let session: Session = sql_query(format!(
        "SELECT current_setting('transaction_read_only') AS read_only, current_setting('lc_messages') AS language, \
         set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false), \
         (SELECT set_config(name, '{}', false) FROM pg_settings WHERE name = 'idle_session_timeout')",
        SESSION_WAIT.as_millis(),
    ))
    .get_result(&mut connection)
    .map_err(unavailable)?;
    if session.read_only != "off" {
        return Err(read_only());
    }
    let is_english = ["C", "POSIX", "en"].iter().any(|language| session.language.starts_with(language));
    // Needs a superuser.
    if !is_english && connection.batch_execute("SET lc_messages = 'C'").is_err() {
        WARNING.call_once(|| {
            tracing::warn!(
                language = session.language,
                "PostgreSQL messages are not in English: some temporary errors are reported as permanent; a superuser \
                 can ALTER ROLE … SET lc_messages = 'C'"
            );
        });
    }
    Ok(connection)
}

fn read_only() -> StoreError {
    unavailable("the server is read-only: a standby, or configured so")
}

/// Connection errors are temporary, whatever their cause.
fn unavailable(cause: impl Display) -> StoreError {
    StoreError::unavailable(&cause)
}

/// Creates a missing SQLite file with mode 0600 (it holds the key that signs cookies) and enables WAL, so that
/// readers never wait for the writer. No-op for PostgreSQL.
///
/// # Errors
/// The file cannot be created, or SQLite's error.
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
    let mut connection = connect(url)?;
    check_version(&mut connection)?;
    connection.batch_execute("PRAGMA journal_mode = WAL").map_err(unavailable)
}

/// Earlier versions may corrupt a file with several writing connections: <https://sqlite.org/wal.html#walresetbug>.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

fn check_version(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let version: String = diesel::select(sql::<Text>("sqlite_version()")).get_result(connection)?;
    if is_new_enough(&version) {
        return Ok(());
    }
    let [major, minor, patch] = OLDEST_SQLITE;
    Err(StoreError::Fault(format!(
        "SQLite {version} of this build may corrupt the file; build with {major}.{minor}.{patch} or later"
    )))
}

fn is_new_enough(version: &str) -> bool {
    version
        .split('.')
        .map(str::parse)
        .collect::<Result<Vec<u32>, _>>()
        .is_ok_and(|parts| parts.as_slice() >= &OLDEST_SQLITE[..])
}

impl AnyConnection {
    /// Runs `work` in a write transaction: commits on success, rolls back on error.
    ///
    /// SQLite begins with `IMMEDIATE`: it waits for the write lock at the start instead of failing midway.
    ///
    /// # Errors
    /// Errors of `work` or of the transaction.
    pub fn write_transaction<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.write_transaction_for(&Decision::default(), work)
    }

    /// As [`Self::write_transaction`], but rolls back if the request timed out before the commit: its client got an
    /// error.
    pub(super) fn write_transaction_for<T, E>(
        &mut self,
        decision: &Decision,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        type Manager = <AnyConnection as Connection>::TransactionManager;
        let begun = match self {
            Self::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE"),
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection),
        };
        begun.map_err(|error| decision.could_not_write(error))?;
        let worked = match work(self) {
            Ok(_) if !decision.may_commit() => Err(StoreError::timed_out().into()),
            worked => worked,
        };
        match worked {
            // Rolls back on failure.
            Ok(value) => match Manager::commit_transaction(self) {
                Ok(()) => Ok(value),
                Err(error) if self.may_have_committed(&error) => Err(StoreError::uncertain(&error).into()),
                Err(error) => Err(decision.could_not_write(error).into()),
            },
            Err(error) => match Manager::rollback_transaction(self) {
                // The pool drops the broken connection; `error` is the cause.
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
    /// Checks that it responds and is writable: a primary may have become a standby.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        let Self::Postgres(connection) = self else { return Ok(self.ping()?) };
        let read_only: String =
            diesel::select(sql::<Text>("current_setting('transaction_read_only')")).get_result(connection)?;
        if read_only == "off" { Ok(()) } else { Err(self::read_only()) }
    }

    /// Writes unchanged values, to check that the disk is writable.
    pub(super) fn try_to_write(&mut self) -> Result<(), StoreError> {
        self.write_transaction(|connection| {
            Ok(connection.batch_execute("UPDATE __diesel_schema_migrations SET version = version")?)
        })
    }

    /// Sets SQLite's `busy_timeout`; PostgreSQL has its own limits per statement.
    pub(super) fn wait_for_locks(&mut self, wait: Duration) -> Result<(), StoreError> {
        let Self::Sqlite(connection) = self else { return Ok(()) };
        let wait = wait.min(SQLITE_LOCK_WAIT);
        Ok(connection.batch_execute(&format!("PRAGMA busy_timeout = {}", wait.as_millis()))?)
    }

    /// Whether a failed COMMIT may have taken effect: unknown for a lost connection; a server error and SQLite report
    /// the outcome.
    fn may_have_committed(&self, error: &diesel::result::Error) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};

        let is_server_error = matches!(
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
        matches!(self, Self::Postgres(_)) && !is_server_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_versions_that_corrupt_files_are_refused() {
        for version in ["3.40.1", "3.51.2", "2.99.9", "", "3.x"] {
            assert!(!is_new_enough(version), "{version}");
        }
        for version in ["3.51.3", "3.53.2", "3.60", "4.0.0"] {
            assert!(is_new_enough(version), "{version}");
        }
    }
}
