//! Mails over a limit are dropped, without notice to the requesting client.

use chrono::{NaiveDateTime, TimeDelta};

use super::change::Change;
use crate::{
    domain::{
        clock::up_to,
        mail_kind::{MailKind, MailLimit},
        network::Network,
    },
    store::{self, StoreError, mail_tokens::TokenPurpose, outbox::Row},
};

/// The newest unmailed claims stored per account. Mailed claims are limited by the mails per address, pending ones by
/// the limits per network.
const UNMAILED_CLAIMS: usize = 20;

impl Change<'_> {
    /// Whether it is the newest of its kind and within the limits.
    pub(super) fn may_send(&mut self, row: &Row, kind: &MailKind) -> Result<bool, StoreError> {
        let is_superseded = match (kind, row.user_id) {
            // An account has one change of address at a time: the last requested one.
            (MailKind::ConfirmNewEmail, Some(id)) => {
                let token = store::mail_tokens::live(self.connection, TokenPurpose::ChangeEmail, id, None)?;
                token.is_none_or(|token| token.sent_to != row.recipient || token.created_at > row.created_at)
            }
            _ => store::outbox::has_newer(self.connection, row)?,
        };
        Ok(!is_superseded && self.is_within_limits(row, kind)?)
    }

    pub(super) fn is_within_limits(&mut self, row: &Row, kind: &MailKind) -> Result<bool, StoreError> {
        let counted = (row.id, kind.name(), row.mailbox.as_str());
        let others = store::outbox::others(self.connection, counted, up_to(self.now, TimeDelta::days(1)))?;
        let others: Vec<(NaiveDateTime, Option<Network>)> =
            others.into_iter().map(|(created_at, peer)| (created_at, Network::of_peer(peer.as_deref()))).collect();
        let network = row.network();
        let block = network.map(Network::block);
        let hour_ago = self.now - TimeDelta::hours(1);
        let is_within = |limit: MailLimit, counts: &dyn Fn(Option<Network>) -> bool| {
            let sent = others.iter().filter(|(_, from)| counts(*from)).map(|(at, _)| *at);
            let (day, hour) = sent.fold((0, 0), |(day, hour), at| (day + 1, hour + usize::from(at > hour_ago)));
            day < limit.day && hour < limit.hour
        };
        Ok(is_within(kind.limit_for_all(), &|_| true)
            && is_within(kind.limit_for_block(), &|from| from.map(Network::block) == block)
            && is_within(kind.limit_for_network(), &|from| from == network))
    }

    /// Deletes surplus unmailed claims. A claim outlives its dropped mail, for a later one. Not done at the sign-up,
    /// whose time would reveal the account.
    pub(super) fn delete_surplus_claims(&mut self, kind: &MailKind, user_id: i64) -> Result<(), StoreError> {
        let pending = store::outbox::pending_details(self.connection, user_id, kind.name())?;
        let claims = pending.iter().filter_map(|detail| match serde_json::from_str(detail) {
            Ok(MailKind::VerifyEmail { claim }) => claim,
            _ => None,
        });
        // The current claim is pending too.
        store::claims::delete_unmailed(self.connection, user_id, &claims.collect::<Vec<_>>(), UNMAILED_CLAIMS - 1)
    }
}
