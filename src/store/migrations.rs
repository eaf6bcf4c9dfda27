//! The embedded migrations, run at start under a lock.

use diesel::{
    QueryDsl as _, RunQueryDsl as _,
    dsl::sql,
    migration::{Migration, MigrationSource as _, MigrationVersion},
    sql_query,
    sql_types::Text,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{AnyConnection, StoreError};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// PostgreSQL's advisory lock at start: the ASCII text "vestibul".
const START_LOCK: i64 = 0x7665_7374_6962_756c;

diesel::table! {
    #[sql_name = "__diesel_schema_migrations"]
    applied (version) {
        version -> Text,
    }
}

/// Why the database could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error(
        "the database is newer than this program: it has migration {0}, which this program does not know. \
         Start the version that made it, or a later one"
    )]
    Newer(String),
    #[error("migrating the database failed: {0}")]
    Failed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Runs pending migrations, then `then`, in one transaction under a lock: of several starting instances one migrates
/// and the others wait; a failed migration is rolled back.
///
/// # Errors
/// [`MigrationError::Newer`] if the database has a migration unknown to this program.
pub fn run<T>(
    connection: &mut AnyConnection,
    then: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
) -> Result<T, MigrationError> {
    connection.write_transaction(|connection| {
        if let AnyConnection::Postgres(connection) = connection {
            // Another instance may migrate for longer than these timeouts. `LOCAL` ends with the transaction.
            sql_query("SET LOCAL statement_timeout = 0").execute(connection)?;
            sql_query("SET LOCAL lock_timeout = 0").execute(connection)?;
            sql_query(format!("SELECT pg_advisory_xact_lock({START_LOCK})")).execute(connection)?;
            check_encoding(connection)?;
        }
        if let Some(unknown) = unknown_versions(connection)?.first() {
            return Err(MigrationError::Newer(unknown.clone()));
        }
        let done = match connection {
            AnyConnection::Postgres(connection) => names(connection.run_pending_migrations(POSTGRES)),
            AnyConnection::Sqlite(connection) => names(connection.run_pending_migrations(SQLITE)),
        };
        for version in done? {
            tracing::info!(version, "database migrated");
        }
        Ok(then(connection)?)
    })
}

/// Other encodings than UTF-8 cannot store every name.
fn check_encoding(connection: &mut diesel::PgConnection) -> Result<(), MigrationError> {
    let encoding: String = diesel::select(sql::<Text>("current_setting('server_encoding')")).get_result(connection)?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(MigrationError::Failed(format!("the database's encoding is {encoding}; create it with ENCODING 'UTF8'")))
}

/// Reverts all migrations, newest first.
///
/// # Errors
/// Database errors.
pub fn revert_all(connection: &mut AnyConnection) -> Result<(), MigrationError> {
    let done = match connection {
        AnyConnection::Postgres(connection) => names(connection.revert_all_migrations(POSTGRES)),
        AnyConnection::Sqlite(connection) => names(connection.revert_all_migrations(SQLITE)),
    };
    done.map(drop)
}

/// Checks that all known migrations are applied. Read-only: it runs every few seconds.
pub(super) fn check(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let applied: Vec<String> = applied::table.select(applied::version).load(connection)?;
    let known = known_versions(connection).map_err(|error| StoreError::Fault(error.to_string()))?;
    if known.iter().all(|version| applied.contains(version)) {
        Ok(())
    } else {
        Err(StoreError::Unavailable("the database is not migrated yet".into()))
    }
}

fn unknown_versions(connection: &mut AnyConnection) -> Result<Vec<String>, MigrationError> {
    let known = known_versions(connection)?;
    Ok(applied_versions(connection)?.into_iter().filter(|version| !known.contains(version)).collect())
}

fn known_versions(connection: &AnyConnection) -> Result<Vec<String>, MigrationError> {
    let versions = match connection {
        AnyConnection::Postgres(_) => versions_of::<diesel::pg::Pg>(&POSTGRES),
        AnyConnection::Sqlite(_) => versions_of::<diesel::sqlite::Sqlite>(&SQLITE),
    };
    versions.map_err(MigrationError::Failed)
}

fn versions_of<B: diesel::backend::Backend>(embedded: &EmbeddedMigrations) -> Result<Vec<String>, String>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<B>,
{
    let migrations: Vec<Box<dyn Migration<B>>> = embedded.migrations().map_err(|error| error.to_string())?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn applied_versions(connection: &mut AnyConnection) -> Result<Vec<String>, MigrationError> {
    match connection {
        AnyConnection::Postgres(connection) => names(connection.applied_migrations()),
        AnyConnection::Sqlite(connection) => names(connection.applied_migrations()),
    }
}

type Versions<'a> = diesel::migration::Result<Vec<MigrationVersion<'a>>>;

/// Diesel boxes its errors here; unboxes database errors, as opposed to faulty migrations.
fn names(versions: Versions<'_>) -> Result<Vec<String>, MigrationError> {
    let error = match versions {
        Ok(versions) => return Ok(versions.iter().map(ToString::to_string).collect()),
        Err(error) => error,
    };
    match error.downcast::<diesel::result::Error>() {
        Ok(error) => Err((*error).into()),
        Err(error) => Err(MigrationError::Failed(error.to_string())),
    }
}
