//! How much a sign-up looks like one of many by a program. Pure: what is counted comes in as values.

use std::time::Duration;

use super::stamp::FormAge;
use crate::accounts::limits::Counter;

/// The work grows with pressure up to so many times.
pub(super) const MOST_TIMES: i64 = 4;

/// How full a counter would be with one more. Microseconds; it is over once `ahead` is more than `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    pub ahead: i64,
    pub window: i64,
}

/// Why more is asked of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressure {
    /// How many times the least work, in percent: 100 to 400.
    pub percent: u32,
    /// When the same form would be taken as it is; `None`: never.
    pub retry_after: Option<Duration>,
}

impl Fill {
    /// `tat` as the row of the counter has it.
    #[must_use]
    pub fn of(counter: &Counter, tat: Option<i64>, now: i64) -> Self {
        let used = tat.unwrap_or(now).saturating_sub(now).clamp(0, counter.window.saturating_mul(MOST_TIMES));
        Self { ahead: used + counter.interval, window: counter.window }
    }

    /// Whether there is no room for one more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ahead > self.window
    }

    /// How long until there is room for one more within a part of it.
    fn wait(self, within: i64) -> Option<Duration> {
        let micros = u64::try_from(self.ahead - within).ok().filter(|micros| *micros > 0)?;
        Some(Duration::from_micros(micros))
    }
}

/// `None`: the form is taken as it is. A form that is odd is one more reason where half of a counter is used up, and none where
/// it is calm; what only a program fills in is reason enough.
#[must_use]
pub fn weigh(age: FormAge, fills_trap: bool, fills: &[Fill]) -> Option<Pressure> {
    let is_odd = age != FormAge::Ordinary;
    let within = |fill: &Fill| if is_odd { fill.window / 2 } else { fill.window };
    let wait = fills.iter().filter_map(|fill| fill.wait(within(fill))).max();
    if wait.is_none() && !fills_trap {
        return None;
    }
    let percent = fills.iter().map(|fill| fill.ahead.saturating_mul(100) / fill.window.max(1)).max().unwrap_or(0);
    let percent = u32::try_from(percent.clamp(100, 100 * MOST_TIMES)).unwrap_or(100);
    Some(Pressure { percent, retry_after: wait.filter(|_| !fills_trap) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many of 60 in ten minutes.
    fn used(number: i64) -> Fill {
        const INTERVAL: i64 = 10_000_000;
        Fill { ahead: (number + 1) * INTERVAL, window: 60 * INTERVAL }
    }

    fn percent(age: FormAge, fills_trap: bool, fills: &[Fill]) -> Option<u32> {
        weigh(age, fills_trap, fills).map(|pressure| pressure.percent)
    }

    #[test]
    fn in_calm_times_no_form_is_too_odd() {
        for age in [FormAge::Ordinary, FormAge::Unknown, FormAge::TooYoung, FormAge::TooOld] {
            assert_eq!(weigh(age, false, &[]), None);
            assert_eq!(weigh(age, false, &[used(0), used(29)]), None, "{age:?}");
        }
    }

    #[test]
    fn two_signs_together_are_pressure_for_that_form() {
        for age in [FormAge::Unknown, FormAge::TooYoung, FormAge::TooOld] {
            assert_eq!(percent(age, false, &[used(0), used(30)]), Some(100), "{age:?}");
        }
        assert_eq!(weigh(FormAge::Ordinary, false, &[used(30)]), None);
        let pressure = weigh(FormAge::Unknown, false, &[used(32)]);
        assert_eq!(pressure.and_then(|pressure| pressure.retry_after), Some(Duration::from_secs(30)));
    }

    #[test]
    fn what_only_a_program_fills_in_is_enough_and_waiting_does_not_help() {
        assert_eq!(weigh(FormAge::Ordinary, true, &[]), Some(Pressure { percent: 100, retry_after: None }));
        assert_eq!(weigh(FormAge::Ordinary, true, &[used(90)]), Some(Pressure { percent: 151, retry_after: None }));
    }

    #[test]
    fn over_a_threshold_everybody_is_asked_and_the_work_grows_up_to_a_bound() {
        let age = FormAge::Ordinary;
        assert_eq!(percent(age, false, &[used(59)]), None);
        assert_eq!(percent(age, false, &[used(0), used(60)]), Some(101));
        assert_eq!(percent(age, false, &[used(119)]), Some(200));
        assert_eq!(percent(age, false, &[used(100_000)]), Some(400));
        let pressure = weigh(age, false, &[used(60), used(62), used(3)]).expect("pressure");
        assert_eq!(pressure.retry_after, Some(Duration::from_secs(30)), "the longest of them");
    }
}
