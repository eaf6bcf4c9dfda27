//! The page after a sign-up.

use askama::Template;

use super::Samples;

#[derive(Debug, Template)]
#[template(path = "pages/welcome.html")]
pub struct WelcomePage {
    /// What stands before the `@` of the address the account was made for.
    pub local_part: String,
    pub domain: String,
}

impl WelcomePage {
    #[must_use]
    pub fn new(email: &str) -> Self {
        let (local_part, domain) = email.split_once('@').unwrap_or((email, ""));
        Self { local_part: local_part.to_owned(), domain: domain.to_owned() }
    }
}

impl Samples for WelcomePage {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("plain", Self::new("ada@example.com")),
            ("long", Self::new(&format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60)))),
        ]
    }
}
