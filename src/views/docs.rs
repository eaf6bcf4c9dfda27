//! The documentation of the JSON doors.

use askama::Template;

use super::{Samples, assets::filters};

#[derive(Debug, Template)]
#[template(path = "pages/docs.html")]
pub struct DocsPage {
    pub operations: Vec<Operation>,
    pub codes: Vec<Code>,
}

#[derive(Debug, Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub anchor: String,
    pub summary: String,
    pub description: String,
    /// An example body; empty: none.
    pub request: String,
    pub answers: Vec<Answer>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: String,
    pub description: String,
    /// Empty: none.
    pub example: String,
}

#[derive(Debug, Clone)]
pub struct Code {
    pub code: &'static str,
    pub meaning: String,
}

impl Samples for DocsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let answer = Answer {
            status: "201".into(),
            description: "The account was made.".into(),
            example: "{\n  \"id\": 1\n}".into(),
        };
        let operation = Operation {
            method: "POST".into(),
            path: "/register".into(),
            anchor: "register".into(),
            summary: "Sign up by email address".into(),
            description: "Longer words.".into(),
            request: "{\n  \"email\": \"ada@example.com\"\n}".into(),
            answers: vec![answer],
        };
        let code = Code { code: "email_missing", meaning: "Enter an email address.".into() };
        vec![("one-operation", Self { operations: vec![operation], codes: vec![code] })]
    }
}
