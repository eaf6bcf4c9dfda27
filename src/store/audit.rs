//! Table `audit_log`. A trigger rejects updates.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::audit_log,
};
use crate::domain::{
    audit::{Entry, Event},
    client::Client,
};

/// Inserts an entry. `user_id` is `None` for an unknown account.
///
/// # Errors
/// Database errors.
pub(crate) fn record(
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

/// A pagination cursor: entries before it are older, or of the same time with a lower id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Before {
    at: NaiveDateTime,
    id: i64,
}

impl Before {
    /// The end of the log. SQLite sorts later years first.
    #[must_use]
    pub(crate) fn end() -> Self {
        let day = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
        Self { at: day.and_time(NaiveTime::MIN), id: i64::MAX }
    }
}

/// The newest entries of an account before a cursor and not older than `since`, newest first; and the cursor of the
/// next page.
///
/// # Errors
/// Database errors.
pub(crate) fn of_user(
    connection: &mut AnyConnection,
    (user_id, since): (i64, NaiveDateTime),
    before: Before,
    most: i64,
) -> Result<(Vec<Entry>, Option<Before>), StoreError> {
    use audit_log::dsl;

    let is_before = dsl::at.lt(before.at).or(dsl::id.lt(before.id));
    let rows = dsl::audit_log
        // `le` is redundant; the index needs it.
        .filter(dsl::user_id.eq(user_id).and(dsl::at.ge(since)).and(dsl::at.le(before.at)).and(is_before))
        .order((dsl::at.desc(), dsl::id.desc()))
        .limit(most)
        .select((dsl::id, dsl::event, dsl::succeeded, dsl::peer, dsl::user_agent, dsl::at))
        .load::<(i64, String, bool, Option<String>, Option<String>, NaiveDateTime)>(connection)?;
    let last = rows.last().map(|(id, .., at)| Before { at: *at, id: *id });
    let entry = |(_, event, succeeded, peer, user_agent, at)| Entry { event, succeeded, peer, user_agent, at };
    Ok((rows.into_iter().map(entry).collect(), last))
}

/// Entries of one kind and account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub user_id: i64,
    pub event: Event,
    pub succeeded: bool,
}

/// Ids of a batch of entries of a kind beyond the `limit` newest.
///
/// # Errors
/// Database errors.
pub(crate) fn surplus(connection: &mut AnyConnection, kind: Kind, limit: i64) -> Result<Vec<i64>, StoreError> {
    use audit_log::dsl;

    let of_kind = dsl::user_id.eq(kind.user_id).and(dsl::event.eq(kind.event.name()));
    Ok(dsl::audit_log
        .filter(of_kind.and(dsl::succeeded.eq(kind.succeeded)))
        .order((dsl::at.desc(), dsl::id.desc()))
        .offset(limit)
        .limit(BATCH)
        .select(dsl::id)
        .load(connection)?)
}

/// Deletes a batch of [`surplus`]; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_surplus(connection: &mut AnyConnection, kind: Kind, limit: i64) -> Result<usize, StoreError> {
    let surplus = surplus(connection, kind, limit)?;
    let surplus = audit_log::table.filter(audit_log::id.eq_any(surplus));
    delete_batch!(connection, (audit_log::table, audit_log::id, i64), surplus)
}

/// Deletes a batch older than `before`; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_expired(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<usize, StoreError> {
    let expired = audit_log::table.filter(audit_log::at.lt(before)).order(audit_log::at);
    delete_batch!(connection, (audit_log::table, audit_log::id, i64), expired)
}
