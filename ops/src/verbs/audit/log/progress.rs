//! How far a copy is: a bar on a terminal, a line every few seconds elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// How many steps go by before the time is looked at.
const STEPS: u64 = 1_000;

pub(super) struct Progress {
    bar: Option<ProgressBar>,
    unit: &'static str,
    total: u64,
    done: u64,
    /// Where the next look at the time is due.
    next: u64,
    began: Instant,
    told: Instant,
}

impl Progress {
    /// Of `total` things that are called `unit`, `done` are done already.
    pub(super) fn new(unit: &'static str, total: u64, done: u64) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total);
            let template = "[{wide_bar:.green}] {pos}/{len} {msg} {per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(unit);
            bar.set_position(done);
            bar.reset_eta();
            bar
        });
        Self {
            bar,
            unit,
            total,
            done,
            next: done,
            began: Instant::now(),
            told: Instant::now(),
        }
    }

    /// So many more are done.
    pub(super) fn add(&mut self, more: u64) {
        self.done += more;
        if self.done < self.next {
            return;
        }
        self.next = self.done + STEPS;
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        } else if self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            let (done, total, unit) = (self.done, self.total, self.unit);
            let seconds = self.began.elapsed().as_secs();
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(io::stderr(), "{done} of {total} {unit} in {seconds} s");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
