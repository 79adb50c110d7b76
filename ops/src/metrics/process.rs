//! What the program takes of the machine, as Linux tells it. Elsewhere these figures are missing.

use std::fs;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// See above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Process {
    /// Seconds of processor time.
    pub(super) cpu_seconds: f64,
    /// Bytes of memory.
    pub(super) memory_bytes: f64,
    /// Open files.
    pub(super) files: f64,
    /// As many as there may be.
    pub(super) files_max: f64,
    /// Seconds since 1970.
    pub(super) start_seconds: f64,
}

impl Process {
    /// This one, now.
    pub(super) fn look() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let statm = fs::read_to_string("/proc/self/statm").ok()?;
        let machine = fs::read_to_string("/proc/stat").ok()?;
        let files = fs::read_dir("/proc/self/fd").ok()?.count();
        let (cpu_ticks, start_ticks) = ticks(&stat)?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        let booted = machine.lines().find_map(|line| line.strip_prefix("btime "))?;
        let booted: u64 = booted.trim().parse().ok()?;
        let per_second = number(clock_ticks_per_second());
        Some(Self {
            cpu_seconds: number(cpu_ticks) / per_second,
            memory_bytes: number(pages) * number(page_size() as u64),
            files: number(files as u64),
            files_max: getrlimit(Resource::Nofile).current.map_or(f64::INFINITY, number),
            start_seconds: number(booted) + number(start_ticks) / per_second,
        })
    }
}

/// Ticks of processor time, and the tick after the machine's start in which the process started. The second field
/// is the program's name in brackets and may hold anything.
fn ticks(stat: &str) -> Option<(u64, u64)> {
    let (_, rest) = stat.rsplit_once(") ")?;
    // The first of these is the third in the manual.
    let fields: Vec<&str> = rest.split(' ').collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some((field(14)? + field(15)?, field(22)?))
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_a_strange_name_is_read_all_the_same() {
        let stat = "7 (a b) c) R 1 1 1 0 -1 4194304 100 0 0 0 30 12 0 0 20 0 1 0 9876 1000 50";
        assert_eq!(ticks(stat), Some((42, 9876)));
        assert_eq!(ticks(""), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_is_seen() {
        let process = Process::look().unwrap();
        assert!(process.memory_bytes > 1e6 && process.files >= 3.0, "{process:?}");
        assert!(process.start_seconds > 1.6e9, "{process:?}");
    }
}
