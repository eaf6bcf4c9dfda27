//! The page to choose a new password.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "reset";

/// The page of the mailed link, to choose a new password.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/reset_password.html")]
pub struct ResetPasswordPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Address of the account.
    pub address: String,
    pub token: String,
    pub password: FieldView,
}

/// Account, token and password rules.
#[derive(Debug, Clone, Default)]
pub struct ResetPasswordForm {
    pub address: String,
    pub token: String,
    /// In characters.
    pub password_min: usize,
    /// In characters.
    pub password_max: usize,
}

impl ResetPasswordPage {
    /// `notice` is an error of the service instead of the form; it comes first in the summary.
    #[must_use]
    pub fn new(frame: Frame, form: ResetPasswordForm, errors: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, errors, notice);
        Self {
            // A link to the page in another language would lose the token.
            frame: Frame { languages: Vec::new(), ..frame },
            has_errors: !summary.is_empty(),
            summary,
            address: form.address,
            token: form.token,
            password: FieldView {
                label: "reset-password".into(),
                ..FieldView::new_password(FORM, errors, form.password_min, form.password_max)
            },
        }
    }
}
