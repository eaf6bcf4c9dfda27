//! The page to sign in.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "login";

/// The page to sign in.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// An email address or a username.
    pub identifier: FieldView,
    pub password: FieldView,
    /// Where it goes on after the sign-in; empty: to the account.
    pub next: String,
    /// Whether a new password can be had by mail.
    pub offers_reset: bool,
    /// Whether the mail that confirms an address can be had again.
    pub offers_resend: bool,
}

/// What was typed, and what the page offers.
#[derive(Debug, Clone, Default)]
pub struct LoginForm {
    pub identifier: String,
    pub next: String,
    pub offers_reset: bool,
    pub offers_resend: bool,
}

impl LoginPage {
    /// `notice` stands in the summary by itself: it does not say which of the two fields is wrong.
    #[must_use]
    pub fn new(frame: Frame, form: LoginForm, faults: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, faults, notice);
        Self {
            frame,
            has_errors: !summary.is_empty(),
            summary,
            identifier: FieldView {
                label: "login-identifier".into(),
                kind: "text".into(),
                value: form.identifier,
                autocomplete: "username".into(),
                is_verbatim: true,
                ..FieldView::new(FORM, "identifier", faults)
            },
            password: FieldView {
                label: "login-password".into(),
                ..FieldView::current_password(FORM, "password", faults)
            },
            next: form.next,
            offers_reset: form.offers_reset,
            offers_resend: form.offers_resend,
        }
    }
}
