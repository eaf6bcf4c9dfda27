//! The table `users`.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{AnyConnection, InsertError, schema::users};
use crate::accounts::Account;

/// A row to be. `email` and `username_key` are in canonical form; the times are UTC.
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
}

impl NewUser<'_> {
    /// Inserts the row and returns the account.
    ///
    /// # Errors
    /// [`InsertError::Taken`] when the address or username has an account.
    pub fn insert(&self, connection: &mut AnyConnection) -> Result<Account, InsertError> {
        let id = diesel::insert_into(users::table).values(self).returning(users::id).get_result(connection)?;
        Ok(Account {
            id,
            email: self.email.map(str::to_owned),
            username: self.username.map(str::to_owned),
            full_name: self.full_name.map(str::to_owned),
            is_active: self.is_active,
            is_verified: self.is_verified,
            created_at: self.created_at,
        })
    }
}
