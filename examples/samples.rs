//! Writes every page in every state as a file: `cargo run --example samples -- FOLDER`. The browser tests check them.

use std::{env, error::Error, fs, path::Path};

use askama::Template;
use vestibule::{
    views::{Samples, register::RegisterPage, welcome::WelcomePage},
    web::{docs, error::AppError, registration},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("name the folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;

    for (state, view) in RegisterPage::samples() {
        write(folder, "register", state, &view)?;
    }
    for error in AppError::each() {
        if !matches!(error, AppError::Busy { .. } | AppError::Uncertain(_)) {
            continue;
        }
        let info = error.info();
        let notice = Some(registration::notice(&info));
        let view = RegisterPage::new("Ada Lovelace".into(), "ada@example.com".into(), 12, &[], notice);
        write(folder, "register", info.code, &view)?;
    }
    for (state, view) in WelcomePage::samples() {
        write(folder, "welcome", state, &view)?;
    }
    for error in AppError::each() {
        write(folder, "error", error.info().code, &error.page("0123456789abcdef0123456789abcdef"))?;
    }
    write(folder, "docs", "all", &docs::page())
}

fn write(folder: &Path, page: &str, state: &str, view: &impl Template) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(folder.join(format!("{page}.{state}.html")), view.render()?)?)
}
