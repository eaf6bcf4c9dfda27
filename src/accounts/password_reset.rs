//! A new password for whoever can read the mail of the account.

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
    /// Asks for a mail with a link. What is done here is the same for every address; whether it has an account is found
    /// out when the mail is made.
    ///
    /// # Errors
    /// [`Rejection::NoMail`]; [`Rejection::Input`] for what is no address; [`Rejection::TooMany`].
    pub async fn forgot_password(&self, typed: Option<&str>, client: &Client) -> Result<(), Rejection> {
        if !self.rules().sends_mail {
            return Err(Rejection::NoMail);
        }
        let email = Email::parse(typed.unwrap_or_default())?;
        let rules = self.limiter.policy().map(|policy| &policy.forgot_password);
        self.post_requested(rules, MailKind::ResetPassword, None, email.as_str(), client).await
    }

    /// The address whose password this link sets. Reading it changes nothing.
    ///
    /// # Errors
    /// [`Rejection::Input`] with the reason why it is dead.
    pub async fn inspect_reset(&self, token: Option<&str>) -> Result<String, Rejection> {
        Ok(self.find_token(token, &[TokenPurpose::ResetPassword]).await?.sent_to)
    }

    /// Sets the password. Everybody is signed out, and everything that was mailed before is dead. Of an account that
    /// nobody had proven nothing stays that its first holder set: it belongs to whoever has the address.
    ///
    /// # Errors
    /// [`Rejection::Input`] with the reason why the link is dead, or what is wrong with the password; then the link stays
    /// good.
    /// [`Rejection::TooMany`] for links that are dead.
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
        // Who has the mail is no stranger, whoever fails at the account.
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

    /// Judges and hashes a password that somebody chose anew.
    pub(crate) async fn hash_new(&self, password: &Password) -> Result<String, Rejection> {
        let place = self.hasher.reserve(HashPurpose::Login)?;
        if self.rules().password.blocklist && self.password_strength.is_easy(password).await? {
            return Err(FieldError::PasswordCommon.into());
        }
        Ok(self.hasher.hash(place, password).await?.as_str().to_owned())
    }
}
