//! Table `outbox`: mails to send. An instance leases a row before sending it, so that several share the work and no
//! mail is lost with one of them.

use std::ops::RangeInclusive;

use chrono::NaiveDateTime;
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::outbox,
};
use crate::domain::{mail_kind::MailKind, mailbox::mailbox_of, network::Network};

/// A leased mail.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(crate) struct Row {
    pub id: i64,
    pub message_id: String,
    /// A [`MailKind`] as JSON.
    pub detail: String,
    pub user_id: Option<i64>,
    pub recipient: String,
    pub mailbox: String,
    pub language: Option<String>,
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    /// Including this one.
    pub attempts: i64,
    pub created_at: NaiveDateTime,
}

impl Row {
    /// Network of the requesting client.
    #[must_use]
    pub(crate) fn network(&self) -> Option<Network> {
        Network::of_peer(self.peer.as_deref())
    }
}

/// When a mail is due. Later times than any written now were written before the clock was set back: such a try is due
/// now; such a lease is shortened to a new one's end, since its holder may be sending.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub now: NaiveDateTime,
    /// Latest `not_before` of a mail requested now.
    pub latest_first: NaiveDateTime,
    /// Latest time of a retry scheduled now.
    pub latest_try: NaiveDateTime,
    /// Latest end of a lease acquired now.
    pub latest_lease: NaiveDateTime,
}

/// Leases the mail that has been due for longest, until `until`; `None` if none is due.
///
/// # Errors
/// Database errors.
pub(crate) fn lease(connection: &mut AnyConnection, due: Due, until: NaiveDateTime) -> Result<Option<Row>, StoreError> {
    use outbox::dsl;

    diesel::update(dsl::outbox.filter(is_pending().and(dsl::lease_until.gt(due.latest_lease))))
        .set(dsl::lease_until.eq(until))
        .execute(connection)?;
    while let Some((id, attempts)) = next_due(connection, due)? {
        // Each lease increments `attempts`.
        let unleased = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
        let leased = diesel::update(unleased)
            // After a release it is due at once.
            .set((dsl::lease_until.eq(until), dsl::attempts.eq(dsl::attempts + 1), dsl::next_attempt_at.eq(due.now)))
            .execute(connection)?;
        // Otherwise another instance leased it.
        if leased > 0 {
            let row: Row = dsl::outbox.find(id).select(Row::as_select()).first(connection)?;
            return Ok(Some(with_mailbox(connection, row)?));
        }
    }
    Ok(None)
}

/// Rows of earlier versions have no mailbox.
fn with_mailbox(connection: &mut AnyConnection, row: Row) -> Result<Row, StoreError> {
    if !row.mailbox.is_empty() {
        return Ok(row);
    }
    let mailbox = mailbox_of(&row.recipient);
    diesel::update(outbox::table.find(row.id)).set(outbox::mailbox.eq(&mailbox)).execute(connection)?;
    Ok(Row { mailbox, ..row })
}

/// Whether [`lease`] has work.
///
/// # Errors
/// Database errors.
pub(crate) fn is_due(connection: &mut AnyConnection, due: Due) -> Result<bool, StoreError> {
    use outbox::dsl;

    let overlong = dsl::outbox.filter(is_pending().and(dsl::lease_until.gt(due.latest_lease)));
    Ok(next_due(connection, due)?.is_some() || overlong.count().get_result::<i64>(connection)? > 0)
}

/// Id and attempts of the next mail: of those that are due, else of untried ones allowed before their turn, else of
/// those with a wrong time. Each query stops at the first rows of its index, however many retries are pending.
fn next_due(connection: &mut AnyConnection, due: Due) -> Result<Option<(i64, i64)>, StoreError> {
    use outbox::dsl;

    let waiting = || {
        let free = dsl::lease_until.is_null().or(dsl::lease_until.le(due.now));
        let waiting = dsl::outbox.filter(is_pending()).filter(free).order((dsl::next_attempt_at, dsl::id));
        waiting.select((dsl::id, dsl::attempts)).limit(1)
    };
    let due_now = waiting().filter(dsl::next_attempt_at.le(due.now)).first(connection).optional()?;
    if due_now.is_some() {
        return Ok(due_now);
    }
    let is_ready = dsl::not_before.le(due.now).or(dsl::not_before.gt(due.latest_first));
    let untried = waiting().filter(dsl::attempts.eq(0).and(dsl::next_attempt_at.gt(due.now))).filter(is_ready);
    let untried = untried.first(connection).optional()?;
    if untried.is_some() {
        return Ok(untried);
    }
    let retried = waiting().filter(dsl::attempts.gt(0).and(dsl::next_attempt_at.gt(due.latest_try)));
    Ok(retried.first(connection).optional()?)
}

/// A literal: with a parameter, the database may not use a partial index.
fn is_pending() -> SqlLiteral<Bool> {
    sql("outbox.state = 'pending'")
}

/// Final state of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum MailState {
    Sent,
    /// It has no recipient, or too many were sent.
    Dropped,
    /// It was refused permanently, or for too long.
    Dead,
}

/// Sets the final state, unless another instance leased it since.
///
/// # Errors
/// Database errors.
pub(crate) fn settle(
    connection: &mut AnyConnection,
    (id, attempts): (i64, i64),
    state: MailState,
    error: Option<&str>,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    use outbox::dsl;

    let state: &str = state.into();
    let held = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    diesel::update(held)
        .set((
            dsl::state.eq(state),
            dsl::last_error.eq(error),
            dsl::done_at.eq(now),
            dsl::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Sets the end time of a dropped mail.
///
/// # Errors
/// Database errors.
pub(crate) fn note_dropped(connection: &mut AnyConnection, id: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    let dropped = outbox::table.filter(outbox::id.eq(id).and(outbox::state.eq("dropped")));
    diesel::update(dropped).set(outbox::done_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Schedules the next try at `next`, unless another instance leased it since.
///
/// # Errors
/// Database errors.
pub(crate) fn postpone(
    connection: &mut AnyConnection,
    (id, attempts): (i64, i64),
    error: &str,
    next: NaiveDateTime,
) -> Result<(), StoreError> {
    use outbox::dsl;

    let held = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    diesel::update(held)
        .set((dsl::next_attempt_at.eq(next), dsl::last_error.eq(error), dsl::lease_until.eq(None::<NaiveDateTime>)))
        .execute(connection)?;
    Ok(())
}

/// Releases a lease without a try, unless another instance leased it since.
///
/// # Errors
/// Database errors.
pub(crate) fn release(connection: &mut AnyConnection, (id, attempts): (i64, i64)) -> Result<(), StoreError> {
    use outbox::dsl;

    let held = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    diesel::update(held).set(dsl::lease_until.eq(None::<NaiveDateTime>)).execute(connection)?;
    Ok(())
}

/// Releases all leases; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn release_all(connection: &mut AnyConnection) -> Result<usize, StoreError> {
    use outbox::dsl;

    let leased = dsl::outbox.filter(is_pending().and(dsl::lease_until.is_not_null()));
    Ok(diesel::update(leased).set(dsl::lease_until.eq(None::<NaiveDateTime>)).execute(connection)?)
}

/// Whether it is pending and not leased by another instance since.
///
/// # Errors
/// Database errors.
pub(crate) fn is_held(connection: &mut AnyConnection, id: i64, attempts: i64) -> Result<bool, StoreError> {
    use outbox::dsl;

    let held = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    Ok(held.count().get_result::<i64>(connection)? > 0)
}

/// Changes its kind and account.
///
/// # Errors
/// Database errors.
pub(crate) fn convert(
    connection: &mut AnyConnection,
    id: i64,
    kind: &MailKind,
    user_id: i64,
) -> Result<(), StoreError> {
    use outbox::dsl;

    let detail = serde_json::to_string(kind).map_err(|error| StoreError::fault(&error))?;
    diesel::update(dsl::outbox.find(id))
        .set((dsl::kind.eq(kind.name()), dsl::detail.eq(detail), dsl::user_id.eq(user_id)))
        .execute(connection)?;
    Ok(())
}

/// Drops an account's pending mails of this kind.
///
/// # Errors
/// Database errors.
pub(crate) fn drop_pending(
    connection: &mut AnyConnection,
    user_id: i64,
    kind: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    use outbox::dsl;

    let waiting = dsl::outbox.filter(is_pending().and(dsl::user_id.eq(user_id)).and(dsl::kind.eq(kind)));
    diesel::update(waiting)
        .set((dsl::state.eq("dropped"), dsl::done_at.eq(now), dsl::lease_until.eq(None::<NaiveDateTime>)))
        .execute(connection)?;
    Ok(())
}

/// Details of an account's pending mails of a kind.
///
/// # Errors
/// Database errors.
pub(crate) fn pending_details(
    connection: &mut AnyConnection,
    user_id: i64,
    kind: &str,
) -> Result<Vec<String>, StoreError> {
    use outbox::dsl;

    let waiting = dsl::outbox.filter(is_pending().and(dsl::user_id.eq(user_id)).and(dsl::kind.eq(kind)));
    Ok(waiting.select(dsl::detail).load(connection)?)
}

/// The other mails of a kind to a mailbox in this time, sent or in flight: when each was requested, and from which
/// network address.
///
/// # Errors
/// Database errors.
pub(crate) fn others(
    connection: &mut AnyConnection,
    (id, kind, mailbox): (i64, &str, &str),
    time: RangeInclusive<NaiveDateTime>,
) -> Result<Vec<(NaiveDateTime, Option<String>)>, StoreError> {
    use outbox::dsl;

    let others = dsl::mailbox.eq(mailbox).and(dsl::kind.eq(kind)).and(dsl::id.ne(id));
    // Retries count as in flight.
    let counted = dsl::state.eq("sent").or(dsl::state.eq("pending").and(dsl::attempts.gt(0)));
    let others = dsl::outbox.filter(others).filter(counted).filter(dsl::created_at.between(*time.start(), *time.end()));
    Ok(others.select((dsl::created_at, dsl::peer)).load(connection)?)
}

/// Whether the same mail was requested again since: sent, in flight, or from the same network. Untried requests of
/// other networks do not suppress this one.
///
/// # Errors
/// Database errors.
pub(crate) fn has_newer(connection: &mut AnyConnection, row: &Row) -> Result<bool, StoreError> {
    use outbox::dsl;

    let newer = dsl::recipient.eq(&row.recipient).and(dsl::detail.eq(&row.detail)).and(dsl::id.gt(row.id));
    let newer: Vec<(String, i64, Option<String>)> = dsl::outbox
        .filter(newer)
        .filter(dsl::state.eq_any(["pending", "sent"]))
        .select((dsl::state, dsl::attempts, dsl::peer))
        .load(connection)?;
    let network = row.network();
    let is_same = |peer: &Option<String>| Network::of_peer(peer.as_deref()) == network;
    Ok(newer.iter().any(|(state, attempts, peer)| state == "sent" || *attempts > 0 || is_same(peer)))
}

/// Number of pending mails, and when the oldest was created.
///
/// # Errors
/// Database errors.
pub(crate) fn pending(connection: &mut AnyConnection) -> Result<(i64, Option<NaiveDateTime>), StoreError> {
    use outbox::dsl;

    let pending = dsl::outbox.filter(is_pending());
    Ok(pending.select((diesel::dsl::count_star(), diesel::dsl::min(dsl::created_at))).first(connection)?)
}

/// Deletes a batch finished before `before`; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_expired(
    connection: &mut AnyConnection,
    state: MailState,
    before: NaiveDateTime,
) -> Result<usize, StoreError> {
    use outbox::dsl;

    let state: &str = state.into();
    let expired = dsl::outbox.filter(dsl::state.eq(state).and(dsl::done_at.lt(before))).order(dsl::done_at);
    delete_batch!(connection, (dsl::outbox, dsl::id, i64), expired)
}
