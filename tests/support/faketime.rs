//! A clock that tests set: libfaketime between the program and the system, read anew at each look.

use std::{fs, process::Command};

use tempfile::TempDir;

pub struct FakeClock {
    folder: TempDir,
    file: String,
    library: String,
}

impl FakeClock {
    pub fn new() -> Self {
        let found = Command::new("sh").args(["-c", "ls /usr/lib/*/faketime/libfaketimeMT.so.1"]).output().expect("sh");
        let library = String::from_utf8(found.stdout).expect("text").trim().to_owned();
        assert!(!library.is_empty(), "no libfaketime; ./scripts/test installs it");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("offset").display().to_string();
        let clock = Self { folder, file, library };
        clock.set(0);
        clock
    }

    /// So many seconds after the time it is; replaced as a whole, so that nobody reads half of it.
    pub fn set(&self, seconds: i64) {
        self.write(&format!("{seconds:+}"));
    }

    /// Stops it at this moment, such as `2030-01-01 00:00:00` (UTC).
    pub fn stop_at(&self, moment: &str) {
        self.write(moment);
    }

    fn write(&self, time: &str) {
        let draft = self.folder.path().join("draft");
        fs::write(&draft, format!("{time}\n")).expect("a file");
        fs::rename(draft, &self.file).expect("a file");
    }

    /// What a server has to be started with, besides its own settings.
    pub fn with<'a>(&'a self, settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut all = vec![
            ("LD_PRELOAD", self.library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.as_str()),
            ("FAKETIME_NO_CACHE", "1"),
            // Deadlines go by the monotonic clock, which nobody sets.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ];
        all.extend_from_slice(settings);
        all
    }
}
