//! The proof that an address is its holder's: by the link or the code of a mail.
//!
//! A link alone proves nothing: a stranger may have signed up with somebody else's address, and would keep the password.
//! So whoever uses one is the one who signed up (by session or cookie), or knows the password of that sign-up.

use super::{
    Accounts, Change,
    audit::{Client, Event},
    code_tries::{NOBODY, Subject},
    email::Email,
    form::FieldError,
    is_early,
    letters::{Letter, masked},
    limits::Taken,
    login::{Checked, Credentials},
    password::Secret,
    rejection::Rejection,
    sessions::SignedIn,
    token::Code,
};
use crate::store::{
    self, StoreError,
    mail_tokens::{MailToken, Purpose, TriedBy},
};

/// How long a link proves an address, in hours.
pub const LINK_HOURS: u16 = 24;
/// How long a code does, in minutes (OWASP ASVS 5.0, 6.5.5).
pub const CODE_MINUTES: u16 = 10;
/// A sign-up that waits for its proof, as the cookie of its browser has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// `None` where the address had an account and a sign-up does not tell.
    pub user_id: Option<i64>,
    pub claim_id: Option<i64>,
    pub address: String,
}

/// Who says that the address is theirs; any of these will do.
#[derive(Debug, Default)]
pub struct Prover<'a> {
    pub signed_in: Option<&'a SignedIn>,
    pub pending: Option<&'a Pending>,
    pub password: Option<Secret>,
}

impl Prover<'_> {
    /// Whether it is known without a password that they signed up for this, or are signed in.
    fn is_known_for(&self, token: &MailToken) -> bool {
        let by_session = self.signed_in.is_some_and(|signed_in| {
            // A session is the account's. A claim is not: it is for whoever made it.
            signed_in.account().id == token.user_id && token.claim_id.is_none()
        });
        let by_cookie = self.pending.is_some_and(|pending| {
            token.is_for(Purpose::VerifyEmail)
                && pending.user_id == Some(token.user_id)
                && pending.claim_id == token.claim_id
                && pending.address == token.sent_to
        });
        by_session || by_cookie
    }
}

/// What a link would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Whose mailbox it was sent to.
    pub address: String,
    /// Whether the password has to be given beside it.
    pub asks_password: bool,
}

/// What was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub address: String,
    /// Whether it is the new address of an account there was.
    pub is_change: bool,
}

/// Whom to send the mail again.
#[derive(Debug)]
pub enum Resend<'a> {
    SignedIn(&'a SignedIn),
    Pending(&'a Pending),
    /// What somebody typed.
    Address(Option<String>),
}

impl Accounts {
    /// What the link of this token is about. Reading it changes nothing.
    ///
    /// # Errors
    /// [`Rejection::Input`] with the reason why it is dead.
    pub async fn inspect_link(&self, token: Option<&str>, prover: &Prover<'_>) -> Result<Link, Rejection> {
        let token = self.find_token(token, &[Purpose::VerifyEmail, Purpose::ChangeEmail]).await?;
        let asks_password = !prover.is_known_for(&token);
        Ok(Link { address: token.sent_to, asks_password })
    }

    /// Proves an address by the token of a link.
    ///
    /// # Errors
    /// [`Rejection::TooMany`] where too many proved nothing.
    /// [`Rejection::Input`] with the reason why it is dead; with `PasswordMissing` or `PasswordWrong` where the password
    /// is needed too; with `EmailTaken` where the address got an account in the meantime.
    pub async fn verify_by_link(
        &self,
        token: Option<&str>,
        prover: Prover<'_>,
        client: &Client,
    ) -> Result<Proven, Rejection> {
        let attempt = self.take_try(token, client).await?;
        let done = self.prove_by_link(token, prover, client).await;
        Self::settle_try(attempt, done).await
    }

    async fn prove_by_link(
        &self,
        token: Option<&str>,
        prover: Prover<'_>,
        client: &Client,
    ) -> Result<Proven, Rejection> {
        let token = self.find_token(token, &[Purpose::VerifyEmail, Purpose::ChangeEmail]).await?;
        if !prover.is_known_for(&token) {
            let password = prover.password.filter(|password| !password.expose().is_empty());
            let password = password.ok_or(FieldError::PasswordMissing)?;
            let stored = self.stored_for(&token).await?.ok_or(FieldError::TokenReplaced)?;
            let (user_id, rule) = (token.user_id, self.limits.policy().and_then(|policy| policy.link_password));
            if !self.is_password_within(rule, user_id, &password, &stored).await? {
                self.change(client, move |change| change.record(Event::EmailVerified, false, user_id)).await?;
                return Err(FieldError::PasswordWrong.into());
            }
        }
        self.change(client, move |change| change.prove(token)).await
    }

    /// Proves the address of a sign-up by the code of its mail. Programs without a session or cookie give the
    /// credentials instead.
    ///
    /// # Errors
    /// [`Rejection::Input`]: `CodeWrong` for every reason but a missing code and one that is none. [`Rejection::TooMany`] where
    /// too many proved nothing.
    pub async fn verify_by_code(
        &self,
        code: Option<&str>,
        prover: Prover<'_>,
        identifier: Option<String>,
        client: &Client,
    ) -> Result<Proven, Rejection> {
        let code = code.filter(|code| !code.trim().is_empty()).ok_or(FieldError::CodeMissing)?;
        let code = Code::parse(code).ok_or(FieldError::CodeFormat)?;
        if prover.pending.is_none() && prover.signed_in.is_none() && prover.password.is_some() {
            self.check_login_refusals(identifier.as_deref(), client)?;
        }
        let attempt = self.take_try(Some(code.expose()), client).await?;
        let done = self.prove_by_code(code, prover, identifier, client).await;
        Self::settle_try(attempt, done).await
    }

    async fn prove_by_code(
        &self,
        code: Code,
        prover: Prover<'_>,
        identifier: Option<String>,
        client: &Client,
    ) -> Result<Proven, Rejection> {
        // A sign-up of this browser comes before the account that it is signed in to.
        if let Some(Pending { user_id, claim_id, .. }) = prover.pending {
            let subject = Subject { user_id: *user_id, claim_id: *claim_id, tried_by: TriedBy::SignUp };
            return self.try_code(code, subject, *user_id, client).await;
        }
        if let Some(signed_in) = prover.signed_in {
            let user_id = Some(signed_in.account().id);
            // Every client that knows the password can log in.
            let tried_by = if signed_in.is_of_sign_up { TriedBy::SignUp } else { TriedBy::Others };
            return self.try_code(code, Subject { user_id, claim_id: None, tried_by }, user_id, client).await;
        }
        let credentials = Credentials { identifier, password: prover.password };
        let Checked { user_id, is_right, attempt } = self.check(credentials, client).await?;
        if !is_right || self.rules.conceals_accounts {
            // Whether or not the client waits for the answer.
            attempt.attempt().count()?;
        }
        let subject = Subject { user_id: user_id.filter(|_| is_right), claim_id: None, tried_by: TriedBy::Others };
        let done = self.try_code(code, subject, user_id, client).await;
        if is_right {
            self.settle_login(attempt, &done).await;
        }
        done
    }

    /// What a right password beside a code counts as: no failed login, whatever became of the code. Where sign-ups are
    /// concealed it is one beside a wrong code, as it would be at a login, or the count would tell whether a sign-up made the
    /// account.
    async fn settle_login(&self, attempt: Taken, done: &Result<Proven, Rejection>) {
        if !(self.rules.conceals_accounts && matches!(done, Err(Rejection::Input(_)))) {
            attempt.refund_counted().await;
        }
    }

    /// `named`: the account in the audit log if it is the wrong one.
    async fn try_code(
        &self,
        code: Code,
        subject: Subject,
        named: Option<i64>,
        client: &Client,
    ) -> Result<Proven, Rejection> {
        let key = self.code_key.clone();
        let done = self.change(client, move |change| {
            // The same steps where there is nobody: their time must not tell.
            let id = subject.user_id.unwrap_or(NOBODY);
            store::users::lock(change.connection, id)?;
            let token = store::mail_tokens::live(change.connection, Purpose::VerifyEmail, id, subject.claim_id)?;
            let counts = change.count_try(token.as_ref(), subject)?;
            let right = token.filter(|token| {
                let is_current = token.code_expires_at.is_some_and(|expires_at| change.now < expires_at)
                    && !is_early(token.created_at, change.now);
                let mac = token.code_mac.as_deref().unwrap_or_default();
                is_current && counts && code.matches(&key, &token.token_hash, mac)
            });
            let Some(token) = right else {
                change.record(Event::EmailVerified, false, named)?;
                return Ok(None);
            };
            change.prove(token).map(Some)
        });
        done.await?.ok_or_else(|| FieldError::CodeWrong.into())
    }

    /// Sends the mail again; the one before is worth nothing then. The answer is the same whether there is anybody to send
    /// it to.
    ///
    /// # Errors
    /// [`Rejection::NoMail`]; [`Rejection::Input`] for what is no address; [`Rejection::TooMany`].
    pub async fn resend_verification(&self, to: Resend<'_>, client: &Client) -> Result<(), Rejection> {
        if !self.rules.sends_mail {
            return Err(Rejection::NoMail);
        }
        let (letter, user_id, recipient) = match to {
            Resend::SignedIn(signed_in) => {
                let account = signed_in.account();
                let Some(address) = account.email.clone().filter(|_| !account.is_verified) else { return Ok(()) };
                (Letter::VerifyEmail { claim: None }, Some(account.id), address)
            }
            Resend::Pending(Pending { user_id: None, address, .. }) => (Letter::AccountExists, None, address.clone()),
            Resend::Pending(pending) => {
                (Letter::VerifyEmail { claim: pending.claim_id }, pending.user_id, pending.address.clone())
            }
            Resend::Address(typed) => {
                let email = Email::parse(typed.as_deref().unwrap_or_default())?;
                (Letter::VerifyEmail { claim: None }, None, email.as_str().to_owned())
            }
        };
        let rules = self.limits.policy().map(|policy| &policy.resend);
        self.ask_for_mail(rules, letter, user_id, &recipient, client).await
    }

    /// The stored password of the sign-up that a token was sent for.
    async fn stored_for(&self, token: &MailToken) -> Result<Option<String>, StoreError> {
        let (user_id, claim_id) = (token.user_id, token.claim_id);
        self.database
            .write(move |connection| match claim_id {
                Some(claim) => Ok(store::claims::find(connection, user_id, claim)?.map(|claim| claim.password_hash)),
                None => Ok(store::users::lock(connection, user_id)?.map(|user| user.password_hash)),
            })
            .await
    }
}

impl Change<'_> {
    /// Uses a token up and gives the address to whom it proves it for.
    fn prove(&mut self, token: MailToken) -> Result<Proven, Rejection> {
        let now = self.now;
        let user = store::users::lock(self.connection, token.user_id)?;
        let user = user.filter(|user| user.account.is_active).ok_or(FieldError::TokenReplaced)?;
        if !store::mail_tokens::use_up(self.connection, token.id)? {
            return Err(FieldError::TokenUsed.into());
        }
        let id = user.account.id;
        let is_change = token.is_for(Purpose::ChangeEmail);
        if is_change {
            store::users::set_email(self.connection, id, &token.sent_to, now)?;
            self.record(Event::EmailChanged, true, id)?;
            if let Some(before) = &user.account.email {
                let letter = Letter::EmailChanged { at: now, address: masked(&token.sent_to) };
                self.post(&letter, Some(id), before, user.language.as_deref())?;
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
        // What else was mailed was for whoever had the address before.
        self.make_links_dead(id)?;
        Ok(Proven { address: token.sent_to, is_change })
    }
}
