//! Why something was not done.

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
    /// What was sent breaks these rules, in the order of the form; never empty.
    #[error("the input was refused: {}", .0.iter().map(|error| error.code()).collect::<Vec<_>>().join(", "))]
    Input(Vec<FieldError>),
    /// Nobody is let in with these. The reason is not told.
    #[error("the credentials were refused")]
    Credentials,
    /// Whoever asked was signed out while it was looked at.
    #[error("signed out in the meantime")]
    SignedOut,
    /// It needs a mail, and there is no mail server.
    #[error("no mail can be sent")]
    NoMail,
    /// It was tried too often; see [`super::limits`].
    #[error(transparent)]
    TooMany(#[from] Exceeded),
    /// A proof of work is asked for; see [`super::bots`].
    #[error("challenged")]
    Challenged(Box<Challenged>),
    /// A password was not judged, hashed or compared.
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Rejection {
    /// Whether the transaction that ended so may have been committed.
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
