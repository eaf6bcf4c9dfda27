//! Writes every page in every state as a file: `cargo run --example samples -- FOLDER`. The browser tests check them.

use std::{env, error::Error, fs, path::Path};

use askama::Template;
use vestibule::views::{Samples, docs::DocsPage, error::ErrorPage, register::RegisterPage, welcome::WelcomePage};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("name the folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    write::<RegisterPage>(folder, "register")?;
    write::<WelcomePage>(folder, "welcome")?;
    write::<ErrorPage>(folder, "error")?;
    write::<DocsPage>(folder, "docs")
}

fn write<V: Samples + Template>(folder: &Path, page: &str) -> Result<(), Box<dyn Error>> {
    for (state, view) in V::samples() {
        fs::write(folder.join(format!("{page}.{state}.html")), view.render()?)?;
    }
    Ok(())
}
