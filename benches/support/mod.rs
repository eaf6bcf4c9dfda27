//! Starts and stops the release program, and reads its memory usage.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running service; killed when dropped.
pub struct Service {
    pub child: Child,
    pub address: String,
    /// From launch to the line `listening on …`.
    pub started_in: Duration,
}

impl Service {
    /// On a free port, with a SQLite file in this folder, `RATE_LIMITS=off` and default settings otherwise.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same with additional settings.
    pub fn start_with(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let started = Instant::now();
        let program = std::env::var_os("VESTIBULE_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_vestibule").into());
        let mut child = Command::new(program)
            .env_clear()
            .env("PORT", "0")
            .env("RATE_LIMITS", "off")
            .envs(settings.iter().copied())
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("vestibule");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
        let started_in = started.elapsed();
        let address = line.trim_end().strip_prefix("listening on http://").expect("an address").to_owned();
        Self { child, address, started_in }
    }

    /// Stops it with SIGTERM; asserts exit code 0.
    pub fn stop(mut self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        assert!(status.success());
        assert!(self.child.wait().expect("its end").success());
    }

    /// `VmRSS`, in MiB.
    pub fn resident(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("/proc");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
        let kib: f64 = line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
        kib / 1024.0
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
