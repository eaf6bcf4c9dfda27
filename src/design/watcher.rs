//! Watches the files that a designer edits.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use notify::{EventKind, RecursiveMode, Watcher as _, recommended_watcher};

use super::rebuilder::{Rebuilder, Work};
use crate::{appearance::BrandSettings, supervisor::Supervisor, views::files::is_leftover};

/// Quiet time that ends a change: editors write, rename and touch a file in one save.
const SETTLE: Duration = Duration::from_millis(25);

/// The watched files.
pub(super) struct Watched {
    folders: Vec<PathBuf>,
    logo: Option<PathBuf>,
}

impl Watched {
    pub(super) fn new(root: &Path, settings: &BrandSettings) -> Self {
        let own = ["templates", "static", "locales"].map(|name| root.join(name));
        let folders = own.into_iter().chain(settings.custom_dir.clone()).collect();
        Self { folders, logo: settings.logo.clone() }
    }

    /// A hash of each file's content.
    pub(super) fn contents(&self) -> Contents {
        let mut contents = Contents::new();
        let mut open = self.folders.clone();
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if is_leftover(&entry.file_name().to_string_lossy()) {
                    continue;
                }
                if path.is_dir() {
                    open.push(path);
                } else {
                    add_hash(path, &mut contents);
                }
            }
        }
        if let Some(logo) = &self.logo {
            add_hash(logo.clone(), &mut contents);
        }
        contents
    }
}

fn add_hash(path: PathBuf, contents: &mut Contents) {
    if let Ok(content) = fs::read(&path) {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        contents.insert(path, hasher.finish());
    }
}

/// Watches the folders in a supervised thread until the process ends.
///
/// # Errors
/// A folder cannot be watched, or the thread not started.
pub(super) fn watch(
    supervisor: &Supervisor,
    mut rebuilder: Rebuilder,
    watched: Watched,
    mut known: Contents,
) -> Result<(), String> {
    let (sender, events) = mpsc::channel();
    // For changes since `known` was read.
    let _ = sender.send(());
    let mut system = recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reads are no changes; the compiler reads every template.
        if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
            let _ = sender.send(());
        }
    })
    .map_err(|error| error.to_string())?;
    for folder in &watched.folders {
        system.watch(folder, RecursiveMode::Recursive).map_err(|error| error.to_string())?;
    }
    if let Some(folder) =
        watched.logo.as_ref().and_then(|logo| fs::canonicalize(logo).ok()?.parent().map(Path::to_owned))
    {
        // The folder, since editors replace files.
        system.watch(&folder, RecursiveMode::NonRecursive).map_err(|error| error.to_string())?;
    }
    let spawned = supervisor.spawn_thread("design", "design".to_owned(), move || {
        let _system = &system;
        while events.recv().is_ok() {
            while events.recv_timeout(SETTLE).is_ok() {}
            let now = watched.contents();
            let work = work(&changed(&known, &now), &rebuilder.root);
            known = now;
            if let Some(work) = work {
                rebuilder.work(work);
            }
        }
    });
    spawned.map_err(|error| error.to_string())
}

pub(super) type Contents = BTreeMap<PathBuf, u64>;

fn changed(before: &Contents, after: &Contents) -> Vec<PathBuf> {
    let paths = before.keys().chain(after.keys());
    let mut changed: Vec<PathBuf> = paths.filter(|path| before.get(*path) != after.get(*path)).cloned().collect();
    changed.sort();
    changed.dedup();
    changed
}

/// The work for these changes; `None` without changes.
fn work(changed: &[PathBuf], root: &Path) -> Option<Work> {
    let mut work = Work::default();
    for path in changed {
        let is_style = path.file_name().is_some_and(|name| name == "app.css" || name == "custom.css");
        if path.starts_with(root.join("templates")) {
            work.build = true;
        } else if path.extension().is_some_and(|ending| ending == "ftl") {
            work.restart = true;
        } else if !is_style {
            work.reload = true;
        }
    }
    (!changed.is_empty()).then_some(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_needs_no_new_page_and_a_template_needs_a_build() {
        let root = Path::new("/v");
        let needs = |path: &str| work(&[root.join(path)], root).expect("work");
        assert_eq!(needs("static/app.css"), Work::default());
        assert!(needs("templates/pages/register.html").build);
        assert!(needs("locales/de.ftl").restart);
        assert!(needs("static/mail.css").reload);
        assert!(needs("static/icon.svg").reload);
        assert_eq!(work(&[], root), None);
    }
}
