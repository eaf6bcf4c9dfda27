//! The page that the link for a new password leads to.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "reset";

/// The page that the link for a new password leads to.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/reset_password.html")]
pub struct ResetPasswordPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Whose password it is.
    pub address: String,
    pub token: String,
    pub password: FieldView,
}

/// Whose password it is, and the rules that the page tells.
#[derive(Debug, Clone, Default)]
pub struct ResetPasswordForm {
    pub address: String,
    pub token: String,
    /// Characters.
    pub password_min: usize,
    /// Characters.
    pub password_max: usize,
}

impl ResetPasswordPage {
    /// `notice` stands in the summary by itself: a state of the service rather than a fault of the form.
    #[must_use]
    pub fn new(frame: Frame, form: ResetPasswordForm, faults: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, faults, notice);
        Self {
            // A link to the page in another language would lose the token.
            frame: Frame { languages: Vec::new(), ..frame },
            has_errors: !summary.is_empty(),
            summary,
            address: form.address,
            token: form.token,
            password: FieldView {
                label: "reset-password".into(),
                ..FieldView::new_password(FORM, faults, form.password_min, form.password_max)
            },
        }
    }
}
