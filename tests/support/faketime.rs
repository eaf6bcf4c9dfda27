//! A clock that tests set: libfaketime between the program and the system, read anew at each look.

use std::{fs, process::Command, time::SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

pub struct FakeClock {
    folder: TempDir,
    file: String,
    library: String,
    /// When it was made.
    now: DateTime<Utc>,
}

impl FakeClock {
    pub fn new() -> Self {
        let found = Command::new("sh").args(["-c", "ls /usr/lib/*/faketime/libfaketimeMT.so.1"]).output().expect("sh");
        let library = String::from_utf8(found.stdout).expect("text").trim().to_owned();
        assert!(!library.is_empty(), "no libfaketime; ./scripts/test installs it");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("offset").display().to_string();
        let clock = Self { folder, file, library, now: SystemTime::now().into() };
        clock.set(0);
        clock
    }

    /// So many seconds after the time it is.
    pub fn set(&self, seconds: i64) {
        self.write(&format!("{seconds:+}"));
    }

    /// So many seconds after this moment, and it stays that moment: what is counted by time does not depend on how long
    /// the test takes.
    pub fn stand_still(&self, seconds: i64) {
        let moment = self.now + TimeDelta::seconds(seconds);
        self.stop_at(&moment.format("%Y-%m-%d %H:%M:%S").to_string());
    }

    /// Stops it at this moment, such as `2030-01-01 00:00:00` (UTC).
    pub fn stop_at(&self, moment: &str) {
        self.write(moment);
    }

    /// Replaced as a whole, so that nobody reads half of it.
    fn write(&self, text: &str) {
        let draft = self.folder.path().join("draft");
        fs::write(&draft, format!("{text}\n")).expect("a file");
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

/// libfaketime leaves it behind where its process was killed.
pub fn remove_shared_memory(process: u32) {
    for name in ["faketime_shm", "sem.faketime_sem"] {
        let _ = fs::remove_file(format!("/dev/shm/{name}_{process}"));
    }
}
