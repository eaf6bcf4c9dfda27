//! The page after a sign-up.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::{filters, frame::Frame};

/// The page after a sign-up.
#[derive(Debug, Clone, Template, Serialize, Deserialize)]
#[template(path = "pages/welcome.html")]
pub struct WelcomePage {
    pub frame: Frame,
    /// Part of the address before the `@`.
    pub local_part: String,
    pub domain: String,
    /// Whether the user is signed in.
    pub is_signed_in: bool,
    /// Whether a verification mail was sent.
    pub confirms: bool,
}

impl WelcomePage {
    #[must_use]
    pub fn new(frame: Frame, email: &str, is_signed_in: bool, confirms: bool) -> Self {
        let (local_part, domain) = email.split_once('@').unwrap_or((email, ""));
        // Shown once: a link to another language would not find it again.
        let frame = Frame { languages: Vec::new(), ..frame };
        Self { frame, local_part: local_part.to_owned(), domain: domain.to_owned(), is_signed_in, confirms }
    }
}
