//! Why a request is rejected.

use super::{
    bots::{BotCheckError, Challenged},
    limits::LimitError,
    metrics::Outcome,
};
use crate::{
    domain::{field_error::FieldError, rate::Exceeded},
    store::{InsertError, StoreError},
    threads::WorkError,
};

#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// The validation errors, in the order of the form; never empty.
    #[error("the input was refused: {}", .0.iter().map(|error| error.code()).collect::<Vec<_>>().join(", "))]
    Input(Vec<FieldError>),
    /// A login is refused, without a reason.
    #[error("the credentials were refused")]
    Credentials,
    /// The session ended during the request.
    #[error("signed out in the meantime")]
    SignedOut,
    /// No mail server is configured.
    #[error("no mail can be sent")]
    NoMail,
    /// A rate limit is exceeded; see [`super::limits`].
    #[error(transparent)]
    TooMany(#[from] Exceeded),
    /// A proof of work is required; see [`super::bots`].
    #[error("challenged")]
    Challenged(Box<Challenged>),
    /// The work was not started in time, or failed.
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Rejection {
    /// Whether the failed transaction may be committed.
    #[must_use]
    pub fn may_be_committed(&self) -> bool {
        matches!(self, Self::Store(StoreError::Uncertain(_)))
    }

    /// The outcome in metrics.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Input(errors)
                if errors.iter().any(|error| matches!(error, FieldError::EmailTaken | FieldError::UsernameTaken)) =>
            {
                Outcome::Taken
            }
            Self::Input(_) => Outcome::Invalid,
            Self::Credentials | Self::SignedOut => Outcome::Refused,
            Self::TooMany(_) => Outcome::Limited,
            Self::Challenged(_) => Outcome::Challenged,
            Self::Work(WorkError::Busy { .. }) | Self::Store(StoreError::Unavailable(_) | StoreError::Uncertain(_)) => {
                Outcome::Unavailable
            }
            Self::NoMail | Self::Work(WorkError::Failed { .. }) | Self::Store(StoreError::Fault(_)) => Outcome::Failed,
        }
    }
}

impl From<LimitError> for Rejection {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Exceeded(exceeded) => exceeded.into(),
            LimitError::Store(error) => error.into(),
        }
    }
}

impl From<BotCheckError> for Rejection {
    fn from(error: BotCheckError) -> Self {
        match error {
            BotCheckError::Challenged(challenged) => Self::Challenged(challenged),
            BotCheckError::Store(error) => error.into(),
        }
    }
}

impl From<FieldError> for Rejection {
    fn from(error: FieldError) -> Self {
        Self::Input(vec![error])
    }
}

impl From<InsertError> for Rejection {
    fn from(error: InsertError) -> Self {
        match error {
            InsertError::Taken(taken) => taken.into(),
            InsertError::Store(error) => error.into(),
        }
    }
}
