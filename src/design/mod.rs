//! `vestibule design`: what a designer saves shows in the open browser at once.
//!
//! Styles, images and texts are read again; an edited template is built into a small program of its own
//! (`views/src/preview.rs`), which renders for this one. A mistake is told on the page, and the last good one stays.

mod builder;
mod checkout;
pub mod contract;
mod fields;
mod mistakes;
mod rebuilder;
mod watcher;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use self::fields::{Struct, structs};
use self::{
    rebuilder::{Rebuilder, Shown, Work, new_edit, source, start_preview},
    watcher::Watched,
};
use crate::{
    appearance::{BrandSettings, SharedTheme, Theme, live_reload::LiveReload},
    supervisor::Supervisor,
    views::texts::Problem,
};

/// Builds the templates, watches the folders, and shows what changes from now on.
///
/// # Errors
/// The working directory is no checkout, the templates cannot be built, or the folders cannot be watched.
pub fn start(settings: BrandSettings, supervisor: &Supervisor) -> Result<(SharedTheme, Arc<LiveReload>), Vec<Problem>> {
    let root = checkout()?;
    let watched = Watched::new(&root, &settings);
    // What is saved while the templates are built is a change too.
    let before = watched.contents();
    tracing::info!("building the templates; the first time all they need is built too, which takes a while");
    // With a mistake in a template the one built last goes on, if there is one.
    let (program, unbuilt) = match builder::build(&root) {
        Ok(program) => (program, None),
        Err(mistake) => match builder::built_before(&root) {
            Some(program) => (program, Some(mistake)),
            None => return Err(vec![mistake.into_problem()]),
        },
    };
    let preview = start_preview(&program, &root, &settings).map_err(|mistake| vec![mistake.into_problem()])?;

    let edit = new_edit();
    let theme = Theme::load(settings, &source(&root, &preview, &edit))?;
    let mistake = unbuilt.clone().or_else(|| mistakes::show_everything(&theme, &root).err());
    let style = &theme.resources.stylesheet_url;
    let shown = Shown { edit: &edit, style, is_building: false, mistake: mistake.as_ref() };
    let live_reload = Arc::new(LiveReload::new(shown.event()));
    let shared = SharedTheme::new(theme);
    let rebuilder = Rebuilder {
        root,
        program,
        preview,
        edit,
        // A mistake that is there from the start is mended by a change of any kind.
        owed: Work { build: unbuilt.is_some(), restart: mistake.is_some(), ..Work::default() },
        mistake,
        shared: shared.clone(),
        live_reload: Arc::clone(&live_reload),
    };
    watcher::watch(supervisor, rebuilder, watched, before)
        .map_err(|error| vec![trouble(Path::new("templates"), &error)])?;
    Ok((shared, live_reload))
}

/// The working directory, if it holds the source.
fn checkout() -> Result<PathBuf, Vec<Problem>> {
    let root = std::env::current_dir().map_err(|error| vec![trouble(Path::new("."), &error.to_string())])?;
    let needed = ["templates", "static", "locales", "views/Cargo.toml"];
    match needed.into_iter().find(|name| !root.join(name).exists()) {
        None => Ok(root),
        Some(name) => {
            let advice = "this is not here: run `vestibule design` in the folder of Vestibule's source";
            Err(vec![trouble(Path::new(name), advice)])
        }
    }
}

fn trouble(path: &Path, advice: &str) -> Problem {
    Problem { file: path.display().to_string(), line: 1, advice: advice.to_owned() }
}
