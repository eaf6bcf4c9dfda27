//! The table `audit_log`. A trigger refuses to change a row.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::audit_log,
};
use crate::accounts::audit::{Client, Entry, Event};

/// Adds a line. `user_id` is `None` where nobody's account was named.
///
/// # Errors
/// Those of the database.
pub fn record(
    connection: &mut AnyConnection,
    (event, succeeded): (Event, bool),
    user_id: Option<i64>,
    client: &Client,
    at: NaiveDateTime,
) -> Result<(), StoreError> {
    use audit_log::dsl;

    diesel::insert_into(dsl::audit_log)
        .values((
            dsl::user_id.eq(user_id),
            dsl::event.eq(event.name()),
            dsl::succeeded.eq(succeeded),
            dsl::peer.eq(client.peer.as_deref()),
            dsl::user_agent.eq(client.user_agent.as_deref()),
            dsl::at.eq(at),
        ))
        .execute(connection)?;
    Ok(())
}

/// The newest lines of an account that are not older than `since`, newest first.
///
/// # Errors
/// Those of the database.
pub fn of_user(
    connection: &mut AnyConnection,
    user_id: i64,
    since: NaiveDateTime,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    use audit_log::dsl;

    let rows = dsl::audit_log
        .filter(dsl::user_id.eq(user_id).and(dsl::at.ge(since)))
        .order((dsl::at.desc(), dsl::id.desc()))
        .limit(most)
        .select((dsl::event, dsl::succeeded, dsl::peer, dsl::user_agent, dsl::at))
        .load::<(String, bool, Option<String>, Option<String>, NaiveDateTime)>(connection)?;
    let entry = |(event, succeeded, peer, user_agent, at)| Entry { event, succeeded, peer, user_agent, at };
    Ok(rows.into_iter().map(entry).collect())
}

/// Deletes a batch of what is older than `before`; says how much.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<usize, StoreError> {
    let expired = audit_log::table.filter(audit_log::at.lt(before)).order(audit_log::at);
    delete_batch!(connection, (audit_log::table, audit_log::id, i64), expired)
}
