//! Store errors, by what the caller can do about them.

use std::fmt::Display;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::domain::field_error::FieldError;

/// A database error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Temporary: unreachable, out of connections, locked, full, read-only, restarting.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The response to a COMMIT was lost: the rows may exist or not.
    #[error("outcome unknown: {0}")]
    Uncertain(String),
    /// Permanent.
    #[error("database error: {0}")]
    Fault(String),
}

/// Why a row could not be inserted.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// A unique index rejected the row.
    #[error("taken: {}", .0.code())]
    Taken(FieldError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoreError {
    /// A temporary error.
    pub fn unavailable(cause: &dyn Display) -> Self {
        Self::Unavailable(one_line(cause))
    }

    /// An unknown outcome.
    pub fn uncertain(cause: &dyn Display) -> Self {
        Self::Uncertain(one_line(cause))
    }

    /// The request timed out and was not executed.
    pub(super) fn timed_out() -> Self {
        Self::Unavailable("the database timed out".into())
    }

    /// The pool has no current epoch.
    pub(super) fn not_connected(cause: &dyn Display) -> Self {
        Self::unavailable(&format_args!("no database connection: {cause}"))
    }

    /// Whether another writer has SQLite's lock.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Unavailable(cause) if LOCKED.iter().any(|text| cause.contains(text)))
    }

    /// A permanent error.
    pub fn fault(cause: &dyn Display) -> Self {
        Self::Fault(one_line(cause))
    }
}

/// libpq's messages have several lines; a log event has one.
fn one_line(text: &dyn Display) -> String {
    text.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        if is_temporary(&error) { Self::unavailable(&error) } else { Self::fault(&error) }
    }
}

impl From<DieselError> for InsertError {
    fn from(error: DieselError) -> Self {
        match super::conflict::taken(&error) {
            Some(taken) => Self::Taken(taken),
            None => Self::Store(error.into()),
        }
    }
}

/// Messages of `SQLITE_BUSY` and `SQLITE_LOCKED` (`sqlite3_errstr`).
const LOCKED: &[&str] = &["database is locked", "database table is locked"];

/// Other messages of temporary errors: SQLite's (`sqlite3_errstr`), and PostgreSQL's for 40P01 (deadlock), classes 53
/// (insufficient resources), 55P03 (lock not available), 57 (operator intervention) and 58030 (disk error). Diesel
/// drops both databases' codes.
const TEMPORARY: &[&str] = &[
    "database or disk is full",
    "attempt to write a readonly database",
    "disk I/O error",
    "unable to open database file",
    "could not obtain lock",
    "canceling statement due to",
    "terminating connection",
    "the database system is",
    "could not connect",
    "deadlock detected",
    "connection to server",
    "server closed the connection",
    "no connection to the server",
    "could not receive data from server",
    "could not send data to server",
    "SSL SYSCALL error",
    "SSL connection has been closed",
    "too many clients",
    "remaining connection slots",
    "too many connections",
    "out of memory",
    "out of shared memory",
    "No space left on device",
    "Input/output error",
    "could not extend file",
];

fn is_temporary(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction,
            _,
        )
        | DieselError::BrokenTransactionManager => true,
        DieselError::DatabaseError(_, information) => {
            LOCKED.iter().chain(TEMPORARY).any(|text| information.message().contains(text))
        }
        DieselError::RollbackErrorOnCommit { commit_error, .. } => is_temporary(commit_error),
        _ => false,
    }
}
