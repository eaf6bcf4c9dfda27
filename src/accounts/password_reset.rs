//! Password reset by mail.

use super::{Accounts, rejection::Rejection};
use crate::{
    domain::{
        audit::Event, client::Client, email::Email, field_error::FieldError, known_devices::Devices,
        mail_kind::MailKind, password::Password, secret::Secret,
    },
    hashing::HashPurpose,
    store::{self, mail_tokens::TokenPurpose},
};

impl Accounts {
    /// Requests a mail with a reset link. The work is the same for every address; the account is looked up when the
    /// mail is prepared.
    ///
    /// # Errors
    /// [`Rejection::NoMail`]; [`Rejection::Input`] for an invalid address; [`Rejection::TooMany`].
    pub async fn forgot_password(&self, typed: Option<&str>, client: &Client) -> Result<(), Rejection> {
        if !self.policy().sends_mail {
            return Err(Rejection::NoMail);
        }
        let email = Email::parse(typed.unwrap_or_default())?;
        let rules = self.limiter.policy().map(|policy| &policy.forgot_password);
        self.post_requested(rules, MailKind::ResetPassword, None, email.as_str(), client).await
    }

    /// The address of a reset link. Does not use the link.
    ///
    /// # Errors
    /// [`Rejection::Input`] with the reason why it is invalid.
    pub async fn inspect_reset(&self, token: Option<&str>) -> Result<String, Rejection> {
        Ok(self.find_token(token, &[TokenPurpose::ResetPassword]).await?.sent_to)
    }

    /// Sets the password, ends all sessions and revokes all links. An unverified account becomes verified without the
    /// data of its first user: it belongs to the owner of the address.
    ///
    /// # Errors
    /// [`Rejection::Input`] with the reason why the link is invalid, or with the errors of the password; then the link
    /// remains valid.
    /// [`Rejection::TooMany`] after too many invalid links.
    pub async fn reset_password(
        &self,
        token: Option<&str>,
        password: Option<Secret>,
        client: &Client,
    ) -> Result<Devices, Rejection> {
        let attempt = self.consume_try(token, client).await?;
        let done = self.reset_by_link(token, password, client).await;
        Self::settle_try(attempt, done).await
    }

    async fn reset_by_link(
        &self,
        token: Option<&str>,
        password: Option<Secret>,
        client: &Client,
    ) -> Result<Devices, Rejection> {
        let token = self.find_token(token, &[TokenPurpose::ResetPassword]).await?;
        let user_id = token.user_id;
        let user = self.database().run(move |connection| store::users::find(connection, user_id)).await?;
        let user = user.ok_or(FieldError::TokenReplaced)?;
        let typed = password.unwrap_or_else(|| Secret::new(String::new()));
        let password = self.parse_new(&user.account, typed)?;
        let hash = self.hash_new(&password).await?;
        // A client with the mail is the owner's: its browser is known.
        let devices = client.devices.with_new(&self.device_key, user_id, &hash);
        self.writer
            .change(client, move |change| {
                let now = change.now;
                let user = store::users::lock(change.connection, token.user_id)?.ok_or(FieldError::TokenReplaced)?;
                if !store::mail_tokens::use_up(change.connection, token.id)? {
                    return Err(FieldError::TokenUsed.into());
                }
                let id = user.account.id;
                if !user.account.is_active || user.account.email.as_deref() != Some(&token.sent_to) {
                    return Err(FieldError::TokenReplaced.into());
                }
                if user.account.is_verified {
                    store::users::set_password(change.connection, id, &hash, now)?;
                } else {
                    let language = change.client.language.clone();
                    let set = (hash.as_str(), None, language.as_deref());
                    store::users::hand_over(change.connection, id, set, now)?;
                }
                store::sessions::end_all(change.connection, id, None)?;
                change.revoke_links(id)?;
                change.record(Event::PasswordReset, true, id)?;
                let kind = MailKind::PasswordChanged { at: now };
                Ok::<_, Rejection>(change.post(&kind, Some(id), &token.sent_to, user.language.as_deref())?)
            })
            .await?;
        Ok(devices)
    }

    /// Checks the strength of a new password and hashes it.
    pub(crate) async fn hash_new(&self, password: &Password) -> Result<String, Rejection> {
        let place = self.hasher.reserve(HashPurpose::Login)?;
        if self.policy().password.blocklist && self.password_strength.is_easy(password).await? {
            return Err(FieldError::PasswordCommon.into());
        }
        Ok(self.hasher.hash(place, password).await?.as_str().to_owned())
    }
}
