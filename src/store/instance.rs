//! Which processes use a SQLite file. Each holds a shared lock on a file beside it for as long as it runs, and the system
//! releases the lock however the process ends. So a process that gets the lock alone knows that nobody else sends mails.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use super::{AnyConnection, DatabaseUrl, StoreError, outbox};

/// What the lock's file is called after the database.
const SUFFIX: &str = "-lock";

/// This process as one of those that use a database; until it is dropped.
#[derive(Debug)]
pub struct Instance {
    /// `None` for PostgreSQL, and where the file could not be locked.
    lock: Option<File>,
    is_alone: bool,
}

impl Instance {
    /// Says that this process uses the database. Waits for another one that is at this moment alone, see [`Self::share`].
    #[must_use]
    pub fn enter(url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Sqlite(path) = url else { return Self { lock: None, is_alone: false } };
        match lock(path) {
            Ok((file, is_alone)) => Self { lock: Some(file), is_alone },
            Err(error) => {
                tracing::warn!(%error, "the lock beside the SQLite file cannot be had: leases of mails run out by themselves");
                Self { lock: None, is_alone: false }
            }
        }
    }

    /// Where no other process uses the database, mails that are leased are those of one that has ended: they are due again.
    /// Otherwise, and on PostgreSQL, their leases run out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn release_leases(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        if self.is_alone {
            let mails = outbox::release_all(connection)?;
            if mails > 0 {
                tracing::info!(mails, "mails that a process left behind are due again");
            }
        }
        Ok(())
    }

    /// Lets other processes in.
    #[must_use]
    pub fn share(mut self) -> Self {
        // Another one may be alone for a moment between the two locks; this one has no leases yet.
        if let Some(Err(error)) = self.lock.as_ref().map(File::lock_shared) {
            tracing::warn!(%error, "the lock beside the SQLite file was lost");
        }
        self.is_alone = false;
        self
    }
}

fn lock(path: &Path) -> io::Result<(File, bool)> {
    // Beside the file itself, by whatever link it is named.
    let mut name = path.canonicalize()?.into_os_string();
    name.push(SUFFIX);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(name)?;
    match file.try_lock() {
        Ok(()) => Ok((file, true)),
        Err(TryLockError::WouldBlock) => {
            file.lock_shared()?;
            Ok((file, false))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alone_until_it_lets_others_in_and_after_they_have_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        File::create(&file).expect("a file");
        let url = DatabaseUrl::Sqlite(file);
        let first = Instance::enter(&url);
        assert!(first.is_alone);
        let first = first.share();
        let second = Instance::enter(&url);
        assert!(!second.is_alone, "the first is there");
        drop(first);
        assert!(!Instance::enter(&url).is_alone, "the second is there");
        drop(second);
        assert!(Instance::enter(&url).is_alone);
    }

    #[test]
    fn a_link_to_the_file_is_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, link] = ["a.db", "link.db"].map(|name| folder.path().join(name));
        File::create(&file).expect("a file");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        let _first = Instance::enter(&DatabaseUrl::Sqlite(file)).share();
        assert!(!Instance::enter(&DatabaseUrl::Sqlite(link)).is_alone);
    }
}
