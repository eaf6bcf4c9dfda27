//! Table `installation_secrets`: generated secrets, shared by all instances.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{AnyConnection, StoreError, schema::installation_secrets};

/// The secret of this name; generated with `make` and stored if missing.
///
/// # Errors
/// Database errors. Must run in a write transaction under the start lock, so that two instances
/// cannot generate two.
pub(crate) fn load_or_make(
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
