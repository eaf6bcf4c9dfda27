//! Limits of tries per mailed code. docs/accounts.md has the numbers and the probability of a guess.
//!
//! The browser of a sign-up and all other clients are counted separately, or attackers could use up the owner's tries.

use chrono::TimeDelta;

use super::change::Change;
use crate::{
    domain::clock::up_to,
    store::{
        self, StoreError,
        mail_tokens::{MailToken, TokenPurpose, TriedBy, Tries},
        outbox::Row,
    },
};

/// An id that no row has.
pub(super) const NO_ACCOUNT: i64 = 0;

/// Tries of one code: by the browser of its sign-up, and by all other clients.
const CODE_TRIES: i64 = 5;
/// Tries per day, since more mails bring more codes: the codes of one sign-up by its browser, all codes of an account
/// by all other clients.
const DAILY_TRIES: i64 = 50;

/// The account and client of a try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// `None`: no account.
    pub user_id: Option<i64>,
    /// The claim of the code, if any.
    pub claim_id: Option<i64>,
    pub tried_by: TriedBy,
}

impl Change<'_> {
    /// Counts a try; returns whether it is allowed. Counted before the comparison, so that concurrent tries count too.
    pub(super) fn count_try(&mut self, token: Option<&MailToken>, subject: Subject) -> Result<bool, StoreError> {
        let Subject { user_id, claim_id, tried_by } = subject;
        let token_id = token.map_or(NO_ACCOUNT, |token| token.id);
        let is_open = store::mail_tokens::count_try(self.connection, token_id, tried_by, CODE_TRIES)?;
        // Queried in either case: timing must not reveal a mail.
        let today = up_to(self.now, TimeDelta::days(1));
        let counts = store::mail_tokens::tries_in(self.connection, user_id.unwrap_or(NO_ACCOUNT), today)?;
        let tried: i64 = match tried_by {
            TriedBy::SignUp => {
                counts.iter().filter(|count| count.claim_id == claim_id).map(|count| count.sign_up_tries).sum()
            }
            TriedBy::Others => counts.iter().map(|count| count.code_tries).sum(),
        };
        Ok(is_open && tried <= DAILY_TRIES)
    }

    /// The tries of a retried mail's previous code, inherited by its new code: a failed delivery allows no more tries.
    pub(super) fn prior_tries(&mut self, row: &Row, user_id: i64, claim_id: Option<i64>) -> Result<Tries, StoreError> {
        if row.attempts <= 1 {
            return Ok(Tries::default());
        }
        let before = store::mail_tokens::live(self.connection, TokenPurpose::VerifyEmail, user_id, claim_id)?;
        let same = before.filter(|token| token.created_at >= row.created_at);
        Ok(same.map(|token| token.tries).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail_kind::MailKind;

    /// The numbers of docs/accounts.md.
    #[test]
    fn a_code_is_guessed_once_in_many_years() {
        let mails = MailKind::VerifyEmail { claim: None }.limit_for_all().day;
        let mails = i64::try_from(mails).expect("a number");
        assert_eq!((mails, CODE_TRIES + CODE_TRIES), (60, 10), "of one code");
        // By the browsers of sign-ups, each of which needs a mail, and by all other clients.
        let of_account = mails * CODE_TRIES + DAILY_TRIES;
        assert_eq!((of_account, 1_000_000 / of_account), (350, 2857));
        // Deleting an account deletes its counts, not its mails.
        let of_address = mails * (CODE_TRIES + CODE_TRIES);
        assert_eq!((of_address, 1_000_000 / of_address), (600, 1666));
    }
}
