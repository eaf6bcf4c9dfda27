//! Attempts that flows share: asking for a mail, trying what a mail brought, and the password of an account that is known.

use super::{ActionRules, Refusal, Rule, Taken, micros, take_all};
use crate::accounts::{
    Accounts,
    answer_time::in_steps,
    audit::Client,
    form::{Field, FieldError},
    letters::Letter,
    mailbox::mailbox_of,
    password::Secret,
    rejection::Rejection,
};

impl Accounts {
    /// Puts a mail that somebody asks for into the outbox, if these rules let them.
    pub(in crate::accounts) async fn ask_for_mail(
        &self,
        rules: Option<&ActionRules>,
        letter: Letter,
        user_id: Option<i64>,
        recipient: &str,
        client: &Client,
    ) -> Result<(), Rejection> {
        let mailbox = mailbox_of(recipient);
        let counters = rules.map(|rules| rules.counters(&self.limits, client.network(), Some(&mailbox)));
        let counters = self.without_shared_if_proven(counters.unwrap_or_default(), client).await?;
        self.check_refusals(&counters).map_err(|exceeded| self.or_challenge(exceeded, client))?;
        let (recipient, language) = (recipient.to_owned(), client.language.clone());
        let posted = self.change(client, move |change| {
            take_all(change.connection, &counters, micros(change.now))?;
            Ok::<_, Refusal>(change.post(&letter, user_id, &recipient, language.as_deref())?)
        });
        match in_steps(posted).await {
            Ok(()) => Ok(()),
            Err(refusal) => Err(self.or_challenge(self.refuse(refusal, None).await, client)),
        }
    }

    /// A try of a link or a code; of nothing where there is none.
    pub(in crate::accounts) async fn take_try(&self, tried: Option<&str>, client: &Client) -> Result<Taken, Rejection> {
        let policy = self.limits.policy().filter(|_| tried.is_some_and(|tried| !tried.trim().is_empty()));
        let counters = policy.map(|policy| policy.verify.counters(&self.limits, client.network(), None));
        self.take_shared(counters.unwrap_or_default(), client).await
    }

    /// What came of a try: it counts where it was wrong.
    pub(in crate::accounts) async fn settle_try<T>(taken: Taken, done: Result<T, Rejection>) -> Result<T, Rejection> {
        let is_wrong = |error: &FieldError| {
            matches!(error.field(), Field::Token | Field::Code) || *error == FieldError::PasswordWrong
        };
        match &done {
            Err(Rejection::Input(errors)) if errors.iter().any(is_wrong) => taken.count(),
            _ => taken.refund().await,
        }
        done
    }

    /// Whether the password is the stored one of this account, within a rule for each account. It counts where it is wrong.
    pub(in crate::accounts) async fn is_password_within(
        &self,
        rule: Option<Rule>,
        user_id: i64,
        password: &Secret,
        stored: &str,
    ) -> Result<bool, Rejection> {
        let taken = self.take(self.limits.of_account(rule, user_id)).await?;
        let compared = self.is_password(password, stored).await;
        match compared {
            Ok(false) => taken.count(),
            _ => taken.refund().await,
        }
        compared
    }
}
