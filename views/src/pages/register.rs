//! The sign-up page.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "register";

/// The sign-up page: the form and its errors.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/register.html")]
pub struct RegisterPage {
    pub frame: Frame,
    /// Whether the form has errors.
    pub has_errors: bool,
    /// Errors for the list above the form.
    pub summary: Vec<SummaryItem>,
    pub full_name: FieldView,
    pub email: FieldView,
    pub password: FieldView,
    /// Whether the terms must be accepted (`TERMS_CONSENT`).
    pub asks_for_consent: bool,
    pub terms: FieldView,
    /// Sealed time of the page; empty if bot checks are off, then without honeypot.
    pub stamp: String,
}

/// Submitted values and password rules.
#[derive(Debug, Clone, Default)]
pub struct SignUpForm {
    pub full_name: String,
    pub email: String,
    pub accepts_terms: bool,
    pub asks_for_consent: bool,
    /// In characters.
    pub password_min: usize,
    /// In characters.
    pub password_max: usize,
    pub stamp: String,
}

impl RegisterPage {
    /// `notice` is an error of the service instead of the form; it comes first in the summary.
    #[must_use]
    pub fn new(frame: Frame, form: SignUpForm, errors: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, errors, notice);
        Self {
            has_errors: !summary.is_empty(),
            summary,
            full_name: FieldView {
                label: "register-full-name".into(),
                kind: "text".into(),
                value: form.full_name,
                autocomplete: "name".into(),
                is_optional: true,
                ..FieldView::new(FORM, "full_name", errors)
            },
            email: FieldView::email(FORM, form.email, errors),
            password: FieldView {
                label: "register-password".into(),
                ..FieldView::new_password(FORM, errors, form.password_min, form.password_max)
            },
            asks_for_consent: form.asks_for_consent,
            terms: FieldView {
                label: "register-terms".into(),
                kind: "checkbox".into(),
                is_checked: form.accepts_terms,
                ..FieldView::new(FORM, "terms", errors)
            },
            stamp: form.stamp,
            frame,
        }
    }
}
