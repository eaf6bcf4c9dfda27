//! Numbers of stored texts, and parse errors.

/// Why a stored text cannot be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("the format of the stored password is unknown")]
    Unknown,
    #[error("the cost of the stored password is above the limit")]
    CostTooHigh,
}

/// Digits only; `parse` would accept a sign.
pub(super) fn number(text: &str) -> Result<u32, FormatError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FormatError::Unknown);
    }
    // Overflow is a number too: a high one.
    Ok(text.parse().unwrap_or(u32::MAX))
}
