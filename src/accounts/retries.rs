//! Retries of failed mails.

use chrono::{NaiveDateTime, TimeDelta};

/// Wait after the first failure; doubled after each one, up to [`LONGEST_WAIT`].
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(10);
pub(super) const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// A mail is abandoned after this time.
pub(super) const RETRY_PERIOD: TimeDelta = TimeDelta::days(3);
/// Tries after which a permanent refusal is final: a mail server may be misconfigured.
const FINAL_TRIES: i64 = 6;

/// The next try after `attempts`; `None` after [`RETRY_PERIOD`].
pub(super) fn next_try(attempts: i64, created_at: NaiveDateTime, now: NaiveDateTime) -> Option<NaiveDateTime> {
    Some(now + wait(attempts)).filter(|next| *next < created_at + RETRY_PERIOD)
}

/// Whether a permanent refusal is final after `attempts`.
pub(super) fn is_final(attempts: i64) -> bool {
    attempts >= FINAL_TRIES
}

/// Wait after `attempts`.
fn wait(attempts: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 17) - 1).unwrap_or(0);
    (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_delays_grow_up_to_an_hour() {
        let waits: Vec<i64> = (1..=12).map(|attempts| wait(attempts).num_seconds()).collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
        assert_eq!(wait(i64::MAX), LONGEST_WAIT);
    }

    #[test]
    fn a_mail_is_abandoned_if_its_next_attempt_would_be_after_three_days() {
        let made = NaiveDateTime::default();
        let last = made + RETRY_PERIOD - LONGEST_WAIT;
        assert_eq!(next_try(20, made, last), None);
        let before = last - TimeDelta::microseconds(1);
        assert_eq!(next_try(20, made, before), Some(before + LONGEST_WAIT));
    }

    #[test]
    fn a_permanent_rejection_is_final_at_the_sixth_attempt() {
        assert_eq!([5, 6, 7].map(is_final), [false, true, true]);
    }
}
