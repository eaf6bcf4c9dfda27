//! The time, and what a clock that was set back means for it.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

/// Where the time comes from. A parameter, so that tests can set it.
#[derive(Debug, Clone, Copy)]
pub struct Clock(pub fn() -> DateTime<Utc>);

impl Clock {
    /// The operating system's clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        Self(Utc::now)
    }

    #[must_use]
    pub fn now(self) -> NaiveDateTime {
        (self.0)().naive_utc()
    }
}

/// How far the clocks of instances may be apart. Counters allow for less: one that is drawn back late keeps people waiting.
pub const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Whether something is of a time that is still to come, by a clock that was set back since: it counts as expired, since
/// it may have been.
#[must_use]
pub fn is_early(created_at: NaiveDateTime, now: NaiveDateTime) -> bool {
    created_at - now > CLOCK_SKEW
}

/// The time up to now, so long, in which something is counted. What is still to come is not: a clock that was set back
/// would hold a limit reached for as long.
#[must_use]
pub fn up_to(now: NaiveDateTime, age: TimeDelta) -> RangeInclusive<NaiveDateTime> {
    now - age..=now + CLOCK_SKEW
}
