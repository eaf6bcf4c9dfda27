//! What happened to an account, as its holder sees it.

use super::{Accounts, sessions::SignedIn};
use crate::{
    domain::audit::{Entry, Event},
    store::{self, StoreError, audit::Before},
};

/// Some lines of the audit log, newest first.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    /// Those that the holder may see.
    pub entries: Vec<Entry>,
    /// Where the next ones begin; `None`: these are the last.
    pub next: Option<Before>,
}

impl Accounts {
    /// What happened to the account since it belongs to its owner, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn activity(&self, signed_in: &SignedIn, most: i64) -> Result<Vec<Entry>, StoreError> {
        Ok(self.activity_before(signed_in, Before::end(), most).await?.entries)
    }

    /// The newest of what happened before this.
    pub(super) async fn activity_before(
        &self,
        signed_in: &SignedIn,
        before: Before,
        most: i64,
    ) -> Result<Lines, StoreError> {
        let (id, since) = (signed_in.account().id, signed_in.user.owner_since);
        let read = self.database().run(move |db| store::audit::of_user(db, (id, since), before, most));
        let (mut entries, last) = read.await?;
        let is_full = i64::try_from(entries.len()).is_ok_and(|lines| lines >= most);
        if signed_in.account().is_unverified() {
            // A client that failed, signed up again or asked for mail may be the owner of the address, whom the holder must not
            // see.
            entries.retain(|entry| entry.event != Event::PasswordResetRequested.name());
            let may_be_owners = |entry: &&mut Entry| !entry.succeeded || entry.event == Event::AccountClaimed.name();
            for entry in entries.iter_mut().filter(may_be_owners) {
                (entry.peer, entry.user_agent) = (None, None);
            }
        }
        Ok(Lines { entries, next: last.filter(|_| is_full) })
    }
}
