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
use self::{builder::Builder, mistakes::Mistake};
use crate::{
    appearance::{Appearance, BrandSettings, Checkout, Preview, Source, Wardrobe},
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
pub struct Workshop {
    live: watch::Sender<Live>,
}

impl Workshop {
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
pub fn start(settings: BrandSettings) -> Result<(Wardrobe, Arc<Workshop>), Vec<Problem>> {
    let root = checkout()?;
    let custom = settings.custom_dir.clone();
    let mut texts = vec![root.join("locales")];
    texts.extend(custom.iter().map(|folder| folder.join("locales")).filter(|folder| folder.is_dir()));

    let builder = Builder { root: root.clone() };
    tracing::info!("building the templates; the first time takes about a minute");
    let program = builder.build().map_err(|mistake| vec![mistake.into_problem()])?;
    let preview = Preview::start(&program, &texts).map_err(|error| vec![trouble(&program, &error.to_string())])?;
    let preview = Arc::new(preview);

    let edit = new_edit();
    let source = source(&root, &preview, &edit);
    let appearance = Appearance::load(settings, &source)?;
    let style = appearance.resources.stylesheet_url.clone();
    let wardrobe = Wardrobe::new(appearance);
    let live = Live { edit, style, ..Live::default() };
    let workshop = Arc::new(Workshop { live: watch::Sender::new(live) });

    let bench = Bench {
        root,
        program,
        builder,
        texts,
        preview,
        unbuilt: None,
        wardrobe: wardrobe.clone(),
        workshop: Arc::clone(&workshop),
    };
    watcher::watch(bench, custom.as_deref()).map_err(|error| vec![trouble(Path::new("templates"), &error)])?;
    Ok((wardrobe, workshop))
}

/// The working directory, if it holds the source.
fn checkout() -> Result<PathBuf, Vec<Problem>> {
    let root = std::env::current_dir().map_err(|error| vec![trouble(Path::new("."), &error.to_string())])?;
    let missing =
        ["templates", "static", "locales", "views/Cargo.toml"].into_iter().find(|name| !root.join(name).exists());
    match missing {
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
    Source::Checkout(Checkout {
        root: root.to_owned(),
        preview: Arc::clone(preview),
        live_script: format!("/_gallery/live.js?edit={edit}"),
    })
}

/// Differs from every one before, also from those of the last run.
fn new_edit() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_micros())
}

/// Everything that a change is worked on with.
struct Bench {
    root: PathBuf,
    program: PathBuf,
    builder: Builder,
    /// Folders of texts; later ones override earlier ones.
    texts: Vec<PathBuf>,
    preview: Arc<Preview>,
    /// Why the templates as they stand are not the ones that are shown.
    unbuilt: Option<Mistake>,
    wardrobe: Wardrobe,
    workshop: Arc<Workshop>,
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

impl Bench {
    fn work(&mut self, work: Work) {
        if work.build {
            self.workshop.live.send_modify(|live| live.is_building = true);
        }
        let result = self.try_work(work);
        let mistake = result.as_ref().err().or(self.unbuilt.as_ref()).cloned();
        if let Some(mistake) = &mistake {
            tracing::warn!(file = mistake.file, line = mistake.line, "{}: the last good page stays", mistake.message);
        }
        let style = self.wardrobe.current().resources.stylesheet_url.clone();
        self.workshop.live.send_modify(|live| {
            live.is_building = false;
            live.mistake = mistake;
            live.style = style;
            if let Ok(Some(edit)) = result {
                live.edit = edit;
            }
        });
    }

    /// The name of the edit, if pages have to be loaded anew. What is shown changes only where nothing is wrong.
    fn try_work(&mut self, work: Work) -> Result<Option<String>, Mistake> {
        if work.build {
            match self.builder.build() {
                Ok(program) => (self.program, self.unbuilt) = (program, None),
                Err(mistake) => {
                    self.unbuilt = Some(mistake.clone());
                    return Err(mistake);
                }
            }
        }
        let before = self.wardrobe.current();
        let reloads = work != Work::default();
        let edit = new_edit();
        let preview = if work.build || work.restart { self.restarted()? } else { Arc::clone(&self.preview) };
        let mut source = source(&self.root, &preview, &edit);
        if let Source::Checkout(checkout) = &mut source
            && !reloads
        {
            checkout.live_script.clone_from(&before.resources.live_script);
        }
        let appearance = Appearance::load(before.settings.clone(), &source).map_err(Mistake::of_problems)?;
        if reloads {
            mistakes::show_everything(&appearance, &self.root)?;
        }
        self.preview = preview;
        self.wardrobe.replace(appearance);
        Ok(reloads.then_some(edit))
    }

    /// The program that renders, with the texts as they are now.
    fn restarted(&self) -> Result<Arc<Preview>, Mistake> {
        let started = Preview::start(&self.program, &self.texts);
        started.map(Arc::new).map_err(|error| Mistake::new("views/src/preview.rs", 1, error.to_string()))
    }
}
