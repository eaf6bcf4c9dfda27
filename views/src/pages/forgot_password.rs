//! The page of somebody who forgot a password.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "forgot";

/// The page of somebody who forgot a password.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/forgot_password.html")]
pub struct ForgotPasswordPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Where a link to choose a new password goes.
    pub email: FieldView,
    /// Whether the service can send mail; without that there is no form.
    pub can_mail: bool,
}

impl ForgotPasswordPage {
    /// `notice` stands in the summary by itself: a state of the service rather than a fault of the form.
    #[must_use]
    pub fn new(frame: Frame, email: String, can_mail: bool, faults: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, faults, notice);
        Self {
            frame,
            has_errors: !summary.is_empty(),
            summary,
            email: FieldView { autocomplete: "username".into(), ..FieldView::email(FORM, email, faults) },
            can_mail,
        }
    }
}
