//! Response times that must not reveal whether an address has an account.
//!
//! Equal statements are not enough: inserting a row and finding one differ by some tenths of a millisecond. So such a
//! response takes a multiple of [`STEP`].

use std::{future::Future, time::Duration};

use tokio::time::{self, Instant};

/// Several times the duration of such a transaction (about 3 ms), too short for a user to notice.
const STEP: Duration = Duration::from_millis(20);

/// Runs `work` and delays its result to a multiple of [`STEP`] after the start.
pub(super) async fn in_steps<T>(work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = work.await;
    time::sleep_until(begun + rounded_up(begun.elapsed())).await;
    done
}

fn rounded_up(elapsed: Duration) -> Duration {
    let steps = elapsed.as_nanos().div_ceil(STEP.as_nanos()).max(1);
    STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_times_are_rounded_up_to_steps() {
        let rounded =
            [0, 1, 3, 19, 20, 21, 39, 1001].map(|elapsed| rounded_up(Duration::from_millis(elapsed)).as_millis());
        assert_eq!(rounded, [20, 20, 20, 20, 20, 40, 40, 1020]);
    }

    #[tokio::test]
    async fn no_response_is_sent_before_its_step() {
        for work in [0, 5, 25] {
            let begun = Instant::now();
            let work = Duration::from_millis(work);
            in_steps(time::sleep(work)).await;
            assert!(begun.elapsed() >= rounded_up(work), "{work:?}: {:?}", begun.elapsed());
        }
    }
}
