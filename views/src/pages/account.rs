//! The page of somebody's own account.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

/// The page of somebody's own account: each part with its own form.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/account.html")]
pub struct AccountPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// What was just done; empty: nothing.
    pub done: Message,
    /// The address, or else the username: whose account it is, for people and for password managers.
    pub identifier: String,
    /// Empty: none.
    pub address: String,
    /// Empty: none.
    pub username: String,
    /// Whether the address is confirmed.
    pub is_verified: bool,
    /// Whether the service can send mail; without that no address can be changed.
    pub can_mail: bool,
    /// A new address that is not confirmed yet; empty: none.
    pub pending_address: String,
    pub full_name: FieldView,
    /// The new address.
    pub email: FieldView,
    /// The current password, to change the address.
    pub email_password: FieldView,
    /// The current password, to change it.
    pub current_password: FieldView,
    pub new_password: FieldView,
    /// Where the account is signed in.
    pub sessions: Vec<SessionView>,
    /// What happened to the account, the newest first.
    pub activity: Vec<ActivityView>,
    /// The current password, to delete the account.
    pub delete_password: FieldView,
    pub delete_confirm: FieldView,
}

/// What the page shows, and what was typed.
#[derive(Debug, Clone, Default)]
pub struct AccountView {
    /// Empty: none.
    pub address: String,
    /// Empty: none.
    pub username: String,
    pub is_verified: bool,
    pub can_mail: bool,
    /// A new address that is not confirmed yet; empty: none.
    pub pending_address: String,
    pub full_name: String,
    /// The new address that was typed.
    pub email: String,
    /// Characters.
    pub password_min: usize,
    /// Characters.
    pub password_max: usize,
    pub sessions: Vec<SessionView>,
    pub activity: Vec<ActivityView>,
}

/// A place where the account is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Sent back to sign it out.
    pub id: String,
    /// Such as `Firefox, Linux`; empty: unknown.
    pub device: String,
    /// Whether the page is shown there.
    pub is_current: bool,
    /// Whether it is a program with an access token rather than a browser.
    pub is_token: bool,
    /// Its network address; empty: unknown.
    pub peer: String,
    /// When, such as `2026-11-20 13:45 UTC`.
    pub signed_in: String,
    /// When, such as `2026-11-20 13:45 UTC`.
    pub last_seen: String,
}

/// Something that happened to the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    pub what: Message,
    /// When, such as `2026-11-20 13:45 UTC`.
    pub time: String,
    /// The network address it came from; empty: unknown.
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
    /// How the ids of its inputs begin.
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
    /// The faults are those of `form`. `notice` stands in the summary by itself: a state of the service rather than a fault of the
    /// form. `done`, where it says something, stands above everything.
    #[must_use]
    pub fn new(
        frame: Frame,
        account: AccountView,
        form: AccountForm,
        faults: &[Fault],
        notice: Option<Message>,
        done: Message,
    ) -> Self {
        let summary = summary(form.id(), faults, notice);
        let of = |wanted: AccountForm| if wanted == form { faults } else { &[] };
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
