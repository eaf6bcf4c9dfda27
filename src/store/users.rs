//! Table `users`.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{AnyConnection, BATCH, InsertError, StoreError, batch::lock_keys, schema::users};
use crate::domain::{
    account::Account,
    known_devices::{DeviceKey, Epoch},
};

/// A row to insert. `email` and `username_key` are canonical; times are UTC.
#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub email: Option<&'a str>,
    pub username: Option<&'a str>,
    pub username_key: Option<&'a str>,
    pub password_hash: &'a str,
    pub full_name: Option<&'a str>,
    pub is_active: bool,
    pub is_verified: bool,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    /// Language tag for mails.
    pub language: Option<&'a str>,
    /// Deadline of the verification, if required.
    pub proof_due: Option<NaiveDateTime>,
    /// Whether login requires verification, whatever the settings.
    pub must_prove: bool,
}

/// An account with its login data.
#[derive(Clone)]
pub struct User {
    pub account: Account,
    pub password_hash: String,
    /// Language tag for mails.
    pub language: Option<String>,
    /// Since when it has its current owner.
    pub owner_since: NaiveDateTime,
    /// Identifies the password across rehashes; see `domain/known_devices.rs`.
    pub password_epoch: Option<String>,
}

impl User {
    /// Identifies the current password across rehashes.
    #[must_use]
    pub fn epoch(&self, key: &DeviceKey) -> Epoch {
        Epoch::of(key, &self.password_hash, self.password_epoch.as_deref())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct Row {
    id: i64,
    email: Option<String>,
    username: Option<String>,
    full_name: Option<String>,
    is_active: bool,
    is_verified: bool,
    created_at: NaiveDateTime,
    password_hash: String,
    language: Option<String>,
    owner_since: Option<NaiveDateTime>,
    must_prove: bool,
    password_epoch: Option<String>,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        let Row { id, email, username, full_name, is_active, is_verified, must_prove, created_at, .. } = row;
        Self {
            account: Account {
                id,
                email,
                username,
                full_name,
                is_active,
                is_verified,
                must_verify: must_prove,
                created_at,
            },
            password_hash: row.password_hash,
            language: row.language,
            owner_since: row.owner_since.unwrap_or(created_at),
            password_epoch: row.password_epoch,
        }
    }
}

impl NewUser<'_> {
    /// Inserts the row and returns the account.
    ///
    /// # Errors
    /// [`InsertError::Taken`] if the address or username has an account.
    pub fn insert(&self, connection: &mut AnyConnection) -> Result<Account, InsertError> {
        let id = diesel::insert_into(users::table).values(self).returning(users::id).get_result(connection)?;
        Ok(self.account(id))
    }

    /// As [`Self::insert`]; `None`, without failing the transaction, if the address is taken.
    ///
    /// # Errors
    /// Database errors.
    pub fn insert_unless_taken(&self, connection: &mut AnyConnection) -> Result<Option<Account>, StoreError> {
        // Diesel's ON CONFLICT is specific to each database.
        let id: Option<i64> = match connection {
            AnyConnection::Postgres(connection) => diesel::insert_into(users::table)
                .values(self)
                .on_conflict_do_nothing()
                .returning(users::id)
                .get_result(connection)
                .optional()?,
            AnyConnection::Sqlite(connection) => diesel::insert_into(users::table)
                .values(self)
                .on_conflict_do_nothing()
                .returning(users::id)
                .get_result(connection)
                .optional()?,
        };
        Ok(id.map(|id| self.account(id)))
    }

    fn account(&self, id: i64) -> Account {
        Account {
            id,
            email: self.email.map(str::to_owned),
            username: self.username.map(str::to_owned),
            full_name: self.full_name.map(str::to_owned),
            is_active: self.is_active,
            is_verified: self.is_verified,
            must_verify: self.must_prove,
            created_at: self.created_at,
        }
    }
}

/// The account with this id.
///
/// # Errors
/// Database errors.
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<Option<User>, StoreError> {
    let found = users::table.find(id).select(Row::as_select()).first::<Row>(connection).optional()?;
    Ok(found.map(User::from))
}

/// The account with this canonical address.
///
/// # Errors
/// Database errors.
pub fn find_by_email(connection: &mut AnyConnection, email: &str) -> Result<Option<User>, StoreError> {
    let found =
        users::table.filter(users::email.eq(email)).select(Row::as_select()).first::<Row>(connection).optional()?;
    Ok(found.map(User::from))
}

/// The account with this username key.
///
/// # Errors
/// Database errors.
pub fn find_by_username(connection: &mut AnyConnection, key: &str) -> Result<Option<User>, StoreError> {
    let found = users::table
        .filter(users::username_key.eq(key))
        .select(Row::as_select())
        .first::<Row>(connection)
        .optional()?;
    Ok(found.map(User::from))
}

/// The account, locked until the transaction ends. Transactions that change an account or its data lock it first, so
/// that they run one after the other and never deadlock.
///
/// # Errors
/// Database errors.
pub fn lock(connection: &mut AnyConnection, id: i64) -> Result<Option<User>, StoreError> {
    let found: Option<Row> = match connection {
        AnyConnection::Postgres(connection) => {
            users::table.find(id).select(Row::as_select()).for_update().first(connection).optional()?
        }
        // A write transaction locks the whole database.
        AnyConnection::Sqlite(connection) => {
            users::table.find(id).select(Row::as_select()).first(connection).optional()?
        }
    };
    Ok(found.map(User::from))
}

/// # Errors
/// Database errors.
pub fn set_password(connection: &mut AnyConnection, id: i64, hash: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(users::table.find(id))
        .set((users::password_hash.eq(hash), users::updated_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Replaces the hash `before` by a better one of the same password, unless it was changed meanwhile; `epoch` identifies
/// the password.
///
/// # Errors
/// Database errors.
pub fn replace_hash(
    connection: &mut AnyConnection,
    id: i64,
    before: &str,
    (hash, epoch): (&str, &str),
) -> Result<bool, StoreError> {
    let same = users::table.filter(users::id.eq(id).and(users::password_hash.eq(before)));
    let renewed = (users::password_hash.eq(hash), users::password_epoch.eq(epoch));
    Ok(diesel::update(same).set(renewed).execute(connection)? > 0)
}

/// # Errors
/// Database errors.
pub fn set_verified(connection: &mut AnyConnection, id: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(users::table.find(id))
        .set((
            users::is_verified.eq(true),
            users::proof_due.eq(None::<NaiveDateTime>),
            users::must_prove.eq(false),
            users::updated_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Transfers an unverified account to the owner of its address.
///
/// # Errors
/// Database errors.
pub fn hand_over(
    connection: &mut AnyConnection,
    id: i64,
    (password_hash, full_name, language): (&str, Option<&str>, Option<&str>),
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(password_hash),
            users::full_name.eq(full_name),
            users::language.eq(language),
            users::owner_since.eq(now),
        ))
        .execute(connection)?;
    set_verified(connection, id, now)
}

/// # Errors
/// Database errors.
pub fn set_full_name(
    connection: &mut AnyConnection,
    id: i64,
    full_name: Option<&str>,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::update(users::table.find(id))
        .set((users::full_name.eq(full_name), users::updated_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Removes the verification deadline.
///
/// # Errors
/// Database errors.
pub fn clear_verification_due(connection: &mut AnyConnection, id: i64) -> Result<(), StoreError> {
    let waiting = users::table.filter(users::id.eq(id).and(users::proof_due.is_not_null()));
    diesel::update(waiting).set(users::proof_due.eq(None::<NaiveDateTime>)).execute(connection)?;
    Ok(())
}

/// Extends the verification deadline for a new claim.
///
/// # Errors
/// Database errors.
pub fn extend_verification(connection: &mut AnyConnection, id: i64, due: NaiveDateTime) -> Result<(), StoreError> {
    let waiting = users::table.filter(users::id.eq(id).and(users::proof_due.is_not_null()));
    diesel::update(waiting).set(users::proof_due.eq(due)).execute(connection)?;
    Ok(())
}

/// Sets a verified address.
///
/// # Errors
/// [`InsertError::Taken`] if it has an account.
pub fn set_email(connection: &mut AnyConnection, id: i64, email: &str, now: NaiveDateTime) -> Result<(), InsertError> {
    diesel::update(users::table.find(id)).set(users::email.eq(email)).execute(connection)?;
    Ok(set_verified(connection, id, now)?)
}

/// Deletes the account and all its data.
///
/// # Errors
/// Database errors.
pub fn delete(connection: &mut AnyConnection, id: i64) -> Result<(), StoreError> {
    diesel::delete(users::table.find(id)).execute(connection)?;
    Ok(())
}

/// As [`delete`], if its verification is still overdue; `false` if not.
///
/// # Errors
/// Database errors.
pub fn delete_unverified(connection: &mut AnyConnection, id: i64, now: NaiveDateTime) -> Result<bool, StoreError> {
    let overdue = users::is_verified.eq(false).and(users::proof_due.lt(now));
    let unverified = users::table.filter(users::id.eq(id).and(overdue));
    Ok(diesel::delete(unverified).execute(connection)? > 0)
}

/// A batch of unverified accounts with a deadline before `now`: those whose login requires verification whatever the
/// settings, or the others.
///
/// # Errors
/// Database errors.
pub fn overdue_verifications(
    connection: &mut AnyConnection,
    now: NaiveDateTime,
    must_verify: bool,
) -> Result<Vec<i64>, StoreError> {
    let overdue = users::must_prove.eq(must_verify).and(users::proof_due.lt(now)).and(users::is_verified.eq(false));
    let overdue = users::table.filter(overdue).order(users::proof_due).select(users::id).limit(BATCH);
    Ok(lock_keys!(connection, overdue))
}
