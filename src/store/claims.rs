//! Table `claims`: later sign-ups for an address whose account is unverified.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::{claims, mail_tokens},
};

/// Sign-up data for the owner of the address.
#[derive(Clone, Queryable)]
pub(crate) struct Claim {
    pub password_hash: String,
    pub full_name: Option<String>,
    /// Language tag for mails.
    pub language: Option<String>,
}

/// A claim to insert.
#[derive(Insertable)]
#[diesel(table_name = claims)]
pub struct NewClaim<'a> {
    pub user_id: i64,
    pub password_hash: &'a str,
    pub full_name: Option<&'a str>,
    pub language: Option<&'a str>,
    pub created_at: NaiveDateTime,
}

impl NewClaim<'_> {
    /// # Errors
    /// Database errors.
    pub fn insert(&self, connection: &mut AnyConnection) -> Result<i64, StoreError> {
        Ok(diesel::insert_into(claims::table).values(self).returning(claims::id).get_result(connection)?)
    }
}

/// The claim with this id on this account.
///
/// # Errors
/// Database errors.
pub(crate) fn find(connection: &mut AnyConnection, user_id: i64, id: i64) -> Result<Option<Claim>, StoreError> {
    Ok(claims::table
        .filter(claims::id.eq(id).and(claims::user_id.eq(user_id)))
        .select((claims::password_hash, claims::full_name, claims::language))
        .first(connection)
        .optional()?)
}

/// Deletes the claims on an account without a sent or pending mail, except the newest `most`. `waiting`: claims with a
/// pending mail.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_unmailed(
    connection: &mut AnyConnection,
    user_id: i64,
    waiting: &[i64],
    most: usize,
) -> Result<(), StoreError> {
    let of_user = claims::table.filter(claims::user_id.eq(user_id));
    let all: Vec<i64> = of_user.select(claims::id).order(claims::id.desc()).load(connection)?;
    let mailed = mail_tokens::table.filter(mail_tokens::user_id.eq(user_id).and(mail_tokens::claim_id.is_not_null()));
    let mailed: Vec<Option<i64>> = mailed.select(mail_tokens::claim_id).load(connection)?;
    let is_unmailed = |id: &i64| !waiting.contains(id) && !mailed.contains(&Some(*id));
    let surplus: Vec<i64> = all.into_iter().filter(is_unmailed).skip(most).collect();
    diesel::delete(claims::table.filter(claims::id.eq_any(surplus))).execute(connection)?;
    Ok(())
}

/// Deletes all claims on a verified account. Their mailed links must be revoked before.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_all(connection: &mut AnyConnection, user_id: i64) -> Result<(), StoreError> {
    diesel::delete(claims::table.filter(claims::user_id.eq(user_id))).execute(connection)?;
    Ok(())
}

/// Deletes a batch created before `before`; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_expired(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<usize, StoreError> {
    let expired = claims::table.filter(claims::created_at.lt(before)).order(claims::created_at);
    delete_batch!(connection, (claims::table, claims::id, i64), expired)
}
