//! Detects other processes on a SQLite file. Each holds a shared lock on a file beside it, which the system releases
//! however the process ends. A process with the exclusive lock knows that no other one sends mails.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use super::{AnyConnection, DatabaseUrl, StoreError, outbox};

/// Suffix of the lock file's name.
const SUFFIX: &str = "-lock";

/// This process's lock on a database, until dropped.
#[derive(Debug)]
pub(crate) struct Instance {
    /// `None` for PostgreSQL, and if locking failed.
    lock: Option<File>,
    is_exclusive: bool,
}

impl Instance {
    /// Acquires the lock, exclusive if possible, else shared. Waits for another exclusive holder, see [`Self::share`].
    #[must_use]
    pub(crate) fn enter(url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Sqlite(path) = url else { return Self { lock: None, is_exclusive: false } };
        match lock(path) {
            Ok((file, is_exclusive)) => Self { lock: Some(file), is_exclusive },
            Err(error) => {
                tracing::warn!(%error, "failed to lock the file beside the SQLite file: mail leases only expire");
                Self { lock: None, is_exclusive: false }
            }
        }
    }

    /// With the exclusive lock, releases all mail leases: the processes that held them have ended. Otherwise, and on
    /// PostgreSQL, leases expire.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) fn release_leases(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        if self.is_exclusive {
            let mails = outbox::release_all(connection)?;
            if mails > 0 {
                tracing::info!(mails, "abandoned mail leases released");
            }
        }
        Ok(())
    }

    /// Downgrades to a shared lock.
    #[must_use]
    pub(crate) fn share(mut self) -> Self {
        // Between the two locks another process may be exclusive; this one has no leases yet.
        if let Some(Err(error)) = self.lock.as_ref().map(File::lock_shared) {
            tracing::warn!(%error, "lock beside the SQLite file lost");
        }
        self.is_exclusive = false;
        self
    }
}

fn lock(path: &Path) -> io::Result<(File, bool)> {
    // Beside the file itself, also when named by a link.
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
    fn an_instance_is_exclusive_until_it_shares_and_after_others_have_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        File::create(&file).expect("a file");
        let url = DatabaseUrl::Sqlite(file);
        let first = Instance::enter(&url);
        assert!(first.is_exclusive);
        let first = first.share();
        let second = Instance::enter(&url);
        assert!(!second.is_exclusive, "the first is there");
        drop(first);
        assert!(!Instance::enter(&url).is_exclusive, "the second is there");
        drop(second);
        assert!(Instance::enter(&url).is_exclusive);
    }

    #[test]
    fn a_symbolic_link_counts_as_its_target() {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, link] = ["a.db", "link.db"].map(|name| folder.path().join(name));
        File::create(&file).expect("a file");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        let _first = Instance::enter(&DatabaseUrl::Sqlite(file)).share();
        assert!(!Instance::enter(&DatabaseUrl::Sqlite(link)).is_exclusive);
    }
}
