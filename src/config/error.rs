//! Why the program exits instead of serving.

#[derive(Debug)]
pub enum ConfigError {
    /// The text of `--help` or `--version`.
    Help(String),
    /// One line that names the setting and the fix.
    Invalid(String),
}
