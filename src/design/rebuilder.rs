//! Rebuilds and reloads the theme after changes.

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

/// A live-reload event for open pages.
#[derive(Serialize)]
pub(super) struct LiveEvent<'a> {
    /// Id of the last change that needs a page reload.
    pub edit: &'a str,
    /// URL of the style sheet.
    pub style: &'a str,
    pub is_building: bool,
    pub mistake: Option<&'a Mistake>,
}

impl LiveEvent<'_> {
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

pub(super) fn source(root: &Path, preview: &Arc<Preview>, edit: &str) -> Source {
    Source::Checkout(Checkout { root: root.to_owned(), preview: Arc::clone(preview), live_script: live_script(edit) })
}

pub(super) fn live_script(edit: &str) -> String {
    format!("/_gallery/live.js?edit={edit}")
}

/// Starts the renderer, which loads the current texts.
pub(super) fn start_preview(program: &Path, root: &Path, settings: &BrandSettings) -> Result<Arc<Preview>, Mistake> {
    let custom = settings.custom_dir.iter().map(|folder| folder.join("locales"));
    let folders: Vec<PathBuf> =
        [root.join("locales")].into_iter().chain(custom.filter(|folder| folder.is_dir())).collect();
    let started = Preview::start(program, &folders);
    started.map(Arc::new).map_err(|error| Mistake::new("locales", 1, error.to_string()))
}

/// A new id, unique across runs.
pub(super) fn new_edit() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_micros())
}

/// The work for a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// A template: build, then reload pages.
    pub build: bool,
    /// Texts: restart the renderer, which loads them at start.
    pub restart: bool,
    /// Anything except the style sheet of pages: reload pages.
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

/// Applies changes to the shared theme.
pub(super) struct Rebuilder {
    pub root: PathBuf,
    pub program: PathBuf,
    pub preview: Arc<Preview>,
    /// Id of the last change that needed a page reload.
    pub edit: String,
    /// Work to retry after an error.
    pub pending: Work,
    /// The current error.
    pub mistake: Option<Mistake>,
    pub shared: SharedTheme,
    pub live_reload: Arc<LiveReload>,
}

impl Rebuilder {
    /// Does this work and the pending work.
    pub(super) fn work(&mut self, change: Work) {
        let is_style = change == Work::default();
        self.pending = self.pending.and(change);
        if self.pending.build && !is_style {
            self.send(true);
        }
        let done = if is_style {
            // Applied despite another error, which is reported again.
            self.show(change).and(self.mistake.clone().filter(|_| self.pending != change).map_or(Ok(()), Err))
        } else {
            self.show(self.pending).map(|()| self.pending = Work::default())
        };
        self.mistake = done.err();
        if let Some(Mistake { file, line, message, .. }) = &self.mistake {
            tracing::warn!(file, line, "{message}; last valid version stays active");
        }
        self.send(false);
    }

    fn send(&self, is_building: bool) {
        let style = &self.shared.current().resources.stylesheet_url;
        let event = LiveEvent { edit: &self.edit, style, is_building, mistake: self.mistake.as_ref() };
        self.live_reload.send(event.to_json());
    }

    /// Replaces the theme only if everything is valid.
    fn show(&mut self, work: Work) -> Result<(), Mistake> {
        let settings = self.shared.current().settings.clone();
        let mut preview = Arc::clone(&self.preview);
        let mut edit = self.edit.clone();
        if work.build {
            self.program = builder::build(&self.root)?;
        }
        // Checks the files first: errors of the renderer have no line numbers.
        let loaded = Theme::load(settings.clone(), &source(&self.root, &preview, &edit));
        let mut theme = loaded.map_err(|problems| Mistake::of_problems(problems, &self.root))?;
        if work != Work::default() {
            edit = new_edit();
            if work.build || work.restart {
                preview = start_preview(&self.program, &self.root, &settings)?;
            }
            theme = theme.rendered_by(Arc::clone(&preview), live_script(&edit));
            mistakes::render_every_state(&theme, &self.root)?;
        }
        (self.preview, self.edit) = (preview, edit);
        self.shared.replace(theme);
        Ok(())
    }
}
