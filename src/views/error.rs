//! The page for everything that is no page: 403, 404, 405, 408, 413, 415, 421, 500, 503 and bodies that cannot be read.

use askama::Template;

use super::Samples;

#[derive(Debug, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    pub title: String,
    /// What to do.
    pub detail: String,
    /// What to tell the operator; empty: nothing.
    pub reference: String,
}

impl Samples for ErrorPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |title: &str, detail: &str, reference: &str| Self {
            title: title.into(),
            detail: detail.into(),
            reference: reference.into(),
        };
        vec![
            (
                "not-found",
                page("Page not found", "Nothing is at this address. Check that it is typed or copied in full.", ""),
            ),
            (
                "fault",
                page(
                    "Something went wrong on our side",
                    "Nothing you sent was the cause. Try again; if it happens again, tell the operator this reference.",
                    "0123456789abcdef0123456789abcdef",
                ),
            ),
        ]
    }
}
