//! Verification of an address by the link or the code of a mail.
//!
//! A link alone is not enough: an attacker may have signed up with another's address and would retain the password. So
//! the client must be that of the sign-up (by session or cookie), or know its password.

use super::{
    Accounts,
    change::Change,
    code_attempts::{NO_ACCOUNT, Subject},
    limits::Consumed,
    login::{Checked, Credentials},
    rejection::Rejection,
    sessions::SignedIn,
};
use crate::{
    domain::{
        audit::Event,
        client::Client,
        clock::is_early,
        email::Email,
        field_error::FieldError,
        mail_kind::{MailKind, masked},
        secret::Secret,
        token::Code,
    },
    store::{
        self, StoreError,
        mail_tokens::{MailToken, TokenPurpose, TriedBy},
    },
};

/// An unverified sign-up, as in the cookie of its browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingVerification {
    /// `None` if the address had an account, which a sign-up conceals.
    pub user_id: Option<i64>,
    pub claim_id: Option<i64>,
    pub address: String,
}

/// Credentials of a client that verifies an address; one suffices.
#[derive(Debug, Default)]
pub struct Verifier<'a> {
    pub signed_in: Option<&'a SignedIn>,
    pub pending: Option<&'a PendingVerification>,
    pub password: Option<Secret>,
}

impl Verifier<'_> {
    /// Whether the client needs no password: it has the account's session or the sign-up's cookie.
    fn is_authenticated_for(&self, token: &MailToken) -> bool {
        let by_session = self.signed_in.is_some_and(|signed_in| {
            // A session belongs to the account, not to a claim on it.
            signed_in.account().id == token.user_id && token.claim_id.is_none()
        });
        let by_cookie = self.pending.is_some_and(|pending| {
            token.is_for(TokenPurpose::VerifyEmail)
                && pending.user_id == Some(token.user_id)
                && pending.claim_id == token.claim_id
                && pending.address == token.sent_to
        });
        by_session || by_cookie
    }
}

/// A verification link before its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The recipient.
    pub address: String,
    /// Whether the password is required too.
    pub asks_password: bool,
}

/// A verified address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub address: String,
    /// Whether it is the new address of an existing account.
    pub is_change: bool,
}

/// The recipient of a repeated verification mail.
#[derive(Debug)]
pub enum Resend<'a> {
    SignedIn(&'a SignedIn),
    Pending(&'a PendingVerification),
    /// As typed.
    Address(Option<String>),
}

impl Accounts {
    /// Looks up the link of this token without using it.
    ///
    /// # Errors
    /// [`Rejection::Input`] with the reason why it is invalid.
    pub async fn inspect_link(&self, token: Option<&str>, verifier: &Verifier<'_>) -> Result<Link, Rejection> {
        let token = self.find_token(token, &[TokenPurpose::VerifyEmail, TokenPurpose::ChangeEmail]).await?;
        let asks_password = !verifier.is_authenticated_for(&token);
        Ok(Link { address: token.sent_to, asks_password })
    }

    /// Verifies an address by the token of a link.
    ///
    /// # Errors
    /// [`Rejection::TooMany`] after too many failures.
    /// [`Rejection::Input`] with the reason why it is invalid; with `PasswordMissing` or `PasswordWrong` if the
    /// password is required too; with `EmailTaken` if the address got an account in the meantime.
    pub async fn verify_by_link(
        &self,
        token: Option<&str>,
        verifier: Verifier<'_>,
        client: &Client,
    ) -> Result<Verified, Rejection> {
        let attempt = self.consume_try(token, client).await?;
        let done = self.try_verify_by_link(token, verifier, client).await;
        Self::settle_try(attempt, done).await
    }

    async fn try_verify_by_link(
        &self,
        token: Option<&str>,
        verifier: Verifier<'_>,
        client: &Client,
    ) -> Result<Verified, Rejection> {
        let token = self.find_token(token, &[TokenPurpose::VerifyEmail, TokenPurpose::ChangeEmail]).await?;
        if !verifier.is_authenticated_for(&token) {
            let password = verifier.password.filter(|password| !password.expose().is_empty());
            let password = password.ok_or(FieldError::PasswordMissing)?;
            let stored = self.password_hash_for(&token).await?.ok_or(FieldError::TokenReplaced)?;
            let (user_id, rule) = (token.user_id, self.limiter.policy().and_then(|policy| policy.link_password));
            if !self.is_password_within(rule, user_id, &password, &stored).await? {
                self.writer.change(client, move |change| change.record(Event::EmailVerified, false, user_id)).await?;
                return Err(FieldError::PasswordWrong.into());
            }
        }
        self.writer.change(client, move |change| change.verify(token)).await
    }

    /// Verifies the address of a sign-up by the code of its mail. Clients without a session or cookie send the
    /// credentials instead.
    ///
    /// # Errors
    /// [`Rejection::Input`]: `CodeWrong` for every reason except a missing or malformed code. [`Rejection::TooMany`]
    /// after too many failures.
    pub async fn verify_by_code(
        &self,
        code: Option<&str>,
        verifier: Verifier<'_>,
        identifier: Option<String>,
        client: &Client,
    ) -> Result<Verified, Rejection> {
        let code = code.filter(|code| !code.trim().is_empty()).ok_or(FieldError::CodeMissing)?;
        let code = Code::parse(code).ok_or(FieldError::CodeFormat)?;
        if verifier.pending.is_none() && verifier.signed_in.is_none() && verifier.password.is_some() {
            self.check_login_refusals(identifier.as_deref(), client)?;
        }
        let attempt = self.consume_try(Some(code.expose()), client).await?;
        let done = self.try_verify_by_code(code, verifier, identifier, client).await;
        Self::settle_try(attempt, done).await
    }

    async fn try_verify_by_code(
        &self,
        code: Code,
        verifier: Verifier<'_>,
        identifier: Option<String>,
        client: &Client,
    ) -> Result<Verified, Rejection> {
        // The browser's sign-up takes precedence over its session.
        if let Some(PendingVerification { user_id, claim_id, .. }) = verifier.pending {
            let subject = Subject { user_id: *user_id, claim_id: *claim_id, tried_by: TriedBy::SignUp };
            return self.try_code(code, subject, *user_id, client).await;
        }
        if let Some(signed_in) = verifier.signed_in {
            let user_id = Some(signed_in.account().id);
            // Any client with the password can log in.
            let tried_by = if signed_in.is_of_sign_up { TriedBy::SignUp } else { TriedBy::Others };
            return self.try_code(code, Subject { user_id, claim_id: None, tried_by }, user_id, client).await;
        }
        let credentials = Credentials { identifier, password: verifier.password };
        let Checked { user_id, is_right, attempt } = self.check(credentials, client).await?;
        if !is_right || self.policy().verification.conceals_accounts {
            // Counts even if the client disconnects.
            attempt.attempt().count()?;
        }
        let subject = Subject { user_id: user_id.filter(|_| is_right), claim_id: None, tried_by: TriedBy::Others };
        let done = self.try_code(code, subject, user_id, client).await;
        if is_right {
            self.settle_login(attempt, &done).await;
        }
        done
    }

    /// Refunds the login attempt of a right password beside a code. With concealed sign-ups a wrong code still counts,
    /// as a login would, or the count would reveal whether the sign-up created the account.
    async fn settle_login(&self, attempt: Consumed, done: &Result<Verified, Rejection>) {
        if !(self.policy().verification.conceals_accounts && matches!(done, Err(Rejection::Input(_)))) {
            attempt.refund_counted().await;
        }
    }

    /// `audit_user_id`: the account of the audit line for a wrong code.
    async fn try_code(
        &self,
        code: Code,
        subject: Subject,
        audit_user_id: Option<i64>,
        client: &Client,
    ) -> Result<Verified, Rejection> {
        let key = self.code_key.clone();
        let done = self.writer.change(client, move |change| {
            // The same queries without an account, for equal timing.
            let id = subject.user_id.unwrap_or(NO_ACCOUNT);
            store::users::lock(change.connection, id)?;
            let token = store::mail_tokens::live(change.connection, TokenPurpose::VerifyEmail, id, subject.claim_id)?;
            let counts = change.count_try(token.as_ref(), subject)?;
            let right = token.filter(|token| {
                let is_current = token.code_expires_at.is_some_and(|expires_at| change.now < expires_at)
                    && !is_early(token.created_at, change.now);
                let mac = token.code_mac.as_deref().unwrap_or_default();
                is_current && counts && code.matches(&key, &token.token_hash, mac)
            });
            let Some(token) = right else {
                change.record(Event::EmailVerified, false, audit_user_id)?;
                return Ok(None);
            };
            change.verify(token).map(Some)
        });
        done.await?.ok_or_else(|| FieldError::CodeWrong.into())
    }

    /// Sends the mail again, which replaces the previous one. The response does not reveal whether there is an account.
    ///
    /// # Errors
    /// [`Rejection::NoMail`]; [`Rejection::Input`] for an invalid address; [`Rejection::TooMany`].
    pub async fn resend_verification(&self, to: Resend<'_>, client: &Client) -> Result<(), Rejection> {
        if !self.policy().sends_mail {
            return Err(Rejection::NoMail);
        }
        let (kind, user_id, recipient) = match to {
            Resend::SignedIn(signed_in) => {
                let account = signed_in.account();
                let Some(address) = account.email.clone().filter(|_| !account.is_verified) else { return Ok(()) };
                (MailKind::VerifyEmail { claim: None }, Some(account.id), address)
            }
            Resend::Pending(PendingVerification { user_id: None, address, .. }) => {
                (MailKind::AccountExists, None, address.clone())
            }
            Resend::Pending(pending) => {
                (MailKind::VerifyEmail { claim: pending.claim_id }, pending.user_id, pending.address.clone())
            }
            Resend::Address(typed) => {
                let email = Email::parse(typed.as_deref().unwrap_or_default())?;
                (MailKind::VerifyEmail { claim: None }, None, email.as_str().to_owned())
            }
        };
        let rules = self.limiter.policy().map(|policy| &policy.resend);
        self.post_requested(rules, kind, user_id, &recipient, client).await
    }

    /// The password hash of the sign-up that a token was sent for.
    async fn password_hash_for(&self, token: &MailToken) -> Result<Option<String>, StoreError> {
        let (user_id, claim_id) = (token.user_id, token.claim_id);
        self.database()
            .write(move |connection| match claim_id {
                Some(claim) => Ok(store::claims::find(connection, user_id, claim)?.map(|claim| claim.password_hash)),
                None => Ok(store::users::lock(connection, user_id)?.map(|user| user.password_hash)),
            })
            .await
    }
}

impl Change<'_> {
    /// Uses up a token and verifies its address. A claim takes over the account.
    fn verify(&mut self, token: MailToken) -> Result<Verified, Rejection> {
        let now = self.now;
        let user = store::users::lock(self.connection, token.user_id)?;
        let user = user.filter(|user| user.account.is_active).ok_or(FieldError::TokenReplaced)?;
        if !store::mail_tokens::use_up(self.connection, token.id)? {
            return Err(FieldError::TokenUsed.into());
        }
        let id = user.account.id;
        let is_change = token.is_for(TokenPurpose::ChangeEmail);
        if is_change {
            store::users::set_email(self.connection, id, &token.sent_to, now)?;
            self.record(Event::EmailChanged, true, id)?;
            if let Some(before) = &user.account.email {
                let kind = MailKind::EmailChanged { at: now, address: masked(&token.sent_to) };
                self.post(&kind, Some(id), before, user.language.as_deref())?;
            }
        } else {
            if user.account.email.as_deref() != Some(&token.sent_to) {
                return Err(FieldError::TokenReplaced.into());
            }
            match token.claim_id {
                None => store::users::set_verified(self.connection, id, now)?,
                Some(_) if user.account.is_verified => return Err(FieldError::TokenReplaced.into()),
                Some(claim) => {
                    let claim = store::claims::find(self.connection, id, claim)?.ok_or(FieldError::TokenReplaced)?;
                    let set = (claim.password_hash.as_str(), claim.full_name.as_deref(), claim.language.as_deref());
                    store::users::hand_over(self.connection, id, set, now)?;
                    store::sessions::end_all(self.connection, id, None)?;
                }
            }
            self.record(Event::EmailVerified, true, id)?;
        }
        // Other tokens may be those of the previous user.
        self.revoke_links(id)?;
        Ok(Verified { address: token.sent_to, is_change })
    }
}
