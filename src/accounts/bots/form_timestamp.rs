//! The age of a form, by the sealed timestamp of its page.

use chrono::{NaiveDateTime, TimeDelta};

use super::seal::SealKey;
use crate::domain::rate::COUNTER_SKEW;

/// Users need longer to fill in a form; password managers may not.
const MIN_AGE: TimeDelta = TimeDelta::seconds(1);
/// Older forms are pages left open, or fetched once by a program that submits them repeatedly.
const MAX_AGE: TimeDelta = TimeDelta::days(1);

/// The age of a form. None is refused by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormAge {
    Normal,
    /// A missing or forged timestamp.
    Unknown,
    TooYoung,
    TooOld,
}

/// The sealed timestamp of a page.
pub(super) fn make(key: &SealKey, now: NaiveDateTime) -> String {
    key.seal(&format!("{:x}", now.and_utc().timestamp_millis()), "")
}

pub(super) fn age(key: &SealKey, timestamp: Option<&str>, now: NaiveDateTime) -> FormAge {
    let made = timestamp.and_then(|sealed| i64::from_str_radix(key.open(sealed, "")?, 16).ok());
    let Some(age) = made.map(|made| TimeDelta::milliseconds(now.and_utc().timestamp_millis().saturating_sub(made)))
    else {
        return FormAge::Unknown;
    };
    if age > MAX_AGE {
        FormAge::TooOld
    } else if age < -COUNTER_SKEW {
        // Made before the clock was set back.
        FormAge::Unknown
    } else if (TimeDelta::zero()..MIN_AGE).contains(&age) {
        FormAge::TooYoung
    } else {
        FormAge::Normal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_form_is_the_age_of_its_page() {
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
    fn a_forged_timestamp_has_no_age() {
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
