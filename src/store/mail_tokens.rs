//! Table `mail_tokens`: mailed links and codes. Each is valid once, for one purpose and one address.

use std::ops::RangeInclusive;

use chrono::NaiveDateTime;
use diesel::{prelude::*, sql_types::Bool};
use strum::IntoStaticStr;

use super::{
    AnyConnection, BATCH, StoreError,
    batch::{delete_batch, lock_keys},
    schema::mail_tokens,
};
use crate::domain::{link_state::TokenState, token::TokenHash};

/// Purpose of a token; for any other it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TokenPurpose {
    VerifyEmail,
    ChangeEmail,
    ResetPassword,
}

/// The client that tries a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriedBy {
    /// The browser that signed up.
    SignUp,
    Others,
}

/// Tries of a code.
#[derive(Debug, Clone, Copy, Default, Queryable, Selectable)]
#[diesel(table_name = mail_tokens)]
#[expect(clippy::struct_field_names, reason = "names of columns")]
pub(crate) struct Tries {
    pub claim_id: Option<i64>,
    /// By [`TriedBy::Others`].
    pub code_tries: i64,
    pub sign_up_tries: i64,
}

/// A token to insert. Times are UTC.
pub(crate) struct NewMailToken<'a> {
    pub token: &'a TokenHash,
    pub purpose: TokenPurpose,
    pub user_id: i64,
    pub claim_id: Option<i64>,
    pub sent_to: &'a str,
    /// MAC of the code, and when it expires.
    pub code: Option<(Vec<u8>, NaiveDateTime)>,
    /// Of the code that this one replaces, if the same mail is sent again.
    pub tried: Tries,
    pub created_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
}

/// A stored token.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = mail_tokens)]
pub(crate) struct MailToken {
    pub id: i64,
    pub token_hash: Vec<u8>,
    pub purpose: String,
    pub user_id: i64,
    pub claim_id: Option<i64>,
    pub sent_to: String,
    pub code_mac: Option<Vec<u8>>,
    pub code_expires_at: Option<NaiveDateTime>,
    #[diesel(deserialize_as = String)]
    pub state: TokenState,
    pub created_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    #[diesel(embed)]
    pub tries: Tries,
}

impl MailToken {
    #[must_use]
    pub(crate) fn is_for(&self, purpose: TokenPurpose) -> bool {
        self.purpose == <&str>::from(purpose)
    }
}

impl NewMailToken<'_> {
    /// Inserts it and replaces live tokens of the same purpose and claim.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) fn insert(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        use mail_tokens::dsl;

        let purpose: &str = self.purpose.into();
        let before =
            dsl::user_id.eq(self.user_id).and(dsl::purpose.eq(purpose)).and(dsl::state.eq(TokenState::Live.name()));
        let before = mail_tokens::table.filter(before);
        match self.claim_id {
            Some(claim) => diesel::update(before.filter(dsl::claim_id.eq(claim)))
                .set(dsl::state.eq(TokenState::Replaced.name()))
                .execute(connection)?,
            None => diesel::update(before.filter(dsl::claim_id.is_null()))
                .set(dsl::state.eq(TokenState::Replaced.name()))
                .execute(connection)?,
        };
        diesel::insert_into(mail_tokens::table)
            .values((
                dsl::token_hash.eq(self.token.as_bytes()),
                dsl::purpose.eq(purpose),
                dsl::user_id.eq(self.user_id),
                dsl::claim_id.eq(self.claim_id),
                dsl::sent_to.eq(self.sent_to),
                dsl::code_mac.eq(self.code.as_ref().map(|(mac, _)| mac)),
                dsl::code_expires_at.eq(self.code.as_ref().map(|(_, expires_at)| expires_at)),
                dsl::code_tries.eq(self.tried.code_tries),
                dsl::sign_up_tries.eq(self.tried.sign_up_tries),
                dsl::created_at.eq(self.created_at),
                dsl::expires_at.eq(self.expires_at),
            ))
            .execute(connection)?;
        Ok(())
    }
}

/// # Errors
/// Database errors.
pub(crate) fn find(connection: &mut AnyConnection, token: &TokenHash) -> Result<Option<MailToken>, StoreError> {
    let found = mail_tokens::table.filter(mail_tokens::token_hash.eq(token.as_bytes()));
    Ok(found.select(MailToken::as_select()).first(connection).optional()?)
}

/// The live token of this purpose for an account, or for a claim on it.
///
/// # Errors
/// Database errors.
pub(crate) fn live(
    connection: &mut AnyConnection,
    purpose: TokenPurpose,
    user_id: i64,
    claim_id: Option<i64>,
) -> Result<Option<MailToken>, StoreError> {
    use mail_tokens::dsl;

    let purpose: &str = purpose.into();
    let live = dsl::user_id.eq(user_id).and(dsl::purpose.eq(purpose)).and(dsl::state.eq(TokenState::Live.name()));
    // One statement for both, so that timing does not reveal a claim.
    let without_claim = dsl::claim_id.is_null().and(claim_id.is_none().into_sql::<Bool>());
    let live = mail_tokens::table.filter(live).filter(dsl::claim_id.eq(claim_id).or(without_claim));
    Ok(live.order(dsl::id.desc()).select(MailToken::as_select()).first(connection).optional()?)
}

/// Tries of each code mailed in this time for an account, or for a claim on it.
///
/// # Errors
/// Database errors.
pub(crate) fn tries_in(
    connection: &mut AnyConnection,
    user_id: i64,
    time: RangeInclusive<NaiveDateTime>,
) -> Result<Vec<Tries>, StoreError> {
    let mailed = mail_tokens::table.filter(mail_tokens::user_id.eq(user_id));
    let mailed = mailed.filter(mail_tokens::created_at.between(*time.start(), *time.end()));
    Ok(mailed.select(Tries::as_select()).load(connection)?)
}

/// Marks a live token as used; `false` if it was not live.
///
/// # Errors
/// Database errors.
pub(crate) fn use_up(connection: &mut AnyConnection, id: i64) -> Result<bool, StoreError> {
    let live = mail_tokens::table.filter(mail_tokens::id.eq(id).and(mail_tokens::state.eq(TokenState::Live.name())));
    Ok(diesel::update(live).set(mail_tokens::state.eq(TokenState::Used.name())).execute(connection)? > 0)
}

/// Counts a try of the code; `false` after `most` tries by the same [`TriedBy`].
///
/// # Errors
/// Database errors.
pub(crate) fn count_try(connection: &mut AnyConnection, id: i64, by: TriedBy, most: i64) -> Result<bool, StoreError> {
    use mail_tokens::dsl;

    let token = mail_tokens::table.filter(dsl::id.eq(id));
    let counted = match by {
        TriedBy::SignUp => diesel::update(token.filter(dsl::sign_up_tries.lt(most)))
            .set(dsl::sign_up_tries.eq(dsl::sign_up_tries + 1))
            .execute(connection)?,
        TriedBy::Others => diesel::update(token.filter(dsl::code_tries.lt(most)))
            .set(dsl::code_tries.eq(dsl::code_tries + 1))
            .execute(connection)?,
    };
    Ok(counted > 0)
}

/// Revokes all live tokens of an account except one purpose, and detaches its tokens from claims.
///
/// # Errors
/// Database errors.
pub(crate) fn replace_all(
    connection: &mut AnyConnection,
    user_id: i64,
    except: Option<TokenPurpose>,
) -> Result<(), StoreError> {
    use mail_tokens::dsl;

    let of_user = mail_tokens::table.filter(dsl::user_id.eq(user_id));
    // No purpose is empty.
    let except: &str = except.map_or("", Into::into);
    diesel::update(of_user.filter(dsl::state.eq(TokenState::Live.name()).and(dsl::purpose.ne(except))))
        .set(dsl::state.eq(TokenState::Replaced.name()))
        .execute(connection)?;
    diesel::update(of_user.filter(dsl::claim_id.is_not_null()))
        .set(dsl::claim_id.eq(None::<i64>))
        .execute(connection)?;
    Ok(())
}

/// Deletes a batch that expired before `before`; returns their number.
///
/// # Errors
/// Database errors.
pub(crate) fn delete_expired(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<usize, StoreError> {
    let expired = mail_tokens::table.filter(mail_tokens::expires_at.lt(before)).order(mail_tokens::expires_at);
    delete_batch!(connection, (mail_tokens::table, mail_tokens::id, i64), expired)
}
