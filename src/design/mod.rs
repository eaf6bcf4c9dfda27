//! `vestibule design`: live preview of edits in open pages.
//!
//! Styles, images and texts are reloaded; an edited template is compiled into a renderer process
//! (`views/src/preview.rs`). Errors appear on the page, and the last valid version stays.

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
    rebuilder::{LiveEvent, Rebuilder, Work, new_edit, source, start_preview},
    watcher::Watched,
};
use crate::{
    appearance::{BrandSettings, SharedTheme, Theme, live_reload::LiveReload},
    supervisor::Supervisor,
    views::texts::Problem,
};

/// Builds the templates, loads the theme and starts watching the folders.
///
/// # Errors
/// The working directory is not a checkout, the templates cannot be built, or the folders cannot be watched.
pub fn start(settings: BrandSettings, supervisor: &Supervisor) -> Result<(SharedTheme, Arc<LiveReload>), Vec<Problem>> {
    let root = checkout()?;
    let watched = Watched::new(&root, &settings);
    // Read before the build, to detect changes during it.
    let before = watched.contents();
    tracing::info!("building templates; the first build takes longer, since it compiles the dependencies");
    // On an error in a template the last successful build is used, if any.
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
    let mistake = unbuilt.clone().or_else(|| mistakes::render_every_state(&theme, &root).err());
    let style = &theme.resources.stylesheet_url;
    let event = LiveEvent { edit: &edit, style, is_building: false, mistake: mistake.as_ref() };
    let live_reload = Arc::new(LiveReload::new(event.to_json()));
    let shared = SharedTheme::new(theme);
    let rebuilder = Rebuilder {
        root,
        program,
        preview,
        edit,
        // The next change retries what failed at the start.
        pending: Work { build: unbuilt.is_some(), restart: mistake.is_some(), ..Work::default() },
        mistake,
        shared: shared.clone(),
        live_reload: Arc::clone(&live_reload),
    };
    watcher::watch(supervisor, rebuilder, watched, before)
        .map_err(|error| vec![problem(Path::new("templates"), &error)])?;
    Ok((shared, live_reload))
}

/// The working directory, if it is a checkout.
fn checkout() -> Result<PathBuf, Vec<Problem>> {
    let root = std::env::current_dir().map_err(|error| vec![problem(Path::new("."), &error.to_string())])?;
    let needed = ["templates", "static", "locales", "views/Cargo.toml"];
    match needed.into_iter().find(|name| !root.join(name).exists()) {
        None => Ok(root),
        Some(name) => {
            let advice = "not found: run `vestibule design` in the folder of Vestibule's source";
            Err(vec![problem(Path::new(name), advice)])
        }
    }
}

fn problem(path: &Path, advice: &str) -> Problem {
    Problem { file: path.display().to_string(), line: 1, advice: advice.to_owned() }
}
