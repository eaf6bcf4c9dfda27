//! Passwords in lanes: each starts in a free lane and ends after its rounds, whatever the others' cost.

use std::fmt;

use zeroize::Zeroize as _;

use crate::eksblowfish::{self, DIGEST_BYTES, KEY_BYTES, Lane, SALT_BYTES};

/// Maximum passwords at a time on one thread: the fastest number by `cargo bench --bench kernel`. They take 34 KB,
/// which fits a first-level cache of 48 KiB; with 32 KiB seven may be faster.
pub const MAX_LANES: usize = 8;

/// bcrypt's highest cost: 2^31 rounds.
const MAX_COST: u32 = 31;

/// The passwords that one thread computes side by side. `T` is the caller's payload, returned with the digest.
pub struct Lanes<T> {
    /// [`MAX_LANES`]; those in use come first, in the order of `jobs`.
    lanes: Vec<Lane>,
    jobs: Vec<Job<T>>,
}

struct Job<T> {
    payload: T,
    rounds_left: u32,
    /// Rounds to compute after the digest, to spend time.
    dummy_rounds: u32,
    digest: Option<[u8; DIGEST_BYTES]>,
}

/// Input of bcrypt. Wiped when dropped.
#[derive(zeroize::ZeroizeOnDrop)]
pub struct BcryptInput {
    /// Up to 72 bytes; never empty.
    key: Vec<u8>,
    #[zeroize(skip)]
    salt: [u8; SALT_BYTES],
    #[zeroize(skip)]
    cost: u32,
}

impl fmt::Debug for BcryptInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BcryptInput(…)")
    }
}

impl BcryptInput {
    /// The key is the password and a NUL, or its 72 bytes. `None` for passwords that bcrypt would truncate (above 72
    /// bytes, or with a NUL), and for costs above 31.
    #[must_use]
    pub fn new(password: &[u8], salt: [u8; SALT_BYTES], cost: u32) -> Option<Self> {
        if password.len() > KEY_BYTES || password.contains(&0) || cost > MAX_COST {
            return None;
        }
        let mut key = Vec::with_capacity(KEY_BYTES);
        key.extend_from_slice(password);
        if key.len() < KEY_BYTES {
            key.push(0);
        }
        Some(Self { key, salt, cost })
    }

    /// Input of the empty password, to spend time; `cost` up to 31.
    #[must_use]
    pub fn dummy(cost: u32) -> Self {
        Self { key: vec![0], salt: [0; SALT_BYTES], cost: cost.min(MAX_COST) }
    }

    #[must_use]
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// Rounds of the key schedules: 2^cost.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        1 << self.cost
    }

    /// bcrypt's key: a secret.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    #[must_use]
    pub fn salt(&self) -> [u8; SALT_BYTES] {
        self.salt
    }
}

impl<T> Lanes<T> {
    #[must_use]
    pub fn new() -> Self {
        Self { lanes: vec![Lane::EMPTY; MAX_LANES], jobs: Vec::with_capacity(MAX_LANES) }
    }

    /// Number of lanes in use.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.jobs.len()
    }

    /// Starts a password in a free lane. It takes at least `least_rounds`, so that a hash of a lower cost verifies no
    /// faster than a new one.
    ///
    /// # Errors
    /// The payload, if every lane is in use.
    pub fn begin(&mut self, input: &BcryptInput, least_rounds: u32, payload: T) -> Result<(), T> {
        let Some(lane) = self.lanes.get_mut(self.jobs.len()) else { return Err(payload) };
        lane.begin(&input.key, input.salt);
        let rounds = input.rounds();
        let dummy_rounds = least_rounds.saturating_sub(rounds);
        self.jobs.push(Job { payload, rounds_left: rounds, dummy_rounds, digest: None });
        Ok(())
    }

    /// Advances by up to `rounds`, fewer if a password finishes before. Returns the rounds computed and the finished
    /// passwords.
    pub fn advance(&mut self, rounds: u32) -> (u32, Vec<(T, [u8; DIGEST_BYTES])>) {
        let rounds = self.jobs.iter().map(|job| job.rounds_left).min().unwrap_or(0).min(rounds);
        if let Some(lanes) = self.lanes.get_mut(..self.jobs.len()) {
            eksblowfish::run(lanes, rounds);
        }
        for (job, lane) in self.jobs.iter_mut().zip(self.lanes.iter()) {
            job.rounds_left -= rounds;
            if job.rounds_left == 0 {
                job.digest.get_or_insert_with(|| lane.digest());
                job.rounds_left = std::mem::take(&mut job.dummy_rounds);
            }
        }
        let finished = self.remove(|job| job.rounds_left == 0);
        (rounds, finished.into_iter().filter_map(|job| Some((job.payload, job.digest?))).collect())
    }

    /// Remaining rounds, over all lanes.
    #[must_use]
    pub fn rounds_left(&self) -> u64 {
        self.jobs.iter().map(|job| u64::from(job.rounds_left) + u64::from(job.dummy_rounds)).sum()
    }

    /// Cancels the passwords that are not wanted; returns their payloads.
    pub fn cancel_unless(&mut self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        self.remove(|job| !is_wanted(&job.payload)).into_iter().map(|job| job.payload).collect()
    }

    /// Removes and wipes; the last lane moves into the gap.
    fn remove(&mut self, is_removed: impl Fn(&Job<T>) -> bool) -> Vec<Job<T>> {
        let mut removed = Vec::new();
        while let Some(index) = self.jobs.iter().position(&is_removed) {
            removed.push(self.jobs.swap_remove(index));
            let last = self.jobs.len();
            self.lanes.swap(index, last);
            if let Some(lane) = self.lanes.get_mut(last) {
                lane.zeroize();
            }
        }
        removed
    }
}

impl<T> Default for Lanes<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn by_crate(input: &BcryptInput) -> [u8; DIGEST_BYTES] {
        *bcrypt::bcrypt(input.cost, input.salt, &input.key).first_chunk().expect("24 bytes")
    }

    fn compute(inputs: &[BcryptInput], at_a_time: u32) -> Vec<[u8; DIGEST_BYTES]> {
        let mut digests = vec![[0; DIGEST_BYTES]; inputs.len()];
        let mut lanes = Lanes::new();
        let mut waiting = inputs.iter().enumerate();
        loop {
            while lanes.in_use() < MAX_LANES
                && let Some((index, input)) = waiting.next()
            {
                assert!(lanes.begin(input, 0, index).is_ok());
            }
            if lanes.in_use() == 0 {
                return digests;
            }
            for (index, digest) in lanes.advance(at_a_time).1 {
                digests[index] = digest;
            }
        }
    }

    /// Passwords of every length and of every byte but NUL.
    fn inputs() -> impl Strategy<Value = (Vec<u8>, [u8; SALT_BYTES], u32)> {
        (vec(1..=255_u8, 0..=KEY_BYTES), any::<[u8; SALT_BYTES]>(), 0..=6_u32)
    }

    /// The digest of a `$2a$` text, and its input.
    fn published(password: &[u8], stored: &str) -> (BcryptInput, Vec<u8>) {
        let base64 = |text: &str| bcrypt::BASE_64.decode(text).expect("bcrypt's base64");
        let salt = base64(&stored[7..29]).try_into().expect("16 bytes");
        let cost = stored[4..6].parse().expect("a cost");
        (BcryptInput::new(password, salt, cost).expect("bcrypt takes it"), base64(&stored[29..]))
    }

    /// Sources: the tests of jBCrypt, and of Solar Designer's `crypt_blowfish`.
    #[test]
    fn published_test_vectors_match() {
        let (inputs, digests): (Vec<_>, Vec<_>) = [
            (&b""[..], "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
            (b"a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
            (b"abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
            (b"abcdefghijklmnopqrstuvwxyz", "$2a$08$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz."),
            (b"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            (b"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
            (b"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
            (b"\xa3", "$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
            (b"\xff\xff\xa3", "$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
            (&[0xaa; 72], "$2a$05$/OK.fbVrR/bpIqNJ5ianF.swQOIzjOiJ9GHEPuhEkvqrUyvWhEMx6"),
            (
                b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                "$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
            ),
        ]
        .into_iter()
        .map(|(password, stored)| published(password, stored))
        .unzip();
        assert_eq!(compute(&inputs, u32::MAX).iter().map(|digest| digest.to_vec()).collect::<Vec<_>>(), digests);
    }

    /// The most common cost, in all lanes at once.
    #[test]
    fn eight_lanes_at_cost_12() {
        let inputs: Vec<_> = (1..=8)
            .map(|number| BcryptInput::new(&[number; 9], [number; SALT_BYTES], 12).expect("bcrypt takes it"))
            .collect();
        assert_eq!(compute(&inputs, 1000), inputs.iter().map(by_crate).collect::<Vec<_>>());
    }

    #[test]
    fn every_password_length_in_every_lane() {
        for length in 0..=KEY_BYTES {
            let inputs: Vec<_> = (1..=8)
                .map(|lane| {
                    let password: Vec<u8> = (1..=255).cycle().skip(length * lane * 31 % 255).take(length).collect();
                    let salt = std::array::from_fn(|i| u8::try_from(i * 16 + lane).expect("a byte"));
                    BcryptInput::new(&password, salt, 2).expect("bcrypt takes it")
                })
                .collect();
            let expected: Vec<_> = inputs.iter().map(by_crate).collect();
            assert_eq!(compute(&inputs, u32::MAX), expected, "{length} bytes");
        }
    }

    #[test]
    fn inputs_that_bcrypt_would_truncate_are_refused() {
        for password in ["x".repeat(73).as_bytes(), b"a\0a", b"\0"] {
            assert!(BcryptInput::new(password, [0; SALT_BYTES], 4).is_none());
        }
        assert!(BcryptInput::new("x".repeat(72).as_bytes(), [0; SALT_BYTES], 4).is_some());
        assert!(BcryptInput::new(b"x", [0; SALT_BYTES], 32).is_none());
    }

    #[test]
    fn a_low_cost_hash_occupies_its_lane_for_the_minimum_rounds() {
        let mut lanes = Lanes::new();
        let cheap = BcryptInput::new(b"correct horse", [1; SALT_BYTES], 4).expect("bcrypt takes it");
        assert!(lanes.begin(&cheap, 64, "cheap").is_ok());
        assert_eq!(lanes.rounds_left(), 64);
        assert_eq!(lanes.advance(64), (16, Vec::new()));
        assert_eq!(lanes.advance(47), (47, Vec::new()));
        assert_eq!(lanes.advance(64), (1, vec![("cheap", by_crate(&cheap))]));
        assert_eq!(lanes.in_use(), 0);
    }

    #[test]
    fn cancelled_hashes_do_not_affect_other_lanes() {
        let input = |number| BcryptInput::new(b"correct horse", [number; SALT_BYTES], 4).expect("bcrypt takes it");
        let mut lanes = Lanes::new();
        for number in 0..8 {
            assert!(lanes.begin(&input(number), 0, number).is_ok());
        }
        assert_eq!(lanes.begin(&input(8), 0, 8), Err(8));
        lanes.advance(7);
        let mut cancelled = lanes.cancel_unless(|number| number % 3 != 0);
        cancelled.sort_unstable();
        assert_eq!(cancelled, [0, 3, 6]);
        assert!(lanes.lanes[5..].iter().all(Lane::is_wiped));
        let (_, mut finished) = lanes.advance(9);
        finished.sort_unstable();
        assert_eq!(finished, [1, 2, 4, 5, 7].map(|number| (number, by_crate(&input(number)))));
        assert!(lanes.lanes.iter().all(Lane::is_wiped));
    }

    #[test]
    fn debug_output_reveals_no_secret() {
        let input = BcryptInput::new(b"correct horse", [1; SALT_BYTES], 4).expect("bcrypt takes it");
        assert_eq!(format!("{input:?}"), "BcryptInput(…)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        /// In every lane, beside hashes of other costs, which are replaced as they finish.
        #[test]
        fn digests_equal_those_of_the_bcrypt_crate(inputs in vec(inputs(), 1..=20), at_a_time in 1..=20_u32) {
            let inputs: Vec<BcryptInput> = inputs
                .iter()
                .map(|(password, salt, cost)| BcryptInput::new(password, *salt, *cost).expect("bcrypt takes it"))
                .collect();
            let digests = compute(&inputs, at_a_time);
            for (input, digest) in inputs.iter().zip(digests) {
                prop_assert_eq!(by_crate(input), digest);
            }
        }
    }
}
