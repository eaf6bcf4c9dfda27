//! The work of bcrypt, for several passwords side by side on one thread.
//!
//! A round of Blowfish looks up four words in tables of its own, and the next round needs their sum: one password
//! leaves a core waiting for most of the time. Here `N` passwords, each with a state of its own (a *lane*), take their
//! rounds in turn, and where one waits the others fill. The function is the same, and so is every result.
//!
//! Source of the function: Provos and Mazières, "A Future-Adaptable Password Scheme", USENIX 1999.

#![expect(clippy::indexing_slicing, reason = "every index is a constant, a byte, or a loop's counter below the length")]

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::pi::{BOX_WORDS, PI, STATE_WORDS, SUBKEYS};

/// Bytes that bcrypt reads of a key.
pub const KEY_BYTES: usize = 72;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
/// Bytes of a digest. The function yields one more, which was never stored.
pub const DIGEST_BYTES: usize = 23;

/// What is encrypted in the end.
const MAGIC: &[u8; 24] = b"OrpheanBeholderScryDoubt";

/// One password on its way: 4,288 bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
#[repr(align(64))]
pub(crate) struct Lane {
    /// The subkeys, then the boxes, as the key schedule writes them one after the other. In two arrays LLVM makes vectors
    /// of the lanes' look-ups on machines that have instructions to gather them, which are slower;
    /// `scripts/no-gathers` watches it.
    state: [u32; STATE_WORDS],
    password: [u32; SUBKEYS],
    salt: [u32; SALT_BYTES / 4],
}

impl Lane {
    pub(crate) const EMPTY: Self = Self { state: [0; STATE_WORDS], password: [0; SUBKEYS], salt: [0; SALT_BYTES / 4] };

    /// Sets the state that the rounds begin with. The key is repeated up to 72 bytes; what is longer is not read.
    ///
    /// # Panics
    /// For an empty key.
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

    /// The digest, once all rounds are done.
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

/// As many rounds of the cost loop for each of these lanes; bcrypt at cost `c` takes 2^c. Up to `MAX_LANES` lanes.
pub(crate) fn run(lanes: &mut [Lane], rounds: u32) {
    // A loop over a length known at compile time is unrolled, which is what lets the lanes' rounds mix.
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

/// The key schedule: every word of the state is replaced by what the cipher makes of the words before.
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
#[expect(clippy::inline_always, reason = "the caller's loop and this are one piece of work for the register allocator")]
fn encrypt<const N: usize>(lanes: &[Lane; N], left: &mut [u32; N], right: &mut [u32; N]) {
    for n in 0..N {
        left[n] ^= lanes[n].state[0];
    }
    // The subkey is added before the boxes are looked up, so that it is not in the chain that everything waits for.
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
    // Written out: as a loop it keeps its counter in a register, and there is none to spare.
    two_rounds!(0 1 2 3 4 5 6 7);
    for n in 0..N {
        (left[n], right[n]) = (right[n] ^ lanes[n].state[SUBKEYS - 1], left[n]);
    }
}

/// Blowfish's F. An index is a byte, so no bounds check stays.
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
