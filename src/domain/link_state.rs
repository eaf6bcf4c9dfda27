//! The states of a link in a mail.

use chrono::NaiveDateTime;
use strum::{EnumString, IntoStaticStr};

use super::clock::is_early;

/// Of a token, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TokenState {
    Live,
    Used,
    /// A newer one was made, or what it was for is over.
    Replaced,
}

impl TokenState {
    /// As it is stored.
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

/// Of the link of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    Good,
    Used,
    Replaced,
    /// Also of a token that was made by a clock that was set back since.
    Expired,
}

impl LinkState {
    #[must_use]
    pub fn of(state: TokenState, created_at: NaiveDateTime, expires_at: NaiveDateTime, now: NaiveDateTime) -> Self {
        match state {
            TokenState::Used => Self::Used,
            TokenState::Replaced => Self::Replaced,
            TokenState::Live if now >= expires_at || is_early(created_at, now) => Self::Expired,
            TokenState::Live => Self::Good,
        }
    }
}
