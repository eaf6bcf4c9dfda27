//! A clock that tests set: libfaketime, which reads its file at each query of the time.

use std::{fs, process::Command, time::SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

pub struct FakeClock {
    folder: TempDir,
    file: String,
    library: String,
    /// The time of creation.
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

    /// Sets the offset to the real time, in seconds.
    pub fn set(&self, seconds: i64) {
        self.write(&format!("{seconds:+}"));
    }

    /// Stops the clock this many seconds after its creation, so that no result depends on the duration of the test.
    pub fn stand_still(&self, seconds: i64) {
        let moment = self.now + TimeDelta::seconds(seconds);
        self.stop_at(&moment.format("%Y-%m-%d %H:%M:%S").to_string());
    }

    /// Stops the clock at this time, such as `2030-01-01 00:00:00` (UTC).
    pub fn stop_at(&self, moment: &str) {
        self.write(moment);
    }

    /// Replaces the file atomically.
    fn write(&self, text: &str) {
        let draft = self.folder.path().join("draft");
        fs::write(&draft, format!("{text}\n")).expect("a file");
        fs::rename(draft, &self.file).expect("a file");
    }

    /// The settings of a server with this clock, in addition to its own.
    pub fn with<'a>(&'a self, settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut all = vec![
            ("LD_PRELOAD", self.library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.as_str()),
            ("FAKETIME_NO_CACHE", "1"),
            // Deadlines use the monotonic clock, which cannot be set.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ];
        all.extend_from_slice(settings);
        all
    }
}

/// libfaketime does not remove it when its process is killed.
pub fn remove_shared_memory(process: u32) {
    for name in ["faketime_shm", "sem.faketime_sem"] {
        let _ = fs::remove_file(format!("/dev/shm/{name}_{process}"));
    }
}
