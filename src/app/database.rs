//! The database at start: wait, migrate, open.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    config::Config,
    domain::clock::Clock,
    keys::Keys,
    store::{self, Database, DatabaseUrl, StoreError, instance::Instance, migrations::MigrationError},
};

/// Longest wait for an unavailable database at start.
const DATABASE_WAIT: Duration = Duration::from_secs(30);
/// The name of the generated `SECRET_KEY` in the database.
const SECRET_KEY_NAME: &str = "secret_key";
/// Bytes of a generated `SECRET_KEY`.
const SECRET_KEY_BYTES: usize = 64;

pub(super) type Opened = (Database, Keys, Instance);

/// Blocks for up to 30 s while the database is unavailable.
///
/// # Errors
/// One line with the remedy.
pub(super) fn open(config: &Config, clock: Clock) -> Result<Opened, String> {
    let deadline = Instant::now() + DATABASE_WAIT;
    let mut pause = Duration::from_millis(100);
    loop {
        match try_open(config, clock) {
            Ok(opened) => return Ok(opened),
            Err(error) if error.is_transient(&config.database_url) && Instant::now() + pause < deadline => {
                tracing::warn!(error = %error.0, "database not ready, trying again");
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_secs(1));
            }
            Err(error) => return Err(error.explain(&config.database_url)),
        }
    }
}

struct OpenError(MigrationError);

impl OpenError {
    fn explain(&self, url: &DatabaseUrl) -> String {
        let advice = match (&self.0, url) {
            (MigrationError::Store(StoreError::Unavailable(_)), DatabaseUrl::Postgres(_)) => {
                ". Start the server, or correct the URL"
            }
            (MigrationError::Store(StoreError::Unavailable(_)), DatabaseUrl::Sqlite(_)) => {
                ". Create the folder, make it writable for this user, or choose another path"
            }
            _ => "",
        };
        format!("{url}: {}{advice}", self.0)
    }

    /// A server may be starting, a file may be locked briefly. A path that cannot be opened is permanent.
    fn is_transient(&self, url: &DatabaseUrl) -> bool {
        match (&self.0, url) {
            (
                MigrationError::Store(StoreError::Unavailable(_) | StoreError::Uncertain(_)),
                DatabaseUrl::Postgres(_),
            ) => true,
            (MigrationError::Store(error), DatabaseUrl::Sqlite(_)) => error.is_locked(),
            _ => false,
        }
    }
}

fn try_open(config: &Config, clock: Clock) -> Result<Opened, OpenError> {
    let store = |error: StoreError| OpenError(error.into());
    store::prepare_file(&config.database_url).map_err(store)?;
    let mut connection = store::connect(&config.database_url).map_err(store)?;
    let stored_key = store::migrations::run(&mut connection, |connection| {
        store::secrets::load_or_make(connection, SECRET_KEY_NAME, clock.now(), || {
            rand::random::<[u8; SECRET_KEY_BYTES]>().to_vec()
        })
    })
    .map_err(OpenError)?;
    let keys = Keys::new(config.secret_key.as_ref().map_or(stored_key, |key| key.expose().as_bytes().to_vec()));
    keys.warn_if_changed(&mut connection, clock.now());
    let instance = Instance::enter(&config.database_url);
    instance.release_leases(&mut connection).map_err(store)?;
    let database = Database::open(config.database_url.clone(), config.database_max_connections).map_err(store)?;
    Ok((database, keys, instance.share()))
}
