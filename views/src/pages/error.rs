//! The page for everything that is no page.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{filters, frame::Frame, texts::Message};

/// The page for everything that is no page: 403, 404, 405, 408, 413, 415, 421, 429, 500, 503 and bodies that cannot be read.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    pub frame: Frame,
    pub title: Message,
    /// What to do.
    pub detail: Message,
    /// What to tell the operator; empty: nothing.
    pub reference: String,
}
