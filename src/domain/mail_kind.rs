//! Kinds of mails and their limits. The outbox stores the kind; tokens are issued when the mail is composed, so that
//! none is stored in plain text and each is valid from then on.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::token::{Code, Token};

/// A mail to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MailKind {
    /// Verifies the address of a new account, or of a claim.
    VerifyEmail {
        claim: Option<i64>,
    },
    /// Verifies the new address of an account.
    ConfirmNewEmail,
    /// To the owner of an address that was used for another sign-up.
    AccountExists,
    /// To an address, if it has an account.
    ResetPassword,
    PasswordChanged {
        at: NaiveDateTime,
    },
    /// To the previous address. `address`: the new one, [`masked`].
    EmailChanged {
        at: NaiveDateTime,
        address: String,
    },
    AccountDeleted {
        at: NaiveDateTime,
    },
}

/// A mail kind with its token and code.
#[derive(Debug, Clone)]
pub enum MailContent {
    VerifyEmail { token: Token, code: Code },
    ConfirmNewEmail { token: Token },
    AccountExists,
    ResetPassword { token: Token },
    PasswordChanged { at: NaiveDateTime },
    EmailChanged { at: NaiveDateTime, address: String },
    AccountDeleted { at: NaiveDateTime },
}

impl MailKind {
    /// Value of the column `kind`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Whether an account causes it rather than an anonymous client.
    #[must_use]
    pub fn is_of_account(&self) -> bool {
        matches!(self, Self::ConfirmNewEmail | Self::PasswordChanged { .. } | Self::EmailChanged { .. })
    }

    /// Content of a mail that is composed but not sent.
    #[must_use]
    pub fn stand_in(&self) -> MailContent {
        let token = Token::random();
        match self {
            Self::VerifyEmail { .. } => MailContent::VerifyEmail { token, code: Code::random() },
            Self::ConfirmNewEmail => MailContent::ConfirmNewEmail { token },
            Self::AccountExists => MailContent::AccountExists,
            Self::ResetPassword => MailContent::ResetPassword { token },
            Self::PasswordChanged { at } => MailContent::PasswordChanged { at: *at },
            Self::EmailChanged { at, address } => MailContent::EmailChanged { at: *at, address: address.clone() },
            Self::AccountDeleted { at } => MailContent::AccountDeleted { at: *at },
        }
    }

    /// Most mails of this kind to one mailbox. More are dropped silently, so that no client can flood an inbox.
    #[must_use]
    pub fn limit_for_all(&self) -> MailLimit {
        match self {
            Self::AccountExists => MailLimit { hour: 1, day: 5 },
            _ => MailLimit { hour: 15, day: 60 },
        }
    }

    /// Most of these caused by one network (an IPv4 address, or an IPv6 /64), so that an attacker leaves some for the
    /// owner.
    #[must_use]
    pub fn limit_for_network(&self) -> MailLimit {
        match self {
            Self::AccountExists => self.limit_for_all(),
            _ => MailLimit { hour: 5, day: 20 },
        }
    }

    /// Most of these caused by one block of networks (an IPv4 /24, or an IPv6 /48), for the same reason.
    #[must_use]
    pub fn limit_for_block(&self) -> MailLimit {
        match self {
            Self::AccountExists => self.limit_for_all(),
            _ => MailLimit { hour: 8, day: 30 },
        }
    }
}

/// Most mails of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailLimit {
    pub hour: usize,
    pub day: usize,
}

/// Masks an address: recognisable for its owner, unknown to other readers.
#[must_use]
pub(crate) fn masked(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let mut characters = local.chars();
    let first: String = characters.next().into_iter().collect();
    let last = characters.next_back().filter(|_| local.chars().count() > 3).map(String::from).unwrap_or_default();
    format!("{first}…{last}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_masked_except_for_its_ends() {
        for (address, hidden) in
            [("gopher@example.com", "g…r@example.com"), ("ada@example.com", "a…@example.com"), ("a@b.de", "a…@b.de")]
        {
            assert_eq!(masked(address), hidden);
        }
    }

    #[test]
    fn stored_mail_kinds_read_back() {
        let kind = MailKind::VerifyEmail { claim: Some(7) };
        let text = serde_json::to_string(&kind).expect("JSON");
        assert_eq!((text.as_str(), kind.name()), (r#"{"kind":"verify_email","claim":7}"#, "verify_email"));
        assert_eq!(serde_json::from_str::<MailKind>(&text).expect("a mail kind"), kind);
    }
}
