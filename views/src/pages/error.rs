//! The error page.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{filters, frame::Frame, texts::Message};

/// The error page: 403, 404, 405, 408, 413, 415, 421, 429, 500, 503 and unreadable bodies.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    pub frame: Frame,
    pub title: Message,
    /// Advice.
    pub detail: Message,
    /// Request id for the operator; empty if none.
    pub reference: String,
}
