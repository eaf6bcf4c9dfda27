//! The load of sign-ups by form, and whether it requires a challenge. Pure functions of counts.

use std::time::Duration;

use super::form_timestamp::FormAge;
use crate::domain::rate::Counter;

/// Maximum factor by which the work grows with the load.
pub(super) const MAX_FACTOR: i64 = 4;

/// Usage of a counter with one more, in microseconds. Exceeded once `ahead` is more than `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fill {
    pub ahead: i64,
    pub window: i64,
}

/// A load that requires a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load {
    /// Work in percent of the minimum: 100 to 400.
    pub percent: u32,
    /// When the same form would be accepted without a challenge; `None`: never.
    pub retry_after: Option<Duration>,
}

impl Fill {
    /// `tat`: from the row of the counter.
    #[must_use]
    pub(super) fn of(counter: &Counter, tat: Option<i64>, now: i64) -> Self {
        let used = tat.unwrap_or(now).saturating_sub(now).clamp(0, counter.window.saturating_mul(MAX_FACTOR));
        Self { ahead: used + counter.interval, window: counter.window }
    }

    /// Whether one more would exceed the counter.
    #[must_use]
    pub(super) fn is_exceeded(&self) -> bool {
        self.ahead > self.window
    }

    /// Time until one more fits within this part of the window.
    fn wait(self, within: i64) -> Option<Duration> {
        let micros = u64::try_from(self.ahead - within).ok().filter(|micros| *micros > 0)?;
        Some(Duration::from_micros(micros))
    }
}

/// `None`: no challenge. The age of a form counts only if half of a counter is used up; a filled honeypot always.
#[must_use]
pub(super) fn assess(age: FormAge, fills_honeypot: bool, fills: &[Fill]) -> Option<Load> {
    let is_suspicious = age != FormAge::Normal;
    let within = |fill: &Fill| if is_suspicious { fill.window / 2 } else { fill.window };
    let wait = fills.iter().filter_map(|fill| fill.wait(within(fill))).max();
    if wait.is_none() && !fills_honeypot {
        return None;
    }
    let percent = fills.iter().map(|fill| fill.ahead.saturating_mul(100) / fill.window.max(1)).max().unwrap_or(0);
    let percent = u32::try_from(percent.clamp(100, 100 * MAX_FACTOR)).unwrap_or(100);
    Some(Load { percent, retry_after: wait.filter(|_| !fills_honeypot) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `number` of 60 in ten minutes.
    fn used(number: i64) -> Fill {
        const INTERVAL: i64 = 10_000_000;
        Fill { ahead: (number + 1) * INTERVAL, window: 60 * INTERVAL }
    }

    fn percent(age: FormAge, fills_honeypot: bool, fills: &[Fill]) -> Option<u32> {
        assess(age, fills_honeypot, fills).map(|load| load.percent)
    }

    #[test]
    fn at_normal_load_no_age_is_suspicious() {
        for age in [FormAge::Normal, FormAge::Unknown, FormAge::TooYoung, FormAge::TooOld] {
            assert_eq!(assess(age, false, &[]), None);
            assert_eq!(assess(age, false, &[used(0), used(29)]), None, "{age:?}");
        }
    }

    #[test]
    fn age_and_load_together_are_challenged() {
        for age in [FormAge::Unknown, FormAge::TooYoung, FormAge::TooOld] {
            assert_eq!(percent(age, false, &[used(0), used(30)]), Some(100), "{age:?}");
        }
        assert_eq!(assess(FormAge::Normal, false, &[used(30)]), None);
        let load = assess(FormAge::Unknown, false, &[used(32)]);
        assert_eq!(load.and_then(|load| load.retry_after), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_filled_honeypot_is_challenged_and_waiting_does_not_help() {
        assert_eq!(assess(FormAge::Normal, true, &[]), Some(Load { percent: 100, retry_after: None }));
        assert_eq!(assess(FormAge::Normal, true, &[used(90)]), Some(Load { percent: 151, retry_after: None }));
    }

    #[test]
    fn over_a_threshold_every_form_is_challenged_and_the_work_grows_up_to_a_bound() {
        let age = FormAge::Normal;
        assert_eq!(percent(age, false, &[used(59)]), None);
        assert_eq!(percent(age, false, &[used(0), used(60)]), Some(101));
        assert_eq!(percent(age, false, &[used(119)]), Some(200));
        assert_eq!(percent(age, false, &[used(100_000)]), Some(400));
        let load = assess(age, false, &[used(60), used(62), used(3)]).expect("a load");
        assert_eq!(load.retry_after, Some(Duration::from_secs(30)), "the longest of them");
    }
}
