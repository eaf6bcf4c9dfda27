//! Reproducible randomness: a failed test shows its seed.

use rand::{SeedableRng as _, rngs::StdRng};

/// A generator with the seed `TEST_SEED`, or a random one. Prints the seed. One for each test.
pub fn random() -> StdRng {
    let seed = match std::env::var("TEST_SEED") {
        Ok(text) => text.parse().expect("TEST_SEED: a number"),
        Err(_) => rand::random(),
    };
    println!("TEST_SEED={seed}");
    StdRng::seed_from_u64(seed)
}
