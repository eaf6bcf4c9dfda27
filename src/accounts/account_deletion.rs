//! Account deletion.

use super::{Accounts, account_changes::require_current, rejection::Rejection, sessions::SignedIn};
use crate::{
    domain::{audit::Event, client::Client, field_error::FieldError, mail_kind::MailKind, secret::Secret},
    store,
};

impl Accounts {
    /// Deletes the account with its sessions and links. Audit lines (by account number) and outbox mails (by address)
    /// remain until they expire.
    ///
    /// # Errors
    /// [`Rejection::Input`] for a missing or wrong password, or a missing confirmation.
    pub async fn delete_account(
        &self,
        signed_in: &SignedIn,
        current: Option<Secret>,
        is_confirmed: bool,
        client: &Client,
    ) -> Result<(), Rejection> {
        let current = match (require_current(current), is_confirmed) {
            (Ok(current), true) => current,
            (current, is_confirmed) => {
                let unconfirmed = (!is_confirmed).then_some(FieldError::ConfirmMissing);
                return Err(Rejection::Input([current.err(), unconfirmed].into_iter().flatten().collect()));
            }
        };
        self.confirm_password(signed_in, &current, client).await?;
        let (id, session_id) = (signed_in.account().id, signed_in.session_id);
        self.writer
            .change(client, move |change| {
                let user = change.lock_signed_in(id, session_id)?;
                change.record(Event::AccountDeleted, true, id)?;
                if let Some(address) = &user.account.email {
                    let kind = MailKind::AccountDeleted { at: change.now };
                    change.post(&kind, None, address, user.language.as_deref())?;
                }
                store::users::delete(change.connection, id)?;
                Ok(())
            })
            .await
    }
}
