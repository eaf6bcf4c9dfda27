//! Mailed tokens: their storage and validation.

use chrono::{NaiveDateTime, TimeDelta};

use super::{Accounts, change::Change, rejection::Rejection};
use crate::{
    domain::{
        field_error::FieldError,
        link_state::LinkState,
        token::{Token, VERIFICATION_LINK_HOURS},
    },
    store::{
        self, StoreError,
        mail_tokens::{MailToken, NewMailToken, TokenPurpose, Tries},
    },
};

impl Accounts {
    /// A live token of one of these purposes. An unknown token counts as expired.
    pub(crate) async fn find_token(
        &self,
        token: Option<&str>,
        purposes: &'static [TokenPurpose],
    ) -> Result<MailToken, Rejection> {
        let token = token.filter(|token| !token.trim().is_empty()).ok_or(FieldError::TokenMissing)?;
        let hash = Token::parse(token).ok_or(FieldError::TokenExpired)?.hash();
        let found = self.database().run(move |connection| store::mail_tokens::find(connection, &hash)).await?;
        let token = found.filter(|token| purposes.iter().any(|purpose| token.is_for(*purpose)));
        let token = token.ok_or(FieldError::TokenExpired)?;
        match LinkState::of(token.state, token.created_at, token.expires_at, self.clock().now()) {
            LinkState::Good => Ok(token),
            LinkState::Used => Err(FieldError::TokenUsed.into()),
            LinkState::Replaced => Err(FieldError::TokenReplaced.into()),
            LinkState::Expired => Err(FieldError::TokenExpired.into()),
        }
    }
}

impl Change<'_> {
    /// Stores the token of an account's new address, dated at its request: what is shown of it must not depend on when
    /// or whether its mail is prepared.
    pub(super) fn store_change_token(
        &mut self,
        token: &Token,
        user_id: i64,
        sent_to: &str,
        requested_at: NaiveDateTime,
    ) -> Result<(), StoreError> {
        NewMailToken {
            token: &token.hash(),
            purpose: TokenPurpose::ChangeEmail,
            user_id,
            claim_id: None,
            sent_to,
            code: None,
            tried: Tries::default(),
            created_at: requested_at,
            expires_at: self.now + TimeDelta::hours(VERIFICATION_LINK_HOURS.into()),
        }
        .insert(self.connection)
    }

    pub(super) fn store_token(
        &mut self,
        token: &Token,
        user_id: i64,
        sent_to: &str,
        (purpose, claim_id, lifetime): (TokenPurpose, Option<i64>, TimeDelta),
        code: Option<((Vec<u8>, NaiveDateTime), Tries)>,
    ) -> Result<(), StoreError> {
        let (code, tried) = code.map(|(code, tried)| (Some(code), tried)).unwrap_or_default();
        NewMailToken {
            token: &token.hash(),
            purpose,
            user_id,
            claim_id,
            sent_to,
            code,
            tried,
            created_at: self.now,
            expires_at: self.now + lifetime,
        }
        .insert(self.connection)
    }
}
