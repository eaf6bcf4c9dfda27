//! Session kinds.

use strum::IntoStaticStr;

/// How the client sends the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SessionKind {
    /// In a cookie.
    Browser,
    /// As a bearer token (RFC 6750).
    Token,
}
