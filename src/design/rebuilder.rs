//! Makes what was saved what is shown.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

use super::{
    builder,
    mistakes::{self, Mistake},
};
use crate::appearance::{BrandSettings, Checkout, Preview, SharedTheme, Source, Theme, live_reload::LiveReload};

/// What open pages have to know, as one event each time it changes.
#[derive(Serialize)]
pub struct Shown<'a> {
    /// Names the last change that pages have to be loaded anew for.
    pub edit: &'a str,
    /// Address of the style sheet.
    pub style: &'a str,
    pub is_building: bool,
    pub mistake: Option<&'a Mistake>,
}

impl Shown<'_> {
    pub fn event(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

pub fn source(root: &Path, preview: &Arc<Preview>, edit: &str) -> Source {
    Source::Checkout(Checkout { root: root.to_owned(), preview: Arc::clone(preview), live_script: live_script(edit) })
}

pub fn live_script(edit: &str) -> String {
    format!("/_gallery/live.js?edit={edit}")
}

/// The program that renders, with the texts as they are now.
pub fn start_preview(program: &Path, root: &Path, settings: &BrandSettings) -> Result<Arc<Preview>, Mistake> {
    let custom = settings.custom_dir.iter().map(|folder| folder.join("locales"));
    let folders: Vec<PathBuf> =
        [root.join("locales")].into_iter().chain(custom.filter(|folder| folder.is_dir())).collect();
    let started = Preview::start(program, &folders);
    started.map(Arc::new).map_err(|error| Mistake::new("locales", 1, error.to_string()))
}

/// Differs from every one before, also from those of the last run.
pub fn new_edit() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_micros())
}

/// What a change needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// A template: build, then load pages anew.
    pub build: bool,
    /// Texts: the program that renders reads them at its start.
    pub restart: bool,
    /// Anything but the style sheet of pages: load pages anew.
    pub reload: bool,
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
pub struct Rebuilder {
    pub root: PathBuf,
    pub program: PathBuf,
    pub preview: Arc<Preview>,
    /// The last change that pages were loaded anew for.
    pub edit: String,
    /// What was begun and not shown, since something was wrong.
    pub owed: Work,
    /// What was wrong.
    pub mistake: Option<Mistake>,
    pub shared: SharedTheme,
    pub live_reload: Arc<LiveReload>,
}

impl Rebuilder {
    /// Does this, and what is owed.
    pub fn work(&mut self, change: Work) {
        let is_style = change == Work::default();
        self.owed = self.owed.and(change);
        if self.owed.build && !is_style {
            self.send(true);
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
        self.send(false);
    }

    fn send(&self, is_building: bool) {
        let style = &self.shared.current().resources.stylesheet_url;
        let shown = Shown { edit: &self.edit, style, is_building, mistake: self.mistake.as_ref() };
        self.live_reload.send(shown.event());
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
        let loaded = Theme::load(settings.clone(), &source(&self.root, &preview, &edit));
        let mut theme = loaded.map_err(|problems| Mistake::of_problems(problems, &self.root))?;
        if work != Work::default() {
            edit = new_edit();
            if work.build || work.restart {
                preview = start_preview(&self.program, &self.root, &settings)?;
            }
            theme = theme.rendered_by(Arc::clone(&preview), live_script(&edit));
            mistakes::show_everything(&theme, &self.root)?;
        }
        (self.preview, self.edit) = (preview, edit);
        self.shared.replace(theme);
        Ok(())
    }
}
