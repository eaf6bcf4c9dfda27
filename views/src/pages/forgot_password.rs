//! The page to request a password reset.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "forgot";

/// The page to request a password reset.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/forgot_password.html")]
pub struct ForgotPasswordPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Recipient of the reset link.
    pub email: FieldView,
    /// Whether the service can send mail; otherwise there is no form.
    pub can_mail: bool,
}

impl ForgotPasswordPage {
    /// `notice` is an error of the service instead of the form; it comes first in the summary.
    #[must_use]
    pub fn new(frame: Frame, email: String, can_mail: bool, errors: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, errors, notice);
        Self {
            frame,
            has_errors: !summary.is_empty(),
            summary,
            email: FieldView { autocomplete: "username".into(), ..FieldView::email(FORM, email, errors) },
            can_mail,
        }
    }
}
