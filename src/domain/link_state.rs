//! States of mailed links and their tokens.

use chrono::NaiveDateTime;
use strum::{EnumString, IntoStaticStr};

use super::clock::is_early;

/// State of a token, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TokenState {
    Live,
    Used,
    /// A newer token was issued, or its purpose no longer exists.
    Replaced,
}

impl TokenState {
    /// Stored value.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl TryFrom<String> for TokenState {
    type Error = strum::ParseError;

    fn try_from(stored: String) -> Result<Self, strum::ParseError> {
        stored.parse()
    }
}

/// State of a token's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkState {
    Good,
    Used,
    Replaced,
    /// Also for a token issued in the future, before a clock was set back.
    Expired,
}

impl LinkState {
    #[must_use]
    pub(crate) fn of(
        state: TokenState,
        created_at: NaiveDateTime,
        expires_at: NaiveDateTime,
        now: NaiveDateTime,
    ) -> Self {
        match state {
            TokenState::Used => Self::Used,
            TokenState::Replaced => Self::Replaced,
            TokenState::Live if now >= expires_at || is_early(created_at, now) => Self::Expired,
            TokenState::Live => Self::Good,
        }
    }
}
