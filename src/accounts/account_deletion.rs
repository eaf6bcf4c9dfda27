//! Leaving: the end of the account.

use super::{Accounts, rejection::Rejection, sessions::SignedIn, settings::asked};
use crate::{
    domain::{audit::Event, client::Client, field_error::FieldError, mail_kind::MailKind, secret::Secret},
    store,
};

impl Accounts {
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
        self.writer
            .change(client, move |change| {
                let user = change.still(id, session_id)?;
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
