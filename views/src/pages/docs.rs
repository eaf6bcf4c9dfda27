//! The documentation of the JSON doors. It is for programmers, and in English alone.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{filters, frame::Frame};

/// The documentation of the JSON doors.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/docs.html")]
pub struct DocsPage {
    pub frame: Frame,
    pub operations: Vec<Operation>,
    /// What every address that takes a body may answer.
    pub refusals: Vec<Answer>,
    pub codes: Vec<Code>,
}

/// One address with one method.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub anchor: String,
    pub summary: String,
    pub description: Prose,
    /// An example body; empty: none.
    pub request: String,
    pub answers: Vec<Answer>,
}

/// A status with what it means.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    pub status: String,
    pub description: Prose,
    /// Empty: none.
    pub example: String,
}

/// Text with code in it: `elements/prose.html`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Prose {
    pub pieces: Vec<Piece>,
}

/// Some words, or some code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Piece {
    pub text: String,
    pub is_code: bool,
}

impl Prose {
    /// Reads the one mark of Markdown that the document uses: backticks.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pieces =
            text.split('`').enumerate().map(|(place, text)| Piece { text: text.to_owned(), is_code: place % 2 == 1 });
        Self { pieces: pieces.filter(|piece| !piece.text.is_empty()).collect() }
    }
}

/// A stable code with what it means.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    pub code: String,
    pub meaning: String,
}
