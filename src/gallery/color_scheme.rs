//! Forced colour schemes.

/// A value of `prefers-color-scheme`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorScheme {
    Light,
    Dark,
}

impl ColorScheme {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Forces this colour scheme in a page.
    #[must_use]
    pub fn apply(self, html: &str) -> String {
        let query = if self == Self::Dark { "all" } else { "not all" };
        html.replace("(prefers-color-scheme: dark)", query)
            .replace("(prefers-color-scheme: light)", if self == Self::Dark { "not all" } else { "all" })
            .replace("color-scheme: light dark", &format!("color-scheme: {}", self.code()))
            .replace("content=\"light dark\"", &format!("content=\"{}\"", self.code()))
    }
}
