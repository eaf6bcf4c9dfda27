//! Randomness that can be had again: a test that fails shows the seed that it had.

use rand::{SeedableRng as _, rngs::StdRng};

/// Prints its seed, which is that of `TEST_SEED` where it is set. One for each test.
pub fn random() -> StdRng {
    let seed = match std::env::var("TEST_SEED") {
        Ok(text) => text.parse().expect("TEST_SEED: a number"),
        Err(_) => rand::random(),
    };
    println!("TEST_SEED={seed}");
    StdRng::seed_from_u64(seed)
}
