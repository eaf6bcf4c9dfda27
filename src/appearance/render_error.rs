//! Why a template was not rendered.

/// A view could not be shown; the words are for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(pub String);
