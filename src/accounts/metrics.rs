//! Metrics of sign-ups, logins and rate limits.

use std::sync::LazyLock;

use prometheus::IntCounterVec;
use strum::IntoStaticStr;

use crate::observability::metrics::counters;

/// The outcome of a sign-up or a login, as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    Succeeded,
    /// The response conceals whether the address had an account.
    Concealed,
    /// The address or the username has an account.
    Taken,
    /// The input was invalid.
    Invalid,
    /// The credentials were wrong, or their account may not log in.
    Refused,
    /// A rate limit was exceeded.
    Limited,
    /// A proof of work was required; see docs/bots.md.
    Challenged,
    /// No thread or no connection was free in time.
    Unavailable,
    /// An internal error.
    Failed,
}

const SIGN_UP_OUTCOMES: [Outcome; 8] = [
    Outcome::Succeeded,
    Outcome::Concealed,
    Outcome::Taken,
    Outcome::Invalid,
    Outcome::Limited,
    Outcome::Challenged,
    Outcome::Unavailable,
    Outcome::Failed,
];
const LOGIN_OUTCOMES: [Outcome; 6] =
    [Outcome::Succeeded, Outcome::Invalid, Outcome::Refused, Outcome::Limited, Outcome::Unavailable, Outcome::Failed];

static SIGN_UPS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counters("vestibule_sign_ups_total", "Sign-ups by outcome.", &["outcome"]));
static LOGINS: LazyLock<IntCounterVec> =
    LazyLock::new(|| counters("vestibule_logins_total", "Logins by outcome.", &["outcome"]));
static REFUSALS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counters("vestibule_rate_limit_refusals_total", "Requests refused by a rate limit, by rule.", &["rule"])
});

impl Outcome {
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Registers the metrics, with a zero for each outcome: a counter that appears with its first event has no rate.
pub(crate) fn register() {
    for outcome in SIGN_UP_OUTCOMES {
        SIGN_UPS.with_label_values(&[outcome.name()]);
    }
    for outcome in LOGIN_OUTCOMES {
        LOGINS.with_label_values(&[outcome.name()]);
    }
    LazyLock::force(&REFUSALS);
}

pub(super) fn signed_up(outcome: Outcome) {
    SIGN_UPS.with_label_values(&[outcome.name()]).inc();
}

pub(super) fn logged_in(outcome: Outcome) {
    LOGINS.with_label_values(&[outcome.name()]).inc();
}

/// `rule`: the name of the rule that was exceeded.
pub(super) fn rate_limited(rule: &'static str) {
    REFUSALS.with_label_values(&[rule]).inc();
}
