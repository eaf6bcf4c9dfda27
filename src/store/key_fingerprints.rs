//! The table `key_fingerprints`: which `SECRET_KEY` instances run with. A row for each key, renewed for as long as one does.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{AnyConnection, StoreError, schema::key_fingerprints};

/// Every key, and when an instance last said that it has it.
///
/// # Errors
/// Those of the database.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<(Vec<u8>, NaiveDateTime)>, StoreError> {
    Ok(key_fingerprints::table
        .select((key_fingerprints::fingerprint, key_fingerprints::last_seen_at))
        .load(connection)?)
}

/// Says that an instance has this key.
///
/// # Errors
/// Those of the database.
pub fn renew(connection: &mut AnyConnection, fingerprint: &[u8], now: NaiveDateTime) -> Result<(), StoreError> {
    use key_fingerprints::dsl;

    let row = (dsl::fingerprint.eq(fingerprint), dsl::last_seen_at.eq(now));
    let renewed = dsl::last_seen_at.eq(now);
    // Diesel has ON CONFLICT for each database, not for both at once.
    match connection {
        AnyConnection::Postgres(connection) => diesel::insert_into(dsl::key_fingerprints)
            .values(row)
            .on_conflict(dsl::fingerprint)
            .do_update()
            .set(renewed)
            .execute(connection)?,
        AnyConnection::Sqlite(connection) => diesel::insert_into(dsl::key_fingerprints)
            .values(row)
            .on_conflict(dsl::fingerprint)
            .do_update()
            .set(renewed)
            .execute(connection)?,
    };
    Ok(())
}

/// # Errors
/// Those of the database.
pub fn delete(connection: &mut AnyConnection, fingerprint: &[u8]) -> Result<(), StoreError> {
    diesel::delete(key_fingerprints::table.find(fingerprint)).execute(connection)?;
    Ok(())
}
