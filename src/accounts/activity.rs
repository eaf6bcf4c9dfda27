//! The activity of an account: its audit log as shown to the user.

use super::{Accounts, sessions::SignedIn};
use crate::{
    domain::audit::{Entry, Event},
    store::{self, StoreError, audit::Before},
};

/// Audit lines, newest first.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    /// The lines that the user may see.
    pub entries: Vec<Entry>,
    /// Start of the next lines; `None`: there are none.
    pub next: Option<Before>,
}

impl Accounts {
    /// The newest `limit` audit lines since the account has its current owner.
    ///
    /// # Errors
    /// Database errors.
    pub async fn activity(&self, signed_in: &SignedIn, limit: i64) -> Result<Vec<Entry>, StoreError> {
        Ok(self.activity_before(signed_in, Before::end(), limit).await?.entries)
    }

    /// The newest `limit` audit lines before `before`.
    pub(super) async fn activity_before(
        &self,
        signed_in: &SignedIn,
        before: Before,
        limit: i64,
    ) -> Result<Lines, StoreError> {
        let (id, since) = (signed_in.account().id, signed_in.user.owner_since);
        let read = self.database().run(move |db| store::audit::of_user(db, (id, since), before, limit));
        let (mut entries, last) = read.await?;
        let is_full = i64::try_from(entries.len()).is_ok_and(|lines| lines >= limit);
        if signed_in.account().is_unverified() {
            // Failures, claims and reset requests may be the owner's, whose data an unverified user must not see.
            entries.retain(|entry| entry.event != Event::PasswordResetRequested.name());
            let may_be_owner = |entry: &&mut Entry| !entry.succeeded || entry.event == Event::AccountClaimed.name();
            for entry in entries.iter_mut().filter(may_be_owner) {
                (entry.peer, entry.user_agent) = (None, None);
            }
        }
        Ok(Lines { entries, next: last.filter(|_| is_full) })
    }
}
