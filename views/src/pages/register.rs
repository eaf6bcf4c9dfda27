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

/// The sign-up page: the form, and what keeps it from being taken.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/register.html")]
pub struct RegisterPage {
    pub frame: Frame,
    /// Whether anything keeps the form from being taken.
    pub has_errors: bool,
    /// Each thing that does, for the list above the form.
    pub summary: Vec<SummaryItem>,
    pub full_name: FieldView,
    pub email: FieldView,
    pub password: FieldView,
    /// Whether the terms of service have to be accepted (`TERMS_CONSENT`).
    pub asks_for_consent: bool,
    pub terms: FieldView,
    /// When the page was made, sealed; empty where nobody looks at it, nor at the input that only programs fill in.
    pub stamp: String,
}

/// What was typed, and the rules that the page tells.
#[derive(Debug, Clone, Default)]
pub struct SignUpForm {
    pub full_name: String,
    pub email: String,
    pub accepts_terms: bool,
    pub asks_for_consent: bool,
    /// Characters.
    pub password_min: usize,
    /// Characters.
    pub password_max: usize,
    pub stamp: String,
}

impl RegisterPage {
    /// `notice` stands in the summary by itself: a state of the service rather than a fault of the form.
    #[must_use]
    pub fn new(frame: Frame, form: SignUpForm, faults: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, faults, notice);
        Self {
            has_errors: !summary.is_empty(),
            summary,
            full_name: FieldView {
                label: "register-full-name".into(),
                kind: "text".into(),
                value: form.full_name,
                autocomplete: "name".into(),
                is_optional: true,
                ..FieldView::new(FORM, "full_name", faults)
            },
            email: FieldView::email(FORM, form.email, faults),
            password: FieldView {
                label: "register-password".into(),
                ..FieldView::new_password(FORM, faults, form.password_min, form.password_max)
            },
            asks_for_consent: form.asks_for_consent,
            terms: FieldView {
                label: "register-terms".into(),
                kind: "checkbox".into(),
                is_checked: form.accepts_terms,
                ..FieldView::new(FORM, "terms", faults)
            },
            stamp: form.stamp,
            frame,
        }
    }
}
