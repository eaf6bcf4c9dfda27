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
    /// Failed, with a retry scheduled.
    Postponed,
    /// Failed permanently.
    GivenUp,
    /// Not sent: no such account, or a limit is exhausted.
    Dropped,
}

static MAILS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counters("vestibule_mails_total", "Mails taken out of the outbox, by outcome.", &["outcome"]));

/// Registers the metrics, with 0 for each outcome.
pub(crate) fn register() {
    for outcome in MailOutcome::VARIANTS {
        MAILS.with_label_values(&[<&str>::from(*outcome)]);
    }
}

pub(super) fn count(outcome: MailOutcome) {
    MAILS.with_label_values(&[<&str>::from(outcome)]).inc();
}
