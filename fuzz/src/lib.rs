//! Fuzzing of parsers with libFuzzer. The invariants are in `targets/`.

use std::{fs, path::Path};

pub mod targets;

use targets::Target;

/// Writes a target's seeds into its corpus.
///
/// # Panics
/// If they cannot be written.
pub fn begin(target: &Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    fs::create_dir_all(&folder).expect("a folder");
    for (place, seed) in target.seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{place:02}")), seed).expect("a file");
    }
}
