//! Table `key_fingerprints`: the `SECRET_KEY` of each instance. One row per key, renewed while an instance uses it.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{AnyConnection, StoreError, schema::key_fingerprints};

/// Every key, and when an instance last renewed it.
///
/// # Errors
/// Database errors.
pub(crate) fn all(connection: &mut AnyConnection) -> Result<Vec<(Vec<u8>, NaiveDateTime)>, StoreError> {
    Ok(key_fingerprints::table
        .select((key_fingerprints::fingerprint, key_fingerprints::last_seen_at))
        .load(connection)?)
}

/// Records that an instance uses this key.
///
/// # Errors
/// Database errors.
pub(crate) fn renew(connection: &mut AnyConnection, fingerprint: &[u8], now: NaiveDateTime) -> Result<(), StoreError> {
    use key_fingerprints::dsl;

    let row = (dsl::fingerprint.eq(fingerprint), dsl::last_seen_at.eq(now));
    let renewed = dsl::last_seen_at.eq(now);
    // Diesel's ON CONFLICT is specific to each database.
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
/// Database errors.
pub(crate) fn delete(connection: &mut AnyConnection, fingerprint: &[u8]) -> Result<(), StoreError> {
    diesel::delete(key_fingerprints::table.find(fingerprint)).execute(connection)?;
    Ok(())
}
