//! The API documentation, for developers, in English only.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{filters, frame::Frame};

/// The API documentation.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/docs.html")]
pub struct DocsPage {
    pub frame: Frame,
    pub operations: Vec<Operation>,
    /// Errors of every operation with a body.
    pub refusals: Vec<Answer>,
    pub codes: Vec<Code>,
}

/// A path with a method.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub anchor: String,
    pub summary: String,
    pub description: Prose,
    /// Example body; empty if none.
    pub request: String,
    pub answers: Vec<Answer>,
}

/// A status with its meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    pub status: String,
    pub description: Prose,
    /// Empty if none.
    pub example: String,
}

/// Text with inline code: `elements/prose.html`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Prose {
    pub pieces: Vec<Piece>,
}

/// A piece of text or code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Piece {
    pub text: String,
    pub is_code: bool,
}

impl Prose {
    /// Parses backticks, the only Markdown of the document.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pieces =
            text.split('`').enumerate().map(|(place, text)| Piece { text: text.to_owned(), is_code: place % 2 == 1 });
        Self { pieces: pieces.filter(|piece| !piece.text.is_empty()).collect() }
    }
}

/// A stable error code with its meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    pub code: String,
    pub meaning: String,
}
