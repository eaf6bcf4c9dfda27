//! What can go wrong in the store, sorted by what the caller can do about it.

use std::fmt::Display;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::domain::field_error::FieldError;

/// A fault of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It may be better in a moment: not reachable, out of connections, locked, full, read-only, restarting.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The answer to a COMMIT was lost: the rows may be there or not.
    #[error("the outcome is not known: {0}")]
    Uncertain(String),
    /// It will not get better by itself.
    #[error("database fault: {0}")]
    Fault(String),
}

/// Why a row could not be inserted.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// A unique index says that somebody else was first.
    #[error("taken: {}", .0.code())]
    Taken(FieldError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoreError {
    /// It may be better in a moment.
    pub fn unavailable(cause: &dyn Display) -> Self {
        Self::Unavailable(one_line(cause))
    }

    /// Whether it happened cannot be said.
    pub fn uncertain(cause: &dyn Display) -> Self {
        Self::Uncertain(one_line(cause))
    }

    /// Nobody waits for it any more, so it was not done.
    pub(super) fn late() -> Self {
        Self::Unavailable("the database did not answer in time".into())
    }

    /// The database is known to be away.
    pub(super) fn away(cause: &dyn Display) -> Self {
        Self::unavailable(&format_args!("the database is away: {cause}"))
    }

    /// It will not get better by itself.
    pub fn fault(cause: &dyn Display) -> Self {
        Self::Fault(one_line(cause))
    }
}

/// libpq explains itself over several lines; one event is one line.
fn one_line(text: &dyn Display) -> String {
    text.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        if is_passing(&error) { Self::unavailable(&error) } else { Self::fault(&error) }
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

/// SQLite's words for states that pass (`sqlite3_errstr`), and PostgreSQL's for 40P01 (deadlock), classes 53 (insufficient
/// resources), 55P03 (lock not available), 57 (operator intervention) and 58030 (an error of its disk): neither comes
/// through Diesel with its code.
const PASSING: &[&str] = &[
    "database is locked",
    "database table is locked",
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

fn is_passing(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction,
            _,
        )
        | DieselError::BrokenTransactionManager => true,
        DieselError::DatabaseError(_, information) => PASSING.iter().any(|words| information.message().contains(words)),
        DieselError::RollbackErrorOnCommit { commit_error, .. } => is_passing(commit_error),
        _ => false,
    }
}
