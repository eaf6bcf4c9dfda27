//! What an operator restyles without building: the folder `CUSTOM_DIR`, and how a mistake in it is told.
//!
//! ```text
//! custom.css           comes after every rule of ours
//! images/NAME          custom.css says url(images/NAME); a name of static/ takes that file's place
//! locales/LANGUAGE.ftl texts that take the place of ours, one by one
//! ```

pub mod stylesheet;
pub mod wording;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use super::assets::{Asset, files_of};
use crate::views::{
    files::{IMAGE_ENDINGS, is_leftover},
    texts::{Problem, TextFile, Texts, read_folder},
};

/// Largest `custom.css`, in bytes: it stands in every page.
const MAX_STYLESHEET_BYTES: u64 = 256 * 1024;

/// The folder's content, read and checked.
#[derive(Debug, Default)]
pub struct Custom {
    /// `custom.css`, its images by the addresses where they are served, in a layer of its own; empty: none.
    pub stylesheet: String,
    pub images: Vec<Asset>,
    pub texts: Vec<TextFile>,
}

impl Custom {
    /// Reads the folder. What is not there is not overridden. `properties` are the custom properties of our own style
    /// sheet, `texts` our own texts.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(folder: &Path, properties: &BTreeSet<String>, texts: &[TextFile]) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut custom = Self::default();
        if !folder.is_dir() {
            return Err(vec![problem(folder, 1, "CUSTOM_DIR is no folder: make it, or correct the setting")]);
        }
        check_names(folder, &mut problems);

        for path in files_of(&folder.join("images")).unwrap_or_default() {
            match read_image(&path) {
                Ok(image) => custom.images.push(image),
                Err(problem) => problems.push(problem),
            }
        }
        let named = |image: &Asset| (format!("images/{}", image.name), image.url.to_string());
        let urls: BTreeMap<String, String> = custom.images.iter().map(named).collect();

        let path = folder.join("custom.css");
        match fs::metadata(&path).and_then(|file| match file {
            file if file.is_file() && file.len() <= MAX_STYLESHEET_BYTES => fs::read_to_string(&path),
            _ => Err(io::Error::other("it is no file, or over 256 KiB: make it smaller")),
        }) {
            Ok(text) => match stylesheet::check(&text, &urls, properties) {
                Ok(sheet) => custom.stylesheet = format!("@layer custom {{\n{}\n}}\n", sheet.text),
                Err(found) => problems.extend(found.into_iter().map(|(line, advice)| problem(&path, line, &advice))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => problems.push(problem(&path, 1, &error.to_string())),
        }

        let locales = folder.join("locales");
        if locales.is_dir() {
            match read_folder(&locales) {
                Ok(files) => {
                    let offered = wording::Offered::by(texts);
                    problems.extend(files.iter().flat_map(|file| wording::check(file, &offered, true)));
                    // Also where something else is wrong, so that all is told at once.
                    problems.extend(Texts::build(&files).err().into_iter().flatten());
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

/// An image that is the operator's own.
///
/// # Errors
/// It cannot be read, is of another kind, or is over 1 MiB.
pub fn read_image(path: &Path) -> Result<Asset, Problem> {
    Asset::read(path, &IMAGE_ENDINGS).map_err(|error| problem(path, 1, &error.to_string()))
}

/// A misspelt name would be ignored in silence.
fn check_names(folder: &Path, problems: &mut Vec<Problem>) {
    for place in ["", "images", "locales"] {
        for entry in fs::read_dir(folder.join(place)).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if is_leftover(&name) {
                continue;
            }
            let advice = match place {
                "" if name == "templates" => Some("templates are built in: see docs/design.md"),
                "" if !["custom.css", "images", "locales"].contains(&name.as_str()) => {
                    Some("this name is not read: there are custom.css, images/ and locales/")
                }
                "" => None,
                _ if path.is_dir() => Some("folders are not read here: put its files beside it"),
                "locales" if path.extension().is_none_or(|ending| ending != "ftl") => {
                    Some("this name is not read: texts are in LANGUAGE.ftl")
                }
                _ => None,
            };
            problems.extend(advice.map(|advice| problem(&path, 1, advice)));
        }
    }
}
