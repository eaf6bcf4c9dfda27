//! The two pages on which an address is confirmed: by a code, and by a link.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "verify";

/// The page that waits for the code from the mail.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/verify_email.html")]
pub struct VerifyEmailPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Where the mail went.
    pub address: String,
    /// How long a code works.
    pub minutes: usize,
    /// Whether a new mail was asked for and is on its way.
    pub was_resent: bool,
    pub code: FieldView,
}

impl VerifyEmailPage {
    /// `notice` stands in the summary by itself: a state of the service rather than a fault of the form.
    #[must_use]
    pub fn new(
        frame: Frame,
        address: String,
        minutes: usize,
        was_resent: bool,
        faults: &[Fault],
        notice: Option<Message>,
    ) -> Self {
        let summary = summary(FORM, faults, notice);
        Self {
            frame,
            has_errors: !summary.is_empty(),
            summary,
            address,
            minutes,
            was_resent,
            code: FieldView {
                label: "verify-code".into(),
                kind: "text".into(),
                hint: "verify-code-hint".into(),
                autocomplete: "one-time-code".into(),
                input_mode: "numeric".into(),
                is_verbatim: true,
                ..FieldView::new(FORM, "code", faults)
            },
        }
    }
}

/// The page that the link in the mail leads to. Programs that look into mails open links, so opening it does nothing;
/// the button does.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/verify_link.html")]
pub struct VerifyLinkPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    pub address: String,
    pub token: String,
    /// Whether the password of the account has to be entered as well.
    pub asks_password: bool,
    pub password: FieldView,
    /// Whether there is a way on for somebody who does not know it.
    pub offers_reset: bool,
}

impl VerifyLinkPage {
    /// `notice` stands in the summary by itself: a state of the service rather than a fault of the form.
    #[must_use]
    pub fn new(
        frame: Frame,
        address: String,
        token: String,
        asks_password: bool,
        faults: &[Fault],
        notice: Option<Message>,
    ) -> Self {
        let summary = summary(FORM, faults, notice);
        Self {
            // A link to the page in another language would lose the token.
            frame: Frame { languages: Vec::new(), ..frame },
            has_errors: !summary.is_empty(),
            summary,
            address,
            token,
            asks_password,
            password: FieldView {
                label: "login-password".into(),
                hint: "verify-password-hint".into(),
                ..FieldView::current_password(FORM, "password", faults)
            },
            offers_reset: asks_password,
        }
    }
}
