//! Metrics of mails.

use std::sync::LazyLock;

use prometheus::IntCounterVec;
use strum::{IntoStaticStr, VariantArray};

use crate::observability::metrics::counters;

/// The outcome of an attempt to send a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(super) enum MailOutcome {
    Sent,
    /// It failed and is tried again.
    Postponed,
    /// It failed for good.
    GivenUp,
    /// There is no account to send it to, or a limit is reached.
    Dropped,
}

static MAILS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counters("vestibule_mails_total", "Mails taken out of the outbox, by outcome.", &["outcome"]));

/// Registers the metrics, with a zero for each outcome.
pub fn register() {
    for outcome in MailOutcome::VARIANTS {
        MAILS.with_label_values(&[<&str>::from(*outcome)]);
    }
}

pub(super) fn count(outcome: MailOutcome) {
    MAILS.with_label_values(&[<&str>::from(outcome)]).inc();
}
