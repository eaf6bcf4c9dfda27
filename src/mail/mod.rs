//! Mails, from what caused them to the mail server: [`worker`] takes them out of the outbox, [`words`] writes them,
//! [`compose`] puts them together, `smtp.rs` says how they are sent.

pub mod metrics;
mod smtp;
pub mod words;
pub mod worker;

use std::fmt;

use css_inline::CSSInliner;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, header},
};

pub use self::smtp::{MailSettings, Sender, SmtpUrl};
use crate::views::mails::Mail;

/// A mail could not be put together; the words are for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ComposeError(String);

impl ComposeError {
    pub fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// Writes the style sheet of an HTML mail into its elements, since many mail programs drop it; what a reader's device
/// asks for (`@media`) stays in the head.
///
/// # Errors
/// The HTML or the style sheet cannot be read.
pub fn inline_styles(html: &str) -> Result<String, ComposeError> {
    let inliner =
        CSSInliner::options().keep_style_tags(false).keep_at_rules(true).load_remote_stylesheets(false).build();
    let html = inliner.inline(html).map_err(ComposeError::new)?;
    // What stays in the head comes before everything there, and browsers look for the encoding in the first 1024 bytes.
    let charset = "<meta charset=\"utf-8\">";
    Ok(html.replacen(charset, "", 1).replacen("<head>", &format!("<head>{charset}"), 1))
}

/// Says that no person wrote it, so that no robot answers (RFC 3834).
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

/// The whole mail: a text part and an HTML part that say the same. `id` is its `Message-ID`; `None`: one at random.
///
/// # Errors
/// As [`inline_styles`], or a header that cannot be written.
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
