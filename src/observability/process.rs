//! Standard process metrics of Prometheus clients
//! (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>), from `/proc`: Linux only.

use std::fs;

use prometheus::proto::MetricFamily;
use rustix::{
    param::{clock_ticks_per_second, page_size},
    process::{Resource, getrlimit},
};

use super::families::{counter, float, gauge};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Process {
    cpu_seconds: f64,
    threads: u64,
    start_seconds: f64,
    virtual_bytes: u64,
    resident_bytes: u64,
    open_files: usize,
    /// `None`: unlimited.
    max_files: Option<u64>,
}

/// Current values; `None` without `/proc`.
pub(super) fn read() -> Option<Process> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let boot = fs::read_to_string("/proc/stat").ok()?;
    let boot = boot.lines().find_map(|line| line.strip_prefix("btime "))?.parse().ok()?;
    let open_files = fs::read_dir("/proc/self/fd").ok()?.count();
    let max_files = getrlimit(Resource::Nofile).current;
    Process::parse(&stat, boot, clock_ticks_per_second(), page_size(), open_files, max_files)
}

impl Process {
    /// `stat`: of proc(5), times in ticks, resident memory in pages. `boot`: seconds since 1970.
    fn parse(
        stat: &str,
        boot: u64,
        ticks: u64,
        page: usize,
        open_files: usize,
        max_files: Option<u64>,
    ) -> Option<Self> {
        // The program name, in parentheses, may contain anything. The third field follows.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let seconds = |ticks_passed: u64| float(ticks_passed) / float(ticks);
        Some(Self {
            cpu_seconds: seconds(field(14)? + field(15)?),
            threads: field(20)?,
            start_seconds: float(boot) + seconds(field(22)?),
            virtual_bytes: field(23)?,
            resident_bytes: field(24)? * page as u64,
            open_files,
            max_files,
        })
    }

    pub(super) fn families(&self) -> Vec<MetricFamily> {
        let max_files =
            self.max_files.map(|max| gauge("process_max_fds", "Maximum number of open file descriptors.", float(max)));
        [
            counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", self.cpu_seconds),
            gauge("process_open_fds", "Number of open file descriptors.", float(self.open_files as u64)),
            gauge("process_resident_memory_bytes", "Resident memory size in bytes.", float(self.resident_bytes)),
            gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", float(self.virtual_bytes)),
            gauge(
                "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.",
                self.start_seconds,
            ),
            gauge("process_threads", "Number of OS threads in the process.", float(self.threads)),
        ]
        .into_iter()
        .chain(max_files)
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_stat_is_parsed_as_documented() {
        let stat = "71 (a) b (c) S 1 71 71 0 -1 4194560 9 8 7 6 150 50 3 2 20 0 12 0 4200 1048576 64 1 2 3";
        let process = Process::parse(stat, 1_700_000_000, 100, 4096, 9, Some(1024)).expect("a process");
        let expected = Process {
            cpu_seconds: 2.0,
            threads: 12,
            start_seconds: 1_700_000_042.0,
            virtual_bytes: 1_048_576,
            resident_bytes: 64 * 4096,
            open_files: 9,
            max_files: Some(1024),
        };
        assert_eq!(process, expected);
        assert_eq!(Process::parse("nothing", 0, 100, 4096, 9, None), None);
    }
}
