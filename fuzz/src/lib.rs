//! Searching for hostile inputs: what libFuzzer is told. What must hold is in `targets/`.

use std::{fs, path::Path};

pub mod targets;

use targets::Target;

/// Puts a target's seeds where the search begins.
///
/// # Panics
/// Where they cannot be written.
pub fn begin(target: &Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    fs::create_dir_all(&folder).expect("a folder");
    for (place, seed) in target.seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{place:02}")), seed).expect("a file");
    }
}
