//! What the kernel tells about a process.

use std::time::Duration;

use crate::outcome::Outcome;

/// What it has in memory now, in KiB.
pub(crate) fn memory(id: u32) -> Outcome<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next());
    Ok(kib.ok_or("no VmRSS")?.parse()?)
}

/// How long its threads have kept processors busy so far.
pub(crate) fn busy(id: u32) -> Outcome<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The second field is a name in brackets, which may have spaces.
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    let ticks: Vec<u64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(
        ticks.iter().sum::<u64>() * 1000 / per_second,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_has_been_busy() {
        let id = std::process::id();
        assert!(memory(id).unwrap() > 100.0);
        let (mut number, before) = (1_u64, busy(id).unwrap());
        while busy(id).unwrap() == before {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
    }
}
