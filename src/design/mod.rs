//! `vestibule design`: what a designer saves shows in the open browser at once.
//!
//! Styles, images and texts are read again; an edited template is built into a small program of its own
//! (`views/src/preview.rs`), which renders for this one. A mistake is told on the page, and the last good one stays.

mod builder;
pub mod contract;
mod fields;
mod mistakes;
mod watcher;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use tokio::sync::watch;

pub use self::fields::{Struct, structs};
use self::{mistakes::Mistake, watcher::Watched};
use crate::{
    appearance::{Appearance, BrandSettings, Checkout, Preview, SharedAppearance, Source},
    supervisor::Supervisor,
    views::texts::Problem,
};

/// What the browser has to know, as one event each time it changes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Live {
    /// Names the last change that pages have to be loaded anew for.
    edit: String,
    /// Address of the style sheet.
    style: String,
    is_building: bool,
    mistake: Option<Mistake>,
    /// The service stops, so there is nothing more to come.
    #[serde(skip)]
    pub is_over: bool,
}

/// Who tells the browsers.
#[derive(Debug)]
pub struct LiveReload {
    live: watch::Sender<Live>,
}

impl LiveReload {
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Live> {
        self.live.subscribe()
    }

    /// Ends every stream of events, so that the service can stop.
    pub fn close(&self) {
        self.live.send_modify(|live| live.is_over = true);
    }
}

/// Builds the templates, watches the folders, and shows what changes from now on.
///
/// # Errors
/// The working directory is no checkout, the templates cannot be built, or the folders cannot be watched.
pub fn start(
    settings: BrandSettings,
    supervisor: &Supervisor,
) -> Result<(SharedAppearance, Arc<LiveReload>), Vec<Problem>> {
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
    let appearance = Appearance::load(settings, &source(&root, &preview, &edit))?;
    let live = Live {
        style: appearance.resources.stylesheet_url.clone(),
        mistake: unbuilt.clone().or_else(|| mistakes::show_everything(&appearance, &root).err()),
        edit: edit.clone(),
        ..Live::default()
    };
    let shared = SharedAppearance::new(appearance);
    let live_reload = Arc::new(LiveReload { live: watch::Sender::new(live.clone()) });
    let rebuilder = Rebuilder {
        root,
        program,
        preview,
        edit,
        // A mistake that is there from the start is mended by a change of any kind.
        owed: Work { build: unbuilt.is_some(), restart: live.mistake.is_some(), ..Work::default() },
        mistake: live.mistake.clone(),
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

fn source(root: &Path, preview: &Arc<Preview>, edit: &str) -> Source {
    Source::Checkout(Checkout { root: root.to_owned(), preview: Arc::clone(preview), live_script: live_script(edit) })
}

fn live_script(edit: &str) -> String {
    format!("/_gallery/live.js?edit={edit}")
}

/// The program that renders, with the texts as they are now.
fn start_preview(program: &Path, root: &Path, settings: &BrandSettings) -> Result<Arc<Preview>, Mistake> {
    let custom = settings.custom_dir.iter().map(|folder| folder.join("locales"));
    let folders: Vec<PathBuf> =
        [root.join("locales")].into_iter().chain(custom.filter(|folder| folder.is_dir())).collect();
    let started = Preview::start(program, &folders);
    started.map(Arc::new).map_err(|error| Mistake::new("locales", 1, error.to_string()))
}

/// Differs from every one before, also from those of the last run.
fn new_edit() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_micros())
}

/// What a change needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Work {
    /// A template: build, then load pages anew.
    build: bool,
    /// Texts: the program that renders reads them at its start.
    restart: bool,
    /// Anything but the style sheet of pages: load pages anew.
    reload: bool,
}

impl Work {
    fn and(self, other: Self) -> Self {
        Self {
            build: self.build || other.build,
            restart: self.restart || other.restart,
            reload: self.reload || other.reload,
        }
    }
}

/// Makes what was saved what is shown.
struct Rebuilder {
    root: PathBuf,
    program: PathBuf,
    preview: Arc<Preview>,
    /// The last change that pages were loaded anew for.
    edit: String,
    /// What was begun and not shown, since something was wrong.
    owed: Work,
    /// What was wrong.
    mistake: Option<Mistake>,
    shared: SharedAppearance,
    live_reload: Arc<LiveReload>,
}

impl Rebuilder {
    /// Does this, and what is owed.
    fn work(&mut self, change: Work) {
        let is_style = change == Work::default();
        self.owed = self.owed.and(change);
        if self.owed.build && !is_style {
            self.live_reload.live.send_modify(|live| live.is_building = true);
        }
        let done = if is_style {
            // It shows although something else may be wrong, which then stays to be told.
            self.show(change).and(self.mistake.clone().filter(|_| self.owed != change).map_or(Ok(()), Err))
        } else {
            self.show(self.owed).map(|()| self.owed = Work::default())
        };
        self.mistake = done.err();
        if let Some(Mistake { file, line, message, .. }) = &self.mistake {
            tracing::warn!(file, line, "{message}: the last good page stays");
        }
        let style = self.shared.current().resources.stylesheet_url.clone();
        self.live_reload.live.send_modify(|live| {
            live.is_building = false;
            live.style = style;
            live.edit.clone_from(&self.edit);
            live.mistake.clone_from(&self.mistake);
        });
    }

    /// What is shown changes only where nothing is wrong.
    fn show(&mut self, work: Work) -> Result<(), Mistake> {
        let settings = self.shared.current().settings.clone();
        let mut preview = Arc::clone(&self.preview);
        let mut edit = self.edit.clone();
        if work.build {
            self.program = builder::build(&self.root)?;
        }
        // What is wrong with files is told by those who know their lines, before the other program reads them.
        let loaded = Appearance::load(settings.clone(), &source(&self.root, &preview, &edit));
        let mut appearance = loaded.map_err(|problems| Mistake::of_problems(problems, &self.root))?;
        if work != Work::default() {
            edit = new_edit();
            if work.build || work.restart {
                preview = start_preview(&self.program, &self.root, &settings)?;
            }
            appearance = appearance.rendered_by(Arc::clone(&preview), live_script(&edit));
            mistakes::show_everything(&appearance, &self.root)?;
        }
        (self.preview, self.edit) = (preview, edit);
        self.shared.replace(appearance);
        Ok(())
    }
}
