//! The links of mails: which one a token belongs to, and why it is of no use.

use super::{Accounts, form::FieldError, is_early, rejection::Rejection, token::Token};
use crate::store::{
    self,
    mail_tokens::{MailToken, Purpose},
};

impl Accounts {
    /// A live token of one of these purposes. One that was never made is answered as one that has expired.
    pub(crate) async fn find_token(
        &self,
        token: Option<&str>,
        purposes: &'static [Purpose],
    ) -> Result<MailToken, Rejection> {
        let token = token.filter(|token| !token.trim().is_empty()).ok_or(FieldError::TokenMissing)?;
        let hash = Token::parse(token).ok_or(FieldError::TokenExpired)?.hash();
        let found = self.database.run(move |connection| store::mail_tokens::find(connection, &hash)).await?;
        let token = found.filter(|token| purposes.iter().any(|purpose| token.is_for(*purpose)));
        let token = token.ok_or(FieldError::TokenExpired)?;
        let now = self.clock.now();
        match token.state.as_str() {
            "used" => Err(FieldError::TokenUsed.into()),
            "replaced" => Err(FieldError::TokenReplaced.into()),
            _ if now >= token.expires_at || is_early(token.created_at, now) => Err(FieldError::TokenExpired.into()),
            _ => Ok(token),
        }
    }
}
