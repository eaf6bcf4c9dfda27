//! The page to have the mail sent again that confirms an address.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "resend";

/// The page of somebody who did not get the mail that confirms an address, and is in another browser by now.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/resend.html")]
pub struct ResendPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Where the mail again goes.
    pub email: FieldView,
    /// Whether the service can send mail; without that there is no form.
    pub can_mail: bool,
}

impl ResendPage {
    /// `notice` stands in the summary by itself: a state of the service rather than a fault of the form.
    #[must_use]
    pub fn new(frame: Frame, email: String, can_mail: bool, faults: &[Fault], notice: Option<Message>) -> Self {
        let summary = summary(FORM, faults, notice);
        Self { frame, has_errors: !summary.is_empty(), summary, email: FieldView::email(FORM, email, faults), can_mail }
    }
}
