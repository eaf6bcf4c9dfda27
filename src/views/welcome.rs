//! The page after a sign-up.

use askama::Template;

use super::Samples;

#[derive(Debug, Template)]
#[template(path = "pages/welcome.html")]
pub struct WelcomePage {
    /// The address the account was made for.
    pub email: String,
}

impl Samples for WelcomePage {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("plain", Self { email: "ada@example.com".into() }),
            ("long", Self { email: format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60)) }),
        ]
    }
}
