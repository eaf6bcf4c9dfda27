//! The operator's folder `CUSTOM_DIR`: styles, images and texts without a build, and its validation.
//!
//! ```text
//! custom.css           last cascade layer
//! images/NAME          url(images/NAME) in custom.css; replaces the file of static/ with this name
//! locales/LANGUAGE.ftl overrides single texts
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

/// Largest `custom.css`, in bytes: every page embeds it.
const MAX_STYLESHEET_BYTES: u64 = 256 * 1024;

/// Validated content of the folder.
#[derive(Debug, Default)]
pub struct Custom {
    /// `custom.css` in its cascade layer, with the URLs of its images; empty if none.
    pub stylesheet: String,
    pub images: Vec<Asset>,
    pub texts: Vec<TextFile>,
}

impl Custom {
    /// Reads the folder; every file is optional. `properties` are the custom properties of the built-in style sheet,
    /// `texts` the built-in texts.
    ///
    /// # Errors
    /// Every problem of the folder.
    pub fn read(folder: &Path, properties: &BTreeSet<String>, texts: &[TextFile]) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut custom = Self::default();
        if !folder.is_dir() {
            return Err(vec![problem(folder, 1, "CUSTOM_DIR is not a folder: create it or correct the setting")]);
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
            _ => Err(io::Error::other("not a file, or over 256 KiB: make it smaller")),
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
                    // Runs despite other problems, to report all at once.
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

/// Reads an image of the operator.
///
/// # Errors
/// Unreadable, another type, or over 1 MiB.
pub fn read_image(path: &Path) -> Result<Asset, Problem> {
    Asset::read(path, &IMAGE_ENDINGS).map_err(|error| problem(path, 1, &error.to_string()))
}

/// Reports unknown names, such as misspelt ones.
fn check_names(folder: &Path, problems: &mut Vec<Problem>) {
    for place in ["", "images", "locales"] {
        for entry in fs::read_dir(folder.join(place)).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if is_leftover(&name) {
                continue;
            }
            let advice = match place {
                "" if name == "templates" => Some("templates are compiled in: see docs/design.md"),
                "" if !["custom.css", "images", "locales"].contains(&name.as_str()) => {
                    Some("unknown name: only custom.css, images/ and locales/ are read")
                }
                "" => None,
                _ if path.is_dir() => Some("folders are not read here: move its files up"),
                "locales" if path.extension().is_none_or(|ending| ending != "ftl") => {
                    Some("unknown name: texts are in LANGUAGE.ftl")
                }
                _ => None,
            };
            problems.extend(advice.map(|advice| problem(&path, 1, advice)));
        }
    }
}
