//! The table `claims`: later sign-ups for an address that nobody has proven.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::{claims, mail_tokens},
};

/// What whoever proves the address signed up with.
#[derive(Clone, Queryable)]
pub struct Claim {
    pub password_hash: String,
    pub full_name: Option<String>,
    /// Of mails, as a language tag.
    pub language: Option<String>,
}

/// A claim to be.
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
    /// Those of the database.
    pub fn insert(&self, connection: &mut AnyConnection) -> Result<i64, StoreError> {
        Ok(diesel::insert_into(claims::table).values(self).returning(claims::id).get_result(connection)?)
    }
}

/// The claim of this number on this account.
///
/// # Errors
/// Those of the database.
pub fn find(connection: &mut AnyConnection, user_id: i64, id: i64) -> Result<Option<Claim>, StoreError> {
    Ok(claims::table
        .filter(claims::id.eq(id).and(claims::user_id.eq(user_id)))
        .select((claims::password_hash, claims::full_name, claims::language))
        .first(connection)
        .optional()?)
}

/// Deletes the claims on an account that were never mailed and whose mail does not wait, but for the newest `most`. `waiting`:
/// claims whose mail does.
///
/// # Errors
/// Those of the database.
pub fn delete_unmailed(
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
    let over: Vec<i64> = all.into_iter().filter(is_unmailed).skip(most).collect();
    diesel::delete(claims::table.filter(claims::id.eq_any(over))).execute(connection)?;
    Ok(())
}

/// Takes away all claims on an account: it has an owner now. What was mailed for them has to be dead before.
///
/// # Errors
/// Those of the database.
pub fn delete_all(connection: &mut AnyConnection, user_id: i64) -> Result<(), StoreError> {
    diesel::delete(claims::table.filter(claims::user_id.eq(user_id))).execute(connection)?;
    Ok(())
}

/// Deletes a batch of those that were made before `before`; says how many.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<usize, StoreError> {
    let expired = claims::table.filter(claims::created_at.lt(before)).order(claims::created_at);
    delete_batch!(connection, (claims::table, claims::id, i64), expired)
}
