//! Prints docs/settings.md; `./scripts/settings` writes it.

fn main() {
    print!("{}{}", include_str!("settings.md"), vestibule::config::settings_tables());
}
