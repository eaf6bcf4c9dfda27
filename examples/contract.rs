//! Prints the tables of template values: `./scripts/contract` writes them to `docs/design.md`.

use std::path::Path;

fn main() {
    print!("{}", vestibule::design::contract::markdown(Path::new(env!("CARGO_MANIFEST_DIR"))));
}
