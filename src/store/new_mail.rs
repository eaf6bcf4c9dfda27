//! A row of the table `outbox` as it is written, with its place in the queue.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};

use super::{AnyConnection, StoreError, schema::outbox};
use crate::domain::{client::Client, mail_kind::MailKind, mailbox::mailbox_of, network::Network};

/// Between two mails of one cause in the queue.
const PACE: TimeDelta = TimeDelta::seconds(10);
/// The most that a place is after the moment in which a mail may be made.
const LAST_PLACE: TimeDelta = TimeDelta::hours(1);

/// A mail to be.
pub struct NewMail<'a> {
    pub kind: &'a MailKind,
    /// `None` where it is not known yet whether there is an account.
    pub user_id: Option<i64>,
    pub recipient: &'a str,
    /// As a language tag.
    pub language: Option<&'a str>,
    /// Who caused it.
    pub client: &'a Client,
    pub now: NaiveDateTime,
    /// When it may be made.
    pub not_before: NaiveDateTime,
}

impl NewMail<'_> {
    /// # Errors
    /// Those of the database.
    pub fn insert(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
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

    /// What has a queue of its own: an account, or a block of networks.
    fn cause(&self) -> String {
        match self.user_id.filter(|_| self.kind.is_of_account()) {
            Some(id) => format!("account {id}"),
            None => self.client.network().map(Network::block).unwrap_or_default(),
        }
    }
}

/// The place of a mail in the queue, as a time: those of one cause are so far apart that all others come in between. Where nobody
/// else waits, they go at once.
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

/// As a literal, so that a database knows that the partial index has the row.
fn is_untried() -> SqlLiteral<Bool> {
    sql("outbox.state = 'pending' AND outbox.attempts = 0")
}
