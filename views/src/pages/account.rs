//! The account page.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

/// The account page: each part has its own form.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/account.html")]
pub struct AccountPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Confirmation of the last change; empty if none.
    pub done: Message,
    /// Address, or username without one; for users and password managers.
    pub identifier: String,
    /// Empty if none.
    pub address: String,
    /// Empty if none.
    pub username: String,
    /// Whether the address is verified.
    pub is_verified: bool,
    /// Whether the service can send mail; otherwise the address cannot be changed.
    pub can_mail: bool,
    /// New address, not verified yet; empty if none.
    pub pending_address: String,
    pub full_name: FieldView,
    /// The new address.
    pub email: FieldView,
    /// The current password, to change the address.
    pub email_password: FieldView,
    /// The current password, to change it.
    pub current_password: FieldView,
    pub new_password: FieldView,
    /// Active sessions.
    pub sessions: Vec<SessionView>,
    /// Account activity, newest first.
    pub activity: Vec<ActivityView>,
    /// The current password, to delete the account.
    pub delete_password: FieldView,
    pub delete_confirm: FieldView,
}

/// Displayed data and submitted values.
#[derive(Debug, Clone, Default)]
pub struct AccountView {
    /// Empty if none.
    pub address: String,
    /// Empty if none.
    pub username: String,
    pub is_verified: bool,
    pub can_mail: bool,
    /// New address, not verified yet; empty if none.
    pub pending_address: String,
    pub full_name: String,
    /// The submitted new address.
    pub email: String,
    /// In characters.
    pub password_min: usize,
    /// In characters.
    pub password_max: usize,
    pub sessions: Vec<SessionView>,
    pub activity: Vec<ActivityView>,
}

/// A session of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Sent back to end the session.
    pub id: String,
    /// Such as `Firefox, Linux`; empty if unknown.
    pub device: String,
    /// Whether the page belongs to it.
    pub is_current: bool,
    /// Whether it is an access token of a program instead of a browser.
    pub is_token: bool,
    /// Network address; empty if unknown.
    pub peer: String,
    /// Time of the login, such as `2026-11-20 13:45 UTC`.
    pub signed_in: String,
    /// Time of the last use, such as `2026-11-20 13:45 UTC`.
    pub last_seen: String,
}

/// An event of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    pub what: Message,
    /// Such as `2026-11-20 13:45 UTC`.
    pub time: String,
    /// Network address; empty if unknown.
    pub peer: String,
    pub succeeded: bool,
}

/// A form of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountForm {
    Profile,
    Email,
    Password,
    Delete,
}

impl AccountForm {
    /// Prefix of its inputs' ids.
    const fn id(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Password => "password",
            Self::Delete => "delete",
        }
    }
}

impl AccountPage {
    /// `errors` are those of `form`. `notice` is an error of the service instead of the form; it comes first in the summary.
    /// `done`, if not empty, comes first on the page.
    #[must_use]
    pub fn new(
        frame: Frame,
        account: AccountView,
        form: AccountForm,
        errors: &[Fault],
        notice: Option<Message>,
        done: Message,
    ) -> Self {
        let summary = summary(form.id(), errors, notice);
        let of = |wanted: AccountForm| if wanted == form { errors } else { &[] };
        let current_password = |form: AccountForm| FieldView {
            label: "account-current-password".into(),
            ..FieldView::current_password(form.id(), "current_password", of(form))
        };
        let identifier = if account.address.is_empty() { &account.username } else { &account.address };
        Self {
            frame,
            has_errors: !summary.is_empty(),
            summary,
            done,
            identifier: identifier.clone(),
            is_verified: account.is_verified,
            can_mail: account.can_mail,
            pending_address: account.pending_address,
            full_name: FieldView {
                label: "register-full-name".into(),
                kind: "text".into(),
                value: account.full_name,
                autocomplete: "name".into(),
                is_optional: true,
                ..FieldView::new(AccountForm::Profile.id(), "full_name", of(AccountForm::Profile))
            },
            email: FieldView {
                label: "account-email-new".into(),
                hint: "account-email-hint".into(),
                ..FieldView::email(AccountForm::Email.id(), account.email, of(AccountForm::Email))
            },
            email_password: current_password(AccountForm::Email),
            current_password: current_password(AccountForm::Password),
            new_password: FieldView {
                label: "reset-password".into(),
                ..FieldView::new_password(
                    AccountForm::Password.id(),
                    of(AccountForm::Password),
                    account.password_min,
                    account.password_max,
                )
            },
            sessions: account.sessions,
            activity: account.activity,
            delete_password: current_password(AccountForm::Delete),
            delete_confirm: FieldView {
                label: "account-delete-confirm".into(),
                kind: "checkbox".into(),
                ..FieldView::new(AccountForm::Delete.id(), "confirm", of(AccountForm::Delete))
            },
            address: account.address,
            username: account.username,
        }
    }
}
