//! The bcrypt algorithm for several passwords side by side on one thread.
//!
//! A round of Blowfish looks up four words in its tables, and the next round needs their sum: with one password a core
//! mostly waits. Here `N` passwords, each with its own state (a *lane*), take rounds in turn, so that one lane's waits
//! are the others' work. The results are the same.
//!
//! Source of the algorithm: Provos and Mazières, "A Future-Adaptable Password Scheme", USENIX 1999.

#![expect(clippy::indexing_slicing, reason = "every index is a constant, a byte, or a loop's counter below the length")]

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::pi::{BOX_WORDS, PI, STATE_WORDS, SUBKEYS};

/// Bytes that bcrypt reads of a key.
pub const KEY_BYTES: usize = 72;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
/// Bytes of a digest. The function yields one more, which bcrypt formats omit.
pub const DIGEST_BYTES: usize = 23;

/// The text encrypted at the end.
const MAGIC: &[u8; 24] = b"OrpheanBeholderScryDoubt";

/// The state of one password: 4,288 bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
#[repr(align(64))]
pub(crate) struct Lane {
    /// The subkeys, then the S-boxes, in the order of the key schedule. With two arrays LLVM vectorises the look-ups by
    /// gather instructions, which are slower; `scripts/no-gathers` checks it.
    state: [u32; STATE_WORDS],
    password: [u32; SUBKEYS],
    salt: [u32; SALT_BYTES / 4],
}

impl Lane {
    pub(crate) const EMPTY: Self = Self { state: [0; STATE_WORDS], password: [0; SUBKEYS], salt: [0; SALT_BYTES / 4] };

    /// Sets the initial state. The key is repeated up to 72 bytes; further bytes are ignored.
    ///
    /// # Panics
    /// If the key is empty.
    pub(crate) fn begin(&mut self, key: &[u8], salt: [u8; SALT_BYTES]) {
        assert!(!key.is_empty(), "bcrypt has no empty key: a password's ends with a NUL");
        let mut bytes = key.iter().copied().cycle();
        for word in &mut self.password {
            *word = u32::from_be_bytes(std::array::from_fn(|_| bytes.next().unwrap_or(0)));
        }
        self.salt = words(&salt);
        self.state = PI;
        self.add_password();
        let (mut left, mut right) = ([0], [0]);
        for i in 0..STATE_WORDS / 2 {
            left[0] ^= self.salt[2 * i % 4];
            right[0] ^= self.salt[(2 * i + 1) % 4];
            encrypt(std::array::from_ref(self), &mut left, &mut right);
            self.state[2 * i] = left[0];
            self.state[2 * i + 1] = right[0];
        }
    }

    /// The digest, after all rounds.
    pub(crate) fn digest(&self) -> [u8; DIGEST_BYTES] {
        let mut text: [u32; 6] = words(MAGIC);
        for block in text.as_chunks_mut::<2>().0 {
            let (mut left, mut right) = ([block[0]], [block[1]]);
            for _ in 0..64 {
                encrypt(std::array::from_ref(self), &mut left, &mut right);
            }
            *block = [left[0], right[0]];
        }
        let bytes = text.map(u32::to_be_bytes);
        std::array::from_fn(|i| bytes[i / 4][i % 4])
    }

    #[cfg(test)]
    pub(crate) fn is_wiped(&self) -> bool {
        self.state.iter().chain(&self.password).chain(&self.salt).all(|&word| word == 0)
    }

    fn add_password(&mut self) {
        for i in 0..SUBKEYS {
            self.state[i] ^= self.password[i];
        }
    }

    fn add_salt(&mut self) {
        for i in 0..SUBKEYS {
            self.state[i] ^= self.salt[i % 4];
        }
    }
}

/// Advances each lane by `rounds` rounds of the cost loop; bcrypt at cost `c` takes 2^c. Up to `MAX_LANES` lanes.
pub(crate) fn run(lanes: &mut [Lane], rounds: u32) {
    // Loops of a constant length are unrolled, which interleaves the lanes' rounds.
    macro_rules! for_lengths {
        ($($length:literal)*) => {
            match lanes.len() {
                $($length => {
                    if let Some(lanes) = lanes.first_chunk_mut::<$length>() {
                        run_side_by_side(lanes, rounds);
                    }
                })*
                length => debug_assert!(length == 0, "no code for {length} lanes"),
            }
        };
    }
    for_lengths!(1 2 3 4 5 6 7 8);
}

fn run_side_by_side<const N: usize>(lanes: &mut [Lane; N], rounds: u32) {
    for _ in 0..rounds {
        lanes.iter_mut().for_each(Lane::add_password);
        expand(lanes);
        lanes.iter_mut().for_each(Lane::add_salt);
        expand(lanes);
    }
}

/// The key schedule: each block of the state is replaced by the encryption of the previous one.
#[inline(never)]
fn expand<const N: usize>(lanes: &mut [Lane; N]) {
    let (mut left, mut right) = ([0; N], [0; N]);
    for i in 0..STATE_WORDS / 2 {
        encrypt(lanes, &mut left, &mut right);
        for n in 0..N {
            lanes[n].state[2 * i] = left[n];
            lanes[n].state[2 * i + 1] = right[n];
        }
    }
}

/// Encrypts one block in each lane.
#[inline(always)]
#[expect(clippy::inline_always, reason = "lets the register allocator see it together with the caller's loop")]
fn encrypt<const N: usize>(lanes: &[Lane; N], left: &mut [u32; N], right: &mut [u32; N]) {
    for n in 0..N {
        left[n] ^= lanes[n].state[0];
    }
    // The subkey is added before the look-ups, outside the critical path.
    macro_rules! two_rounds {
        ($($k:literal)*) => { $(
            for n in 0..N {
                right[n] ^= lanes[n].state[2 * $k + 1];
                right[n] ^= mix(&lanes[n].state, left[n]);
            }
            for n in 0..N {
                left[n] ^= lanes[n].state[2 * $k + 2];
                left[n] ^= mix(&lanes[n].state, right[n]);
            }
        )* };
    }
    // Unrolled: a loop counter would take a register, and none is free.
    two_rounds!(0 1 2 3 4 5 6 7);
    for n in 0..N {
        (left[n], right[n]) = (right[n] ^ lanes[n].state[SUBKEYS - 1], left[n]);
    }
}

/// Blowfish's F. Indices are bytes, so bounds checks are optimised away.
#[inline(always)]
#[expect(clippy::inline_always, reason = "four instructions and four loads, 128 times in the caller")]
fn mix(state: &[u32; STATE_WORDS], word: u32) -> u32 {
    let [first, second, third, fourth] =
        [word >> 24, word >> 16 & 0xff, word >> 8 & 0xff, word & 0xff].map(|byte| byte as usize);
    let sum = state[SUBKEYS + first].wrapping_add(state[SUBKEYS + BOX_WORDS + second]);
    (sum ^ state[SUBKEYS + 2 * BOX_WORDS + third]).wrapping_add(state[SUBKEYS + 3 * BOX_WORDS + fourth])
}

fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u32; WORDS] {
    std::array::from_fn(|i| u32::from_be_bytes(std::array::from_fn(|j| bytes[4 * i + j])))
}
