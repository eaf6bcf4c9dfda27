//! Rate-limited attempts of several flows: shared counters, mail requests, mailed tokens and codes, and the password of
//! a known account.

use super::{
    Accounts,
    answer_time::in_steps,
    bots::ChallengeReason,
    limits::{ActionRules, Consumed, Refusal, consume_all, without_shared},
    rejection::Rejection,
};
use crate::domain::{
    client::Client,
    field_error::{Field, FieldError},
    mail_kind::MailKind,
    mailbox::mailbox_of,
    rate::{Counter, Rule, micros},
    secret::Secret,
};

impl Accounts {
    /// Consumes from counters, one of which may be shared by all clients.
    ///
    /// # Errors
    /// [`Rejection::Challenged`] if the shared counter is used up, so that no attacker locks out other clients;
    /// [`Rejection::TooMany`]; database errors.
    pub(super) async fn consume_shared(&self, counters: Vec<Counter>, client: &Client) -> Result<Consumed, Rejection> {
        let counters = self.without_shared_if_solved(counters, client).await?;
        self.limiter.consume(counters).await.map_err(|error| self.or_challenge(error, client))
    }

    /// The counters, without the shared one if the client sent a valid proof of work. A proof is valid for one request.
    ///
    /// # Errors
    /// Database errors.
    pub(super) async fn without_shared_if_solved(
        &self,
        counters: Vec<Counter>,
        client: &Client,
    ) -> Result<Vec<Counter>, Rejection> {
        let Some(shared) = counters.iter().find(|counter| counter.is_shared) else { return Ok(counters) };
        let Some(proof) = &client.proof else { return Ok(counters) };
        if !self.bots.accepts(proof, &subject(shared.rule, client)).await? {
            return Ok(counters);
        }
        Ok(without_shared(counters))
    }

    /// The same rejection, or a challenge for a shared counter if challenges are enabled.
    pub(super) fn or_challenge(&self, rejection: impl Into<Rejection>, client: &Client) -> Rejection {
        match rejection.into() {
            Rejection::TooMany(exceeded) if exceeded.is_shared => {
                let reason = if client.proof.is_some() { ChallengeReason::Expired } else { ChallengeReason::First };
                match self.bots.challenge_for(&subject(exceeded.rule, client), exceeded.retry_after, reason) {
                    Some(challenged) => Rejection::Challenged(Box::new(challenged)),
                    None => exceeded.into(),
                }
            }
            other => other,
        }
    }

    /// Puts a requested mail into the outbox, within these rules.
    pub(super) async fn post_requested(
        &self,
        rules: Option<&ActionRules>,
        kind: MailKind,
        user_id: Option<i64>,
        recipient: &str,
        client: &Client,
    ) -> Result<(), Rejection> {
        let mailbox = mailbox_of(recipient);
        let counters = rules.map(|rules| self.limiter.counters(rules, client.network(), Some(&mailbox)));
        let counters = self.without_shared_if_solved(counters.unwrap_or_default(), client).await?;
        self.limiter.check_refusals(&counters).map_err(|exceeded| self.or_challenge(exceeded, client))?;
        let (recipient, language) = (recipient.to_owned(), client.language.clone());
        let posted = self.writer.change(client, move |change| {
            consume_all(change.connection, &counters, micros(change.now))?;
            Ok::<_, Refusal>(change.post(&kind, user_id, &recipient, language.as_deref())?)
        });
        match in_steps(posted).await {
            Ok(()) => Ok(()),
            Err(refusal) => Err(self.or_challenge(self.limiter.refuse(refusal, None).await, client)),
        }
    }

    /// Consumes an attempt with a token or code; nothing if it is missing.
    pub(super) async fn consume_try(&self, tried: Option<&str>, client: &Client) -> Result<Consumed, Rejection> {
        let policy = self.limiter.policy().filter(|_| tried.is_some_and(|tried| !tried.trim().is_empty()));
        let counters = policy.map(|policy| self.limiter.counters(&policy.verify, client.network(), None));
        self.consume_shared(counters.unwrap_or_default(), client).await
    }

    /// Counts an attempt with a wrong token, code or password; refunds others.
    pub(super) async fn settle_try<T>(consumed: Consumed, done: Result<T, Rejection>) -> Result<T, Rejection> {
        let is_wrong = |error: &FieldError| {
            matches!(error.field(), Field::Token | Field::Code) || *error == FieldError::PasswordWrong
        };
        match &done {
            Err(Rejection::Input(errors)) if errors.iter().any(is_wrong) => consumed.count(),
            _ => consumed.refund().await,
        }
        done
    }

    /// Whether the password matches the stored hash, within a rule per account. Only a mismatch counts.
    pub(super) async fn is_password_within(
        &self,
        rule: Option<Rule>,
        user_id: i64,
        password: &Secret,
        stored: &str,
    ) -> Result<bool, Rejection> {
        let consumed = self.limiter.consume(self.limiter.of_account(rule, user_id)).await?;
        let compared = self.is_password(password, stored).await;
        match compared {
            Ok(false) => consumed.count(),
            _ => consumed.refund().await,
        }
        compared
    }
}

/// What a proof of work is bound to: rule and network.
fn subject(rule: &str, client: &Client) -> String {
    let network = client.network().map(|network| network.to_string()).unwrap_or_default();
    format!("{rule} {network}")
}
