//! Leaving: everything that is stored of somebody, to take along, and the end of the account.

use chrono::NaiveDateTime;

use super::{
    Accounts,
    audit::{Client, Entry, Event},
    form::FieldError,
    letters::Letter,
    password::Secret,
    rejection::Rejection,
    sessions::{SessionInfo, SignedIn},
    settings::asked,
};
use crate::store::{self, StoreError};

/// The most lines of the audit log that are given out, the newest.
const MOST_ENTRIES: i64 = 10_000;

/// Everything that is stored of somebody but the secrets.
#[derive(Debug, Clone)]
pub struct Export {
    /// UTC.
    pub made_at: NaiveDateTime,
    pub language: Option<String>,
    /// The address that waits for its proof.
    pub pending_email: Option<String>,
    pub sessions: Vec<SessionInfo>,
    pub activity: Vec<Entry>,
}

impl Accounts {
    /// Everything that is stored of somebody; a line is written of it if it `is_taken` rather than looked at.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export(&self, signed_in: &SignedIn, is_taken: bool, client: &Client) -> Result<Export, StoreError> {
        let id = signed_in.account().id;
        if is_taken {
            self.change(client, move |change| change.record(Event::DataExported, true, id)).await?;
        }
        Ok(Export {
            made_at: self.clock.now(),
            language: signed_in.user.language.clone(),
            pending_email: self.pending_email(signed_in).await?,
            sessions: self.sessions(signed_in).await?,
            activity: self.activity(signed_in, MOST_ENTRIES).await?,
        })
    }

    /// Takes the account away, with its sessions and links. What remains until it is old: the lines of the audit log, by the
    /// account's number, and the mails in the outbox, by its address.
    ///
    /// # Errors
    /// [`Rejection::Input`] for what is not the password, or where it was not confirmed.
    pub async fn delete_account(
        &self,
        signed_in: &SignedIn,
        current: Option<Secret>,
        is_confirmed: bool,
        client: &Client,
    ) -> Result<(), Rejection> {
        let current = match (asked(current), is_confirmed) {
            (Ok(current), true) => current,
            (current, is_confirmed) => {
                let unconfirmed = (!is_confirmed).then_some(FieldError::ConfirmMissing);
                return Err(Rejection::Input([current.err(), unconfirmed].into_iter().flatten().collect()));
            }
        };
        self.confirm_password(signed_in, &current, client).await?;
        let (id, session_id) = (signed_in.account().id, signed_in.session_id);
        self.change(client, move |change| {
            let user = change.still(id, session_id)?;
            change.record(Event::AccountDeleted, true, id)?;
            if let Some(address) = &user.account.email {
                let letter = Letter::AccountDeleted { at: change.now };
                change.post(&letter, None, address, user.language.as_deref())?;
            }
            store::users::delete(change.connection, id)?;
            Ok(())
        })
        .await
    }
}
