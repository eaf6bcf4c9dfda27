//! Why the program does not go on to serve.

#[derive(Debug)]
pub enum ConfigError {
    /// `--help` or `--version` was asked for; this is the text.
    Asked(String),
    /// One line that names the setting and the fix.
    Wrong(String),
}
