//! Table `rate_limits`: consumption of limits that all instances share. One row per rule and subject, counted by the
//! generic cell rate algorithm (GCRA): the row holds the time at which everything consumed is available again.

use diesel::{dsl::case_when, prelude::*};

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::rate_limits,
};
use crate::domain::rate::Counter;

/// Consumes one unit of a counter at `now`, in microseconds since 1970; `false` if exhausted.
///
/// # Errors
/// Database errors.
pub fn consume(connection: &mut AnyConnection, counter: &Counter, now: i64) -> Result<bool, StoreError> {
    advance(connection, counter.key.as_bytes(), (now, counter.interval), now + counter.window - counter.interval)
}

/// Marks an id as used until `until`; `false` if it was used before. Times in microseconds since 1970.
///
/// # Errors
/// Database errors.
pub fn use_once(connection: &mut AnyConnection, key: &[u8], now: i64, until: i64) -> Result<bool, StoreError> {
    advance(connection, key, (until, 0), now)
}

/// Advances a row by `step`, at least to `floor + step`, unless it is beyond `latest`. One statement, so that
/// concurrent requests on all instances cannot exceed the limit.
fn advance(
    connection: &mut AnyConnection,
    key: &[u8],
    (floor, step): (i64, i64),
    latest: i64,
) -> Result<bool, StoreError> {
    // `filter` of the upsert.
    use diesel::query_dsl::methods::FilterDsl as _;
    use rate_limits::dsl;

    let first = (dsl::key.eq(key), dsl::tat.eq(floor + step));
    let next = dsl::tat.eq(case_when(dsl::tat.gt(floor), dsl::tat).otherwise(floor) + step);
    // Diesel's ON CONFLICT is specific to each database.
    let row: Option<i64> = match connection {
        AnyConnection::Postgres(connection) => diesel::insert_into(dsl::rate_limits)
            .values(first)
            .on_conflict(dsl::key)
            .do_update()
            .set(next)
            .filter(dsl::tat.le(latest))
            .returning(dsl::tat)
            .get_result(connection)
            .optional()?,
        AnyConnection::Sqlite(connection) => diesel::insert_into(dsl::rate_limits)
            .values(first)
            .on_conflict(dsl::key)
            .do_update()
            .set(next)
            .filter(dsl::tat.le(latest))
            .returning(dsl::tat)
            .get_result(connection)
            .optional()?,
    };
    Ok(row.is_some())
}

/// The theoretical arrival time of a counter; `None` without consumption.
///
/// # Errors
/// Database errors.
pub fn find(connection: &mut AnyConnection, counter: &Counter) -> Result<Option<i64>, StoreError> {
    let row = rate_limits::table.find(counter.key.as_bytes());
    Ok(row.select(rate_limits::tat).first(connection).optional()?)
}

/// Refunds one unit.
///
/// # Errors
/// Database errors.
pub fn refund(connection: &mut AnyConnection, counter: &Counter, now: i64) -> Result<(), StoreError> {
    use rate_limits::dsl;

    let used = dsl::rate_limits.filter(dsl::key.eq(counter.key.as_bytes()).and(dsl::tat.gt(now)));
    diesel::update(used).set(dsl::tat.eq(dsl::tat - counter.interval)).execute(connection)?;
    Ok(())
}

/// Clamps a counter beyond `most` to `to`: it was consumed before the clock was set back.
///
/// # Errors
/// Database errors.
pub fn clamp(connection: &mut AnyConnection, counter: &Counter, most: i64, to: i64) -> Result<(), StoreError> {
    use rate_limits::dsl;

    let ahead = dsl::rate_limits.filter(dsl::key.eq(counter.key.as_bytes()).and(dsl::tat.gt(most)));
    diesel::update(ahead).set(dsl::tat.eq(to)).execute(connection)?;
    Ok(())
}

/// Deletes a batch that expired before `before`; returns their number.
///
/// # Errors
/// Database errors.
pub fn delete_expired(connection: &mut AnyConnection, before: i64) -> Result<usize, StoreError> {
    let expired = rate_limits::table.filter(rate_limits::tat.lt(before)).order(rate_limits::tat);
    delete_batch!(connection, (rate_limits::table, rate_limits::key, Vec<u8>), expired)
}
