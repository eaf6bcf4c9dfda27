//! The table `installation_secrets`: what the installation made for itself, shared by all its instances.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{AnyConnection, StoreError, schema::installation_secrets};

/// The secret of this name; made with `make` and kept if there is none yet.
///
/// # Errors
/// Those of the database. Must run inside a write transaction under the start-up lock, which is what keeps two
/// instances from making two.
pub fn load_or_make(
    connection: &mut AnyConnection,
    name: &str,
    now: NaiveDateTime,
    make: impl FnOnce() -> Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    use installation_secrets::dsl;

    let known = dsl::installation_secrets
        .filter(dsl::name.eq(name))
        .select(dsl::value)
        .first::<Vec<u8>>(connection)
        .optional()?;
    if let Some(value) = known {
        return Ok(value);
    }
    let value = make();
    diesel::insert_into(dsl::installation_secrets)
        .values((dsl::name.eq(name), dsl::value.eq(&value), dsl::created_at.eq(now)))
        .execute(connection)?;
    Ok(value)
}
