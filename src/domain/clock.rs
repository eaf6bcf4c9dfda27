//! Wall clock, and handling of clocks that were set back.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

/// Source of the time; a parameter, so that tests can set it.
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

/// Tolerated clock difference between instances. [`super::rate::COUNTER_SKEW`] is shorter: a late clamp delays clients.
pub const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Whether `created_at` is in the future, after a clock was set back. Such a value counts as expired, since it may have
/// expired.
#[must_use]
pub fn is_early(created_at: NaiveDateTime, now: NaiveDateTime) -> bool {
    created_at - now > CLOCK_SKEW
}

/// Period of `age` up to `now` in which events are counted. Later events are not: after a clock was set back they would
/// keep a limit exhausted.
#[must_use]
pub fn up_to(now: NaiveDateTime, age: TimeDelta) -> RangeInclusive<NaiveDateTime> {
    now - age..=now + CLOCK_SKEW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_time_is_early_beyond_the_clock_skew() {
        let now = DateTime::UNIX_EPOCH.naive_utc();
        let microsecond = TimeDelta::microseconds(1);
        for (created_at, expected) in [
            (now - TimeDelta::days(1), false),
            (now, false),
            (now + CLOCK_SKEW, false),
            (now + CLOCK_SKEW + microsecond, true),
            (now + TimeDelta::days(1), true),
        ] {
            assert_eq!(is_early(created_at, now), expected, "{created_at}");
        }
    }

    #[test]
    fn a_period_ends_now_plus_the_clock_skew() {
        let now = DateTime::UNIX_EPOCH.naive_utc();
        let hour = TimeDelta::hours(1);
        assert_eq!(up_to(now, hour), now - hour..=now + CLOCK_SKEW);
    }
}
