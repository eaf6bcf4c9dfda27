//! The pages to verify an address by code and by link.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{
    elements::{Fault, FieldView, SummaryItem, summary},
    filters,
    frame::Frame,
    texts::Message,
};

const FORM: &str = "verify";

/// The page to enter the mailed code.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/verify_email.html")]
pub struct VerifyEmailPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    /// Recipient of the mail.
    pub address: String,
    /// Validity of a code, in minutes.
    pub minutes: usize,
    /// Whether a new mail was requested.
    pub was_resent: bool,
    pub code: FieldView,
}

impl VerifyEmailPage {
    /// `notice` is an error of the service instead of the form; it comes first in the summary.
    #[must_use]
    pub fn new(
        frame: Frame,
        address: String,
        minutes: usize,
        was_resent: bool,
        errors: &[Fault],
        notice: Option<Message>,
    ) -> Self {
        let summary = summary(FORM, errors, notice);
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
                ..FieldView::new(FORM, "code", errors)
            },
        }
    }
}

/// The page of the mailed link. Mail scanners open links, so only the button verifies the address.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/verify_link.html")]
pub struct VerifyLinkPage {
    pub frame: Frame,
    pub has_errors: bool,
    pub summary: Vec<SummaryItem>,
    pub address: String,
    pub token: String,
    /// Whether the password of the account is required.
    pub asks_password: bool,
    pub password: FieldView,
    /// Whether to offer a password reset.
    pub offers_reset: bool,
}

impl VerifyLinkPage {
    /// `notice` is an error of the service instead of the form; it comes first in the summary.
    #[must_use]
    pub fn new(
        frame: Frame,
        address: String,
        token: String,
        asks_password: bool,
        errors: &[Fault],
        notice: Option<Message>,
    ) -> Self {
        let summary = summary(FORM, errors, notice);
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
                ..FieldView::current_password(FORM, "password", errors)
            },
            offers_reset: asks_password,
        }
    }
}
