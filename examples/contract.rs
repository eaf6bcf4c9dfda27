//! Prints what each template can use: `./scripts/contract` puts it into `docs/design.md`.

use std::path::Path;

fn main() {
    print!("{}", vestibule::design::contract::markdown(Path::new(env!("CARGO_MANIFEST_DIR"))));
}
