//! One connection type over both databases, opened by the URL's scheme and set up the same way every time.

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

/// How long SQLite waits for another writer, unless whoever asks has less time left.
const SQLITE_LOCK_WAIT: Duration = Duration::from_secs(5);
/// How long PostgreSQL waits for a lock.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// How long PostgreSQL may work on one statement.
const STATEMENT_WAIT: Duration = Duration::from_secs(2);
/// How long PostgreSQL keeps the locks of a transaction that says nothing more: of a connection that was lost.
const IDLE_WAIT: Duration = Duration::from_secs(3);
/// How long PostgreSQL keeps a session that says nothing more; longer than the pool keeps one that is not used (r2d2's
/// ten minutes).
const SESSION_WAIT: Duration = Duration::from_mins(15);

/// A connection to either database. Queries written against it are checked for both.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Opens a connection that can write, and sets it up.
///
/// A SQLite file that does not exist is made, readable by its owner alone: it holds the key that signs cookies.
/// WAL mode is a property of the file and is set by [`prepare_file`], once. Of several PostgreSQL servers it is the
/// first one that takes writes.
///
/// # Errors
/// What the database said; of several servers the last one.
pub fn connect(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    connect_from(url, &AtomicUsize::new(0))
}

/// As [`connect`]. `server` is the place of the server to begin with, and then of the one that was found: one that is
/// dead is not waited for with every connection.
pub(super) fn connect_from(url: &DatabaseUrl, server: &AtomicUsize) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => connect_sqlite(path).map(AnyConnection::Sqlite),
        DatabaseUrl::Postgres(servers) => {
            let mut last = unavailable("no server is named");
            for (place, text) in servers.libpq_texts(server.load(Ordering::Relaxed)) {
                match connect_postgres(&text) {
                    Ok(connection) => {
                        server.store(place, Ordering::Relaxed);
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
    // A file that cannot be written to is opened too, and would be found out by somebody's sign-up. Another writer may
    // be at work: then it can.
    connection.batch_execute("PRAGMA busy_timeout = 0").map_err(unavailable)?;
    match connection.batch_execute("BEGIN IMMEDIATE") {
        Ok(()) => connection.batch_execute("ROLLBACK").map_err(unavailable)?,
        Err(error) if error.to_string().contains("locked") => {}
        Err(error) => return Err(unavailable(error)),
    }
    connection
        .batch_execute(&format!("PRAGMA busy_timeout = {}", SQLITE_LOCK_WAIT.as_millis()))
        .map_err(unavailable)?;
    connection.batch_execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL").map_err(unavailable)?;
    Ok(connection)
}

/// What a session of PostgreSQL says about itself.
#[derive(diesel::QueryableByName)]
struct Session {
    #[diesel(sql_type = Text)]
    read_only: String,
    #[diesel(sql_type = Text)]
    language: String,
}

fn connect_postgres(text: &str) -> Result<PgConnection, StoreError> {
    static UNREADABLE: Once = Once::new();

    let mut connection = PgConnection::establish(text).map_err(unavailable)?;
    let settings = format!(
        "SET timezone = 'UTC'; SET statement_timeout = {}; SET lock_timeout = {}; \
         SET idle_in_transaction_session_timeout = {}",
        STATEMENT_WAIT.as_millis(),
        LOCK_WAIT.as_millis(),
        IDLE_WAIT.as_millis(),
    );
    connection.batch_execute(&settings).map_err(unavailable)?;
    // A 201 means that the row is on the disk, whatever is set for others; what asks for more than that stays. The last
    // one is there from PostgreSQL 14 on.
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
    // Only a superuser may.
    if !is_english && connection.batch_execute("SET lc_messages = 'C'").is_err() {
        UNREADABLE.call_once(|| {
            tracing::warn!(
                language = session.language,
                "PostgreSQL does not speak English here, so some passing faults are answered as lasting ones; a superuser \
                 may ALTER ROLE … SET lc_messages = 'C'"
            );
        });
    }
    Ok(connection)
}

fn read_only() -> StoreError {
    unavailable("the server only takes reads: it is a standby, or set so")
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
    let mut connection = connect(url)?;
    check_version(&mut connection)?;
    connection.batch_execute("PRAGMA journal_mode = WAL").map_err(unavailable)
}

/// Those before it may damage a file that several connections write to at once: <https://sqlite.org/wal.html#walresetbug>.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

fn check_version(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let version: String = diesel::select(sql::<Text>("sqlite_version()")).get_result(connection)?;
    if is_new_enough(&version) {
        return Ok(());
    }
    let [major, minor, patch] = OLDEST_SQLITE;
    Err(StoreError::Fault(format!(
        "this program was built with SQLite {version}, which may damage the file; build it with {major}.{minor}.{patch} or later"
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
        self.write_transaction_for(&Decision::default(), work)
    }

    /// As [`Self::write_transaction`], but rolled back if it was given up when the work is done: whoever waited has been
    /// told that it was not done.
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
            Ok(_) if !decision.may_commit() => Err(StoreError::late().into()),
            worked => worked,
        };
        match worked {
            // Rolls back by itself if it fails.
            Ok(value) => match Manager::commit_transaction(self) {
                Ok(()) => Ok(value),
                Err(error) if self.may_have_committed(&error) => Err(StoreError::uncertain(&error).into()),
                Err(error) => Err(decision.could_not_write(error).into()),
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
    /// Whether it answers, and still takes writes: a primary may have become a standby.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        let Self::Postgres(connection) = self else { return Ok(self.ping()?) };
        let read_only: String =
            diesel::select(sql::<Text>("current_setting('transaction_read_only')")).get_result(connection)?;
        if read_only == "off" { Ok(()) } else { Err(self::read_only()) }
    }

    /// Writes what is there already, to see whether anything can be written.
    pub(super) fn try_to_write(&mut self) -> Result<(), StoreError> {
        self.write_transaction(|connection| {
            Ok(connection.batch_execute("UPDATE __diesel_schema_migrations SET version = version")?)
        })
    }

    /// Sets how long SQLite waits for another writer; PostgreSQL has limits of its own, for each statement.
    pub(super) fn wait_for_locks(&mut self, wait: Duration) -> Result<(), StoreError> {
        let Self::Sqlite(connection) = self else { return Ok(()) };
        let wait = wait.min(SQLITE_LOCK_WAIT);
        Ok(connection.batch_execute(&format!("PRAGMA busy_timeout = {}", wait.as_millis()))?)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_that_damages_files_is_refused() {
        for version in ["3.40.1", "3.51.2", "2.99.9", "", "3.x"] {
            assert!(!is_new_enough(version), "{version}");
        }
        for version in ["3.51.3", "3.53.2", "3.60", "4.0.0"] {
            assert!(is_new_enough(version), "{version}");
        }
    }
}
