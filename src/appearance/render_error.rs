//! Errors of rendering.

/// A view could not be rendered; the text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(pub String);
