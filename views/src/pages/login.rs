//! The login page.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "login";

/// The login page.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// An email address or a username.
    pub identifier: FieldView,
    pub password: FieldView,
    /// Path after the login; empty for the account page.
    pub next: String,
    /// Whether to offer a password reset.
    pub offers_reset: bool,
    /// Whether to offer another verification mail.
    pub offers_resend: bool,
}

/// Submitted values and offered links.
#[derive(Debug, Clone, Default)]
pub struct LoginForm {
    pub identifier: String,
    pub next: String,
    pub offers_reset: bool,
    pub offers_resend: bool,
}

impl LoginPage {
    /// `notice` comes first in the summary; it does not reveal which field is wrong.
    #[must_use]
    pub fn new(frame: Frame, form: LoginForm, errors: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, errors, notice);
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
                ..FieldView::new(FORM, "identifier", errors)
            },
            password: FieldView {
                label: "login-password".into(),
                ..FieldView::current_password(FORM, "password", errors)
            },
            next: form.next,
            offers_reset: form.offers_reset,
            offers_resend: form.offers_resend,
        }
    }
}
