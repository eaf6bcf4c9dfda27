//! Passwords in lanes: each begins when a lane is free and leaves when its rounds are done, whatever the others cost.

use std::fmt;

use zeroize::Zeroize as _;

use super::eksblowfish::{self, DIGEST_BYTES, KEY_BYTES, Lane, SALT_BYTES};

/// Most passwords at a time on one thread. `cargo bench --bench kernel` finds the best number; with 4,256 bytes each
/// they want to stay in a first-level cache.
pub const MAX_LANES: usize = 8;

/// The passwords that one thread computes side by side. `T` is what the caller wants back with a digest.
pub struct Lanes<T> {
    /// [`MAX_LANES`]; those in use come first, in the order of `tenants`.
    lanes: Vec<Lane>,
    tenants: Vec<Tenant<T>>,
}

struct Tenant<T> {
    payload: T,
    rounds_left: u32,
    /// Rounds to go through for nothing once the digest is there.
    idle_rounds: u32,
    digest: Option<[u8; DIGEST_BYTES]>,
}

/// What bcrypt computes from. Wiped when dropped.
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
    /// A password's key is itself and a NUL, or its 72 bytes. `None` for passwords that bcrypt would not read whole: of
    /// more than 72 bytes, or with a NUL.
    #[must_use]
    pub fn new(password: &[u8], salt: [u8; SALT_BYTES], cost: u32) -> Option<Self> {
        if password.len() > KEY_BYTES || password.contains(&0) {
            return None;
        }
        let mut key = Vec::with_capacity(KEY_BYTES);
        key.extend_from_slice(password);
        if key.len() < KEY_BYTES {
            key.push(0);
        }
        Some(Self { key, salt, cost })
    }

    /// Of the empty password, to spend the time.
    #[must_use]
    pub fn dummy(cost: u32) -> Self {
        Self { key: vec![0], salt: [0; SALT_BYTES], cost }
    }

    #[must_use]
    pub fn cost(&self) -> u32 {
        self.cost
    }

    #[must_use]
    pub fn at_cost(&self, cost: u32) -> Self {
        Self { key: self.key.clone(), salt: self.salt, cost }
    }

    /// Times the key schedules are gone through: 2^cost.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        1 << self.cost
    }

    /// The digest by the `bcrypt` crate, one password at a time: the reference, and the way out should the lanes ever
    /// be wrong.
    #[must_use]
    pub fn digest_by_crate(&self) -> [u8; DIGEST_BYTES] {
        let bytes = bcrypt::bcrypt(self.cost, self.salt, &self.key);
        std::array::from_fn(|i| bytes.get(i).copied().unwrap_or_default())
    }
}

impl<T> Lanes<T> {
    #[must_use]
    pub fn new() -> Self {
        Self { lanes: vec![Lane::EMPTY; MAX_LANES], tenants: Vec::with_capacity(MAX_LANES) }
    }

    /// Passwords on their way.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.tenants.len()
    }

    /// Takes a password in. It stays for at least `least_rounds`, so that an old, cheap hash takes no less time to
    /// verify than a new one.
    ///
    /// # Errors
    /// The payload again when every lane is in use.
    pub fn begin(&mut self, input: &BcryptInput, least_rounds: u32, payload: T) -> Result<(), T> {
        let Some(lane) = self.lanes.get_mut(self.tenants.len()) else { return Err(payload) };
        lane.begin(&input.key, input.salt);
        let rounds = input.rounds();
        let idle_rounds = least_rounds.saturating_sub(rounds);
        self.tenants.push(Tenant { payload, rounds_left: rounds, idle_rounds, digest: None });
        Ok(())
    }

    /// Goes on for up to `rounds`, fewer when a password is done before. Returns the rounds gone through and what is
    /// finished.
    pub fn advance(&mut self, rounds: u32) -> (u32, Vec<(T, [u8; DIGEST_BYTES])>) {
        let rounds = self.tenants.iter().map(|tenant| tenant.rounds_left).min().unwrap_or(0).min(rounds);
        if let Some(lanes) = self.lanes.get_mut(..self.tenants.len()) {
            eksblowfish::run(lanes, rounds);
        }
        for (tenant, lane) in self.tenants.iter_mut().zip(self.lanes.iter()) {
            tenant.rounds_left -= rounds;
            if tenant.rounds_left == 0 {
                tenant.digest.get_or_insert_with(|| lane.digest());
                tenant.rounds_left = std::mem::take(&mut tenant.idle_rounds);
            }
        }
        let finished = self.remove(|tenant| tenant.rounds_left == 0);
        (rounds, finished.into_iter().filter_map(|tenant| Some((tenant.payload, tenant.digest?))).collect())
    }

    /// Rounds that are still to do, over all lanes.
    #[must_use]
    pub fn rounds_left(&self) -> u64 {
        self.tenants.iter().map(|tenant| u64::from(tenant.rounds_left) + u64::from(tenant.idle_rounds)).sum()
    }

    /// Gives up those that nobody waits for any more.
    pub fn give_up(&mut self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        self.remove(|tenant| !is_wanted(&tenant.payload)).into_iter().map(|tenant| tenant.payload).collect()
    }

    /// Takes out and wipes; the last lane moves into the gap.
    fn remove(&mut self, is_over: impl Fn(&Tenant<T>) -> bool) -> Vec<Tenant<T>> {
        let mut removed = Vec::new();
        while let Some(index) = self.tenants.iter().position(&is_over) {
            removed.push(self.tenants.swap_remove(index));
            let last = self.tenants.len();
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
    use proptest::{collection::vec, prelude::*};

    use super::*;

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        /// In every lane, beside any number of others of other costs, taken in and out as they finish.
        #[test]
        fn the_digests_are_the_crates(inputs in vec(inputs(), 1..=20), at_a_time in 1..=20_u32) {
            let inputs: Vec<BcryptInput> = inputs
                .iter()
                .map(|(password, salt, cost)| BcryptInput::new(password, *salt, *cost).expect("bcrypt takes it"))
                .collect();
            let digests = compute(&inputs, at_a_time);
            for (input, digest) in inputs.iter().zip(digests) {
                prop_assert_eq!(input.digest_by_crate(), digest);
            }
        }
    }
}
