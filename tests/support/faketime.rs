//! A clock that tests set: libfaketime between the program and the system, read anew at each look.

use std::{fs, path::PathBuf, process::Command};

use tempfile::TempDir;

pub struct FakeClock {
    folder: TempDir,
    library: String,
}

impl FakeClock {
    pub fn new() -> Self {
        let found = Command::new("sh").args(["-c", "ls /usr/lib/*/faketime/libfaketimeMT.so.1"]).output().expect("sh");
        let library = String::from_utf8(found.stdout).expect("text").trim().to_owned();
        assert!(!library.is_empty(), "no libfaketime; ./scripts/test installs it");
        let clock = Self { folder: tempfile::tempdir().expect("a folder"), library };
        clock.set(0);
        clock
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    /// So many seconds after the time it is; replaced as a whole, so that nobody reads half of it.
    pub fn set(&self, seconds: i64) {
        let draft = self.folder.path().join("draft");
        fs::write(&draft, format!("{seconds:+}\n")).expect("a file");
        fs::rename(draft, self.file()).expect("a file");
    }

    /// What a server has to be started with.
    pub fn settings(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // Deadlines go by the monotonic clock, which nobody sets.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}
