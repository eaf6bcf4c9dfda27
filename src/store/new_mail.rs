//! Inserts rows into the table `outbox`, with their place in the queue.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};

use super::{AnyConnection, StoreError, schema::outbox};
use crate::domain::{client::Client, mail_kind::MailKind, mailbox::mailbox_of, network::Network};

/// Distance between two queued mails of one cause.
const PACE: TimeDelta = TimeDelta::seconds(10);
/// Latest place, as a distance from `not_before`.
const LAST_PLACE: TimeDelta = TimeDelta::hours(1);

/// A mail to insert.
pub(crate) struct NewMail<'a> {
    pub kind: &'a MailKind,
    /// `None` if it is not known yet whether the account exists.
    pub user_id: Option<i64>,
    pub recipient: &'a str,
    /// Language tag.
    pub language: Option<&'a str>,
    /// The client that caused it.
    pub client: &'a Client,
    pub now: NaiveDateTime,
    /// Earliest time to compose it.
    pub not_before: NaiveDateTime,
}

impl NewMail<'_> {
    /// # Errors
    /// Database errors.
    pub(crate) fn insert(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        use outbox::dsl;

        let detail = serde_json::to_string(self.kind).map_err(|error| StoreError::fault(&error))?;
        let cause = self.cause();
        let place = next_place(connection, &cause, self.not_before)?;
        diesel::insert_into(dsl::outbox)
            .values((
                dsl::message_id.eq(format!("{:032x}", rand::random::<u128>())),
                dsl::kind.eq(self.kind.name()),
                dsl::detail.eq(detail),
                dsl::user_id.eq(self.user_id),
                dsl::recipient.eq(self.recipient),
                dsl::mailbox.eq(mailbox_of(self.recipient)),
                dsl::cause.eq(cause),
                dsl::language.eq(self.language),
                dsl::peer.eq(self.client.peer.as_deref()),
                dsl::user_agent.eq(self.client.user_agent.as_deref()),
                dsl::not_before.eq(self.not_before),
                dsl::next_attempt_at.eq(place),
                dsl::created_at.eq(self.now),
            ))
            .execute(connection)?;
        Ok(())
    }

    /// Key of the fair queue: an account, or a network block.
    fn cause(&self) -> String {
        match self.user_id.filter(|_| self.kind.is_of_account()) {
            Some(id) => format!("account {id}"),
            None => self.client.network().map(Network::block).unwrap_or_default(),
        }
    }
}

/// The place of a mail in the queue, as a time: mails of one cause are spaced, so that other mails come in between.
/// Without other mails they are sent at once.
fn next_place(
    connection: &mut AnyConnection,
    cause: &str,
    not_before: NaiveDateTime,
) -> Result<NaiveDateTime, StoreError> {
    use outbox::dsl;

    let before = dsl::outbox.filter(is_untried()).filter(dsl::cause.eq(cause)).order(dsl::next_attempt_at.desc());
    let last: Option<NaiveDateTime> = before.select(dsl::next_attempt_at).first(connection).optional()?;
    Ok(last.map_or(not_before, |last| (last + PACE).clamp(not_before, not_before + LAST_PLACE)))
}

/// A literal, so that the database can use the partial index.
fn is_untried() -> SqlLiteral<Bool> {
    sql("outbox.state = 'pending' AND outbox.attempts = 0")
}
