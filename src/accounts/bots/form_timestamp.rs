//! The age of a form: its page holds a sealed timestamp, which the form sends back.

use chrono::{NaiveDateTime, TimeDelta};

use super::seal::SealKey;
use crate::domain::rate::COUNTER_SKEW;

/// A user needs longer to fill in a form; a password manager may not.
const YOUNGEST: TimeDelta = TimeDelta::seconds(1);
/// Pages that are left open are older, and those that a program fetched once to send them over and over.
const OLDEST: TimeDelta = TimeDelta::days(1);

/// What the timestamp of a form says. None of these is refused by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormAge {
    Normal,
    /// No timestamp, or one that was not made here.
    Unknown,
    TooYoung,
    TooOld,
}

/// When the page was made, sealed.
pub(super) fn make(key: &SealKey, now: NaiveDateTime) -> String {
    key.seal(&format!("{:x}", now.and_utc().timestamp_millis()), "")
}

pub(super) fn age(key: &SealKey, timestamp: Option<&str>, now: NaiveDateTime) -> FormAge {
    let made = timestamp.and_then(|sealed| i64::from_str_radix(key.open(sealed, "")?, 16).ok());
    let Some(age) = made.map(|made| TimeDelta::milliseconds(now.and_utc().timestamp_millis().saturating_sub(made)))
    else {
        return FormAge::Unknown;
    };
    if age > OLDEST {
        FormAge::TooOld
    } else if age < -COUNTER_SKEW {
        // Made by a clock that has been set back since.
        FormAge::Unknown
    } else if (TimeDelta::zero()..YOUNGEST).contains(&age) {
        FormAge::TooYoung
    } else {
        FormAge::Normal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_as_old_as_its_page() {
        let key = SealKey([7; 32]);
        let made = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time").naive_utc();
        let timestamp = make(&key, made);
        for (milliseconds, age) in [
            (0, FormAge::TooYoung),
            (999, FormAge::TooYoung),
            (1000, FormAge::Normal),
            (86_400_000, FormAge::Normal),
            (86_400_001, FormAge::TooOld),
            // Another instance's clock.
            (-1, FormAge::Normal),
            (-60_000, FormAge::Normal),
            (-60_001, FormAge::Unknown),
        ] {
            let now = made + TimeDelta::milliseconds(milliseconds);
            assert_eq!(super::age(&key, Some(&timestamp), now), age, "{milliseconds} ms");
        }
    }

    #[test]
    fn what_was_not_made_here_has_no_age() {
        let key = SealKey([7; 32]);
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time").naive_utc();
        let timestamp = make(&key, now - TimeDelta::minutes(1));
        assert_eq!(age(&key, Some(&timestamp), now), FormAge::Normal);
        let (time, mac) = timestamp.split_once('.').expect("two parts");
        let others = make(&SealKey([8; 32]), now - TimeDelta::minutes(1));
        for forged in [
            None,
            Some(""),
            Some("."),
            Some(time),
            Some(&format!("{time}.")),
            Some(&format!("{time}.AA")),
            Some(&format!("1{time}.{mac}")),
            Some(&format!("{timestamp}.{mac}")),
            Some(&format!("{timestamp}A")),
            Some(&others),
        ] {
            assert_eq!(age(&key, forged, now), FormAge::Unknown, "{forged:?}");
        }
    }
}
