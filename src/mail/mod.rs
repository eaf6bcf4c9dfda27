//! Mails, from the outbox to the mail server: [`worker`] leases them, [`content`] renders them, [`compose`] builds the
//! message, `smtp.rs` configures the transport.

pub(crate) mod content;
pub(crate) mod metrics;
mod smtp;
pub(crate) mod worker;

use std::fmt;

use css_inline::CSSInliner;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, header},
};

pub use self::smtp::{MailSettings, Sender, SmtpUrl};
use crate::views::mails::Mail;

/// A mail could not be composed; the text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ComposeError(String);

impl ComposeError {
    pub fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// Inlines the style sheet of an HTML mail, since many mail clients ignore it. At-rules (`@media`) stay in the head.
///
/// # Errors
/// The HTML or the style sheet is invalid.
pub fn inline_styles(html: &str) -> Result<String, ComposeError> {
    let inliner =
        CSSInliner::options().keep_style_tags(false).keep_at_rules(true).load_remote_stylesheets(false).build();
    let html = inliner.inline(html).map_err(ComposeError::new)?;
    // The inliner puts at-rules first in the head, but browsers look for the encoding in the first 1024 bytes.
    let charset = "<meta charset=\"utf-8\">";
    Ok(html.replacen(charset, "", 1).replacen("<head>", &format!("<head>{charset}"), 1))
}

/// Prevents automatic replies (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Builds the message, with a text and an HTML alternative. `id` is its `Message-ID`; `None`: random.
///
/// # Errors
/// As [`inline_styles`], or an invalid header.
pub fn compose(mail: &Mail, from: Mailbox, to: Mailbox, id: Option<String>) -> Result<Message, ComposeError> {
    let html = inline_styles(&mail.html)?;
    Message::builder()
        .from(from)
        .to(to)
        .subject(&mail.subject)
        .message_id(id)
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), html))
        .map_err(ComposeError::new)
}
