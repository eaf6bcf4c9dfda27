//! Table `sessions`.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::{sessions, users},
    users::{Row, User},
};
use crate::domain::{client::Client, token::TokenHash};

/// Maximum per account and kind, of which there are two.
pub(crate) const MOST_SESSIONS: i64 = 100;

/// A session to insert. Times are UTC.
pub(crate) struct NewSession<'a> {
    pub token: &'a TokenHash,
    /// `browser` or `token`.
    pub kind: &'a str,
    pub user_id: i64,
    pub client: &'a Client,
    pub now: NaiveDateTime,
    pub expires_at: NaiveDateTime,
}

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct Session {
    pub id: i64,
    pub kind: String,
    pub peer: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: NaiveDateTime,
    pub last_seen_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
}

impl NewSession<'_> {
    /// # Errors
    /// Database errors.
    pub(crate) fn insert(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let values = (
            sessions::token_hash.eq(self.token.as_bytes()),
            sessions::kind.eq(self.kind),
            sessions::user_id.eq(self.user_id),
            sessions::peer.eq(self.client.peer.as_deref()),
            sessions::user_agent.eq(self.client.user_agent.as_deref()),
            sessions::created_at.eq(self.now),
            sessions::last_seen_at.eq(self.now),
            sessions::expires_at.eq(self.expires_at),
        );
        diesel::insert_into(sessions::table).values(values).execute(connection)?;
        Ok(())
    }
}

/// The session of this token, expired or not, and its user.
///
/// # Errors
/// Database errors.
pub(crate) fn find(connection: &mut AnyConnection, token: &TokenHash) -> Result<Option<(Session, User)>, StoreError> {
    let found = sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token.as_bytes()))
        .select((Session::as_select(), Row::as_select()))
        .first::<(Session, Row)>(connection)
        .optional()?;
    Ok(found.map(|(session, user)| (session, user.into())))
}

/// Whether the account's session exists.
///
/// # Errors
/// Database errors.
pub(crate) fn is_there(connection: &mut AnyConnection, user_id: i64, id: i64) -> Result<bool, StoreError> {
    let session = sessions::table.filter(sessions::id.eq(id).and(sessions::user_id.eq(user_id)));
    Ok(session.count().get_result::<i64>(connection)? > 0)
}

/// Records the last use.
///
/// # Errors
/// Database errors.
pub(crate) fn touch(connection: &mut AnyConnection, id: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id)).set(sessions::last_seen_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Unexpired sessions of an account, last used first.
///
/// # Errors
/// Database errors.
pub(crate) fn of_user(
    connection: &mut AnyConnection,
    user_id: i64,
    now: NaiveDateTime,
) -> Result<Vec<Session>, StoreError> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user_id).and(sessions::expires_at.gt(now)))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(2 * MOST_SESSIONS)
        .select(Session::as_select())
        .load(connection)?)
}

/// Ends one session of an account; `false` if there was none.
///
/// # Errors
/// Database errors.
pub(crate) fn end(connection: &mut AnyConnection, user_id: i64, id: i64) -> Result<bool, StoreError> {
    let session = sessions::table.filter(sessions::id.eq(id).and(sessions::user_id.eq(user_id)));
    Ok(diesel::delete(session).execute(connection)? > 0)
}

/// Makes room for another session of this kind: ends the least recently used, one batch at most.
///
/// # Errors
/// Database errors.
pub(crate) fn make_room(connection: &mut AnyConnection, user_id: i64, kind: &str) -> Result<(), StoreError> {
    let surplus: Vec<i64> = sessions::table
        .filter(sessions::user_id.eq(user_id).and(sessions::kind.eq(kind)))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .offset(MOST_SESSIONS - 1)
        .limit(BATCH)
        .select(sessions::id)
        .load(connection)?;
    if !surplus.is_empty() {
        diesel::delete(sessions::table.filter(sessions::id.eq_any(surplus))).execute(connection)?;
    }
    Ok(())
}

/// Ends all sessions of an account, optionally except one.
///
/// # Errors
/// Database errors.
pub(crate) fn end_all(connection: &mut AnyConnection, user_id: i64, except: Option<i64>) -> Result<usize, StoreError> {
    // No id is negative.
    let others = sessions::table.filter(sessions::user_id.eq(user_id).and(sessions::id.ne(except.unwrap_or(-1))));
    Ok(diesel::delete(others).execute(connection)?)
}

/// Deletes a batch that expired before `now`; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_expired(connection: &mut AnyConnection, now: NaiveDateTime) -> Result<usize, StoreError> {
    let expired = sessions::table.filter(sessions::expires_at.lt(now)).order(sessions::expires_at);
    delete_batch!(connection, (sessions::table, sessions::id, i64), expired)
}

/// Deletes a batch of browser sessions last used before `since`; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_idle(connection: &mut AnyConnection, since: NaiveDateTime) -> Result<usize, StoreError> {
    let idle = sessions::table.filter(sessions::kind.eq("browser").and(sessions::last_seen_at.lt(since)));
    delete_batch!(connection, (sessions::table, sessions::id, i64), idle.order(sessions::last_seen_at))
}
