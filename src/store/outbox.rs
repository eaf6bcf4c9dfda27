//! The table `outbox`: mails that are to be sent. A row is leased by whoever sends it, so that several instances share the
//! work and nothing is lost with one of them.

use std::ops::RangeInclusive;

use chrono::NaiveDateTime;
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::outbox,
};
use crate::domain::{mail_kind::MailKind, mailbox::mailbox_of, network::Network};

/// A mail that was taken to be sent.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Row {
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
    /// With this one.
    pub attempts: i64,
    pub created_at: NaiveDateTime,
}

impl Row {
    /// Where it was asked for.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        Network::of_peer(self.peer.as_deref())
    }
}

/// When a mail is due. What lies later than anybody writes was written before the clock was set back: a try is due then,
/// a lease ends as late as one that is given now, since whoever holds it may be sending.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    pub now: NaiveDateTime,
    /// The latest moment before which a mail is not made that is asked for now.
    pub latest_first: NaiveDateTime,
    /// The latest moment to which a try is put off now.
    pub latest_try: NaiveDateTime,
    /// The latest moment at which a lease ends that is given now.
    pub latest_lease: NaiveDateTime,
}

/// Takes the mail that has been due for longest, until `until`; `None` when none is due.
///
/// # Errors
/// Those of the database.
pub fn lease(connection: &mut AnyConnection, due: Due, until: NaiveDateTime) -> Result<Option<Row>, StoreError> {
    use outbox::dsl;

    diesel::update(dsl::outbox.filter(is_pending().and(dsl::lease_until.gt(due.latest_lease))))
        .set(dsl::lease_until.eq(until))
        .execute(connection)?;
    while let Some((id, attempts)) = next_due(connection, due)? {
        // Whoever takes it counts one more.
        let still = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
        let taken = diesel::update(still)
            // Its turn has come; given back, it has no other place to wait for.
            .set((dsl::lease_until.eq(until), dsl::attempts.eq(dsl::attempts + 1), dsl::next_attempt_at.eq(due.now)))
            .execute(connection)?;
        // Otherwise another instance was quicker.
        if taken > 0 {
            let row: Row = dsl::outbox.find(id).select(Row::as_select()).first(connection)?;
            return Ok(Some(with_mailbox(connection, row)?));
        }
    }
    Ok(None)
}

/// A version before this one writes no mailbox.
fn with_mailbox(connection: &mut AnyConnection, row: Row) -> Result<Row, StoreError> {
    if !row.mailbox.is_empty() {
        return Ok(row);
    }
    let mailbox = mailbox_of(&row.recipient);
    diesel::update(outbox::table.find(row.id)).set(outbox::mailbox.eq(&mailbox)).execute(connection)?;
    Ok(Row { mailbox, ..row })
}

/// Whether [`lease`] has something to do.
///
/// # Errors
/// Those of the database.
pub fn is_due(connection: &mut AnyConnection, due: Due) -> Result<bool, StoreError> {
    use outbox::dsl;

    let too_long = dsl::outbox.filter(is_pending().and(dsl::lease_until.gt(due.latest_lease)));
    Ok(next_due(connection, due)?.is_some() || too_long.count().get_result::<i64>(connection)? > 0)
}

/// Its id, and how often it was tried: of those whose turn it is, or else of those that may be made before their turn, or else of
/// those whose time is wrong. Each search ends at the first rows that its index has, however many mails wait for another try.
fn next_due(connection: &mut AnyConnection, due: Due) -> Result<Option<(i64, i64)>, StoreError> {
    use outbox::dsl;

    let waiting = || {
        let free = dsl::lease_until.is_null().or(dsl::lease_until.le(due.now));
        let waiting = dsl::outbox.filter(is_pending()).filter(free).order((dsl::next_attempt_at, dsl::id));
        waiting.select((dsl::id, dsl::attempts)).limit(1)
    };
    let came = waiting().filter(dsl::next_attempt_at.le(due.now)).first(connection).optional()?;
    if came.is_some() {
        return Ok(came);
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

/// As a literal: with a parameter in its place, a database may not know that a partial index has the row.
fn is_pending() -> SqlLiteral<Bool> {
    sql("outbox.state = 'pending'")
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum MailState {
    Sent,
    /// There is nobody to send it to, or too many were sent.
    Dropped,
    /// It was refused for good, or for too long.
    Dead,
}

/// It is done with, unless somebody else took it since.
///
/// # Errors
/// Those of the database.
pub fn settle(
    connection: &mut AnyConnection,
    (id, attempts): (i64, i64),
    outcome: MailState,
    error: Option<&str>,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    use outbox::dsl;

    let outcome: &str = outcome.into();
    let still = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    diesel::update(still)
        .set((
            dsl::state.eq(outcome),
            dsl::last_error.eq(error),
            dsl::done_at.eq(now),
            dsl::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(connection)?;
    Ok(())
}

/// A mail that was dropped is done with by now.
///
/// # Errors
/// Those of the database.
pub fn note_dropped(connection: &mut AnyConnection, id: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    let dropped = outbox::table.filter(outbox::id.eq(id).and(outbox::state.eq("dropped")));
    diesel::update(dropped).set(outbox::done_at.eq(now)).execute(connection)?;
    Ok(())
}

/// It could not be sent; the next try is at `next`, unless somebody else took it since.
///
/// # Errors
/// Those of the database.
pub fn postpone(
    connection: &mut AnyConnection,
    (id, attempts): (i64, i64),
    error: &str,
    next: NaiveDateTime,
) -> Result<(), StoreError> {
    use outbox::dsl;

    let still = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    diesel::update(still)
        .set((dsl::next_attempt_at.eq(next), dsl::last_error.eq(error), dsl::lease_until.eq(None::<NaiveDateTime>)))
        .execute(connection)?;
    Ok(())
}

/// It was not tried after all, and is due again, unless somebody else took it since.
///
/// # Errors
/// Those of the database.
pub fn release(connection: &mut AnyConnection, (id, attempts): (i64, i64)) -> Result<(), StoreError> {
    use outbox::dsl;

    let still = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    diesel::update(still).set(dsl::lease_until.eq(None::<NaiveDateTime>)).execute(connection)?;
    Ok(())
}

/// No mail is leased any more; says how many were.
///
/// # Errors
/// Those of the database.
pub fn release_all(connection: &mut AnyConnection) -> Result<usize, StoreError> {
    use outbox::dsl;

    let leased = dsl::outbox.filter(is_pending().and(dsl::lease_until.is_not_null()));
    Ok(diesel::update(leased).set(dsl::lease_until.eq(None::<NaiveDateTime>)).execute(connection)?)
}

/// It is still to be sent, and nobody else took it since.
///
/// # Errors
/// Those of the database.
pub fn is_held(connection: &mut AnyConnection, id: i64, attempts: i64) -> Result<bool, StoreError> {
    use outbox::dsl;

    let still = dsl::outbox.filter(dsl::id.eq(id).and(dsl::attempts.eq(attempts)).and(dsl::state.eq("pending")));
    Ok(still.count().get_result::<i64>(connection)? > 0)
}

/// Makes another mail of it, to somebody else's account.
///
/// # Errors
/// Those of the database.
pub fn convert(connection: &mut AnyConnection, id: i64, kind: &MailKind, user_id: i64) -> Result<(), StoreError> {
    use outbox::dsl;

    let detail = serde_json::to_string(kind).map_err(|error| StoreError::fault(&error))?;
    diesel::update(dsl::outbox.find(id))
        .set((dsl::kind.eq(kind.name()), dsl::detail.eq(detail), dsl::user_id.eq(user_id)))
        .execute(connection)?;
    Ok(())
}

/// Drops what an account still has to be sent of this kind.
///
/// # Errors
/// Those of the database.
pub fn drop_pending(
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

/// What the mails of a kind are about that wait to be sent to an account.
///
/// # Errors
/// Those of the database.
pub fn pending_details(connection: &mut AnyConnection, user_id: i64, kind: &str) -> Result<Vec<String>, StoreError> {
    use outbox::dsl;

    let waiting = dsl::outbox.filter(is_pending().and(dsl::user_id.eq(user_id)).and(dsl::kind.eq(kind)));
    Ok(waiting.select(dsl::detail).load(connection)?)
}

/// The mails of a kind that were sent to a mailbox in this time, or are on their way, but for this one: when each was asked
/// for, and from which network address.
///
/// # Errors
/// Those of the database.
pub fn others(
    connection: &mut AnyConnection,
    (id, kind, mailbox): (i64, &str, &str),
    time: RangeInclusive<NaiveDateTime>,
) -> Result<Vec<(NaiveDateTime, Option<String>)>, StoreError> {
    use outbox::dsl;

    let others = dsl::mailbox.eq(mailbox).and(dsl::kind.eq(kind)).and(dsl::id.ne(id));
    // On their way are also those whose sending failed before.
    let counted = dsl::state.eq("sent").or(dsl::state.eq("pending").and(dsl::attempts.gt(0)));
    let others = dsl::outbox.filter(others).filter(counted).filter(dsl::created_at.between(*time.start(), *time.end()));
    Ok(others.select((dsl::created_at, dsl::peer)).load(connection)?)
}

/// Whether the same mail was asked for again since: sent, on its way, or asked for from the same network. What
/// others ask for and may not get is no reason to leave this one out.
///
/// # Errors
/// Those of the database.
pub fn has_newer(connection: &mut AnyConnection, row: &Row) -> Result<bool, StoreError> {
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

/// How many mails wait to be sent, and when the oldest of them was written.
///
/// # Errors
/// Those of the database.
pub fn pending(connection: &mut AnyConnection) -> Result<(i64, Option<NaiveDateTime>), StoreError> {
    use outbox::dsl;

    let pending = dsl::outbox.filter(is_pending());
    Ok(pending.select((diesel::dsl::count_star(), diesel::dsl::min(dsl::created_at))).first(connection)?)
}

/// Deletes a batch of what was done with before `before`; says how much.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(
    connection: &mut AnyConnection,
    outcome: MailState,
    before: NaiveDateTime,
) -> Result<usize, StoreError> {
    use outbox::dsl;

    let outcome: &str = outcome.into();
    let expired = dsl::outbox.filter(dsl::state.eq(outcome).and(dsl::done_at.lt(before))).order(dsl::done_at);
    delete_batch!(connection, (dsl::outbox, dsl::id, i64), expired)
}
