//! What an operator restyles without building: the folder `CUSTOM_DIR`, and how a mistake in it is told.
//!
//! ```text
//! custom.css           comes after every rule of ours
//! images/NAME          custom.css says url(images/NAME); a name of static/ takes that file's place
//! locales/LANGUAGE.ftl texts that take the place of ours, one by one
//! ```

mod stylesheet;
pub mod wording;

use std::{fs, io, path::Path};

use super::assets::Asset;
use crate::views::texts::{Problem, TextFile, read_folder};

/// Largest file of the folder, in bytes: all of them are kept in memory.
const MAX_BYTES: u64 = 1024 * 1024;

/// The folder's content, read and checked.
#[derive(Debug, Default)]
pub struct Custom {
    /// `custom.css`, its images by the addresses where they are served, in a layer of its own; empty: none.
    pub stylesheet: String,
    pub images: Vec<Asset>,
    pub texts: Vec<TextFile>,
}

impl Custom {
    /// Reads the folder. What is not there is not overridden.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(folder: &Path) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut custom = Self::default();
        if !folder.is_dir() {
            return Err(vec![problem(folder, 1, "CUSTOM_DIR is no folder: make it, or correct the setting")]);
        }
        check_names(folder, &mut problems);

        let images = folder.join("images");
        if images.is_dir() {
            match Asset::read_folder(&images) {
                Ok(assets) => custom.images = assets,
                Err(error) => problems.push(problem(&images, 1, &error.to_string())),
            }
        }

        let path = folder.join("custom.css");
        match fs::read_to_string(&path) {
            Ok(text) => match stylesheet::check(&text, &custom.images) {
                Ok(stylesheet) => custom.stylesheet = stylesheet,
                Err(found) => problems.extend(found.into_iter().map(|(line, advice)| problem(&path, line, &advice))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => problems.push(problem(&path, 1, &error.to_string())),
        }

        let locales = folder.join("locales");
        if locales.is_dir() {
            match read_folder(&locales) {
                Ok(files) => {
                    problems.extend(files.iter().flat_map(wording::check));
                    custom.texts = files;
                }
                Err(error) => problems.push(problem(&locales, 1, &error.to_string())),
            }
        }
        if problems.is_empty() { Ok(custom) } else { Err(problems) }
    }
}

fn problem(path: &Path, line: usize, advice: &str) -> Problem {
    Problem { file: path.display().to_string(), line, advice: advice.to_owned() }
}

/// A misspelt name would be ignored in silence, and a huge file kept in memory.
fn check_names(folder: &Path, problems: &mut Vec<Problem>) {
    for (place, known) in [("", &["custom.css", "images", "locales"][..]), ("images", &[]), ("locales", &[])] {
        for entry in fs::read_dir(folder.join(place)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_known = known.is_empty() || known.contains(&name.as_str()) || name.starts_with('.');
            if !is_known {
                let advice = "this name is not read: there are custom.css, images/ and locales/";
                problems.push(problem(&entry.path(), 1, advice));
            }
            if entry.metadata().is_ok_and(|file| file.is_file() && file.len() > MAX_BYTES) {
                problems.push(problem(&entry.path(), 1, "this file is over 1 MiB: make it smaller"));
            }
        }
    }
}
