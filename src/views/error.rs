//! The page for everything that is no page: 403, 404, 405, 408, 413, 415, 421, 500, 503 and bodies that cannot be read.
//! Its samples are the errors themselves: `AppError::each`.

use askama::Template;

#[derive(Debug, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    pub title: String,
    /// What to do.
    pub detail: String,
    /// What to tell the operator; empty: nothing.
    pub reference: String,
}
