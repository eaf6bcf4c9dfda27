//! Time of password strength estimates, for typical and for adversarial passwords.
//!
//! `cargo bench --bench password_strength` prints a table; docs/performance.md has results.

use std::time::{Duration, Instant};

use vestibule::{
    accounts::password_strength::PasswordStrength,
    domain::{
        password::{Owner, Password, PasswordPolicy},
        secret::Secret,
    },
};

const RUNS: usize = 500;
/// Characters that the estimator also tries as letters.
const LOOK_ALIKES: &[u8] = b"4@8({[<3691!|70$5+7%2";

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let strength = PasswordStrength::new(1, Duration::from_mins(1), &[]);
    let time = |text: String| {
        let secret = Secret::new(text);
        let password = Password::parse(secret, &PasswordPolicy::LENGTH_ONLY, Owner::Unknown).expect("passes");
        let started = Instant::now();
        runtime.block_on(strength.is_easy(&password)).expect("an estimate");
        started.elapsed()
    };
    println!("the first, which loads the dictionaries    {:>9.2?}", time("correct-horse-battery".into()));
    report("a passphrase", || time("correct-horse-battery".into()));
    report("128 letters", || time("abcdefgh".chars().cycle().step_by(3).take(128).collect()));

    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |length: usize| -> String {
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                char::from(LOOK_ALIKES[usize::try_from(state % 21).expect("small")])
            })
            .collect()
    };
    report("12 look-alikes at random", || time(random(12)));
    report("20 look-alikes at random", || time(random(20)));
    report("128 look-alikes at random", || time(random(128)));
    // All pieces are easy, so that all are estimated.
    report("128 characters of easy pieces", || {
        time("p@$$w0rd!1!1!1!1(((4a@4a@4a@4a@4a@4a@4{[<".repeat(4)[..128].into())
    });
}

fn report(name: &str, mut measure: impl FnMut() -> Duration) {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| measure()).collect();
    times.sort();
    println!("{name:<32} median {:>9.2?}   slowest of {RUNS} {:>9.2?}", times[RUNS / 2], times[RUNS - 1]);
}
