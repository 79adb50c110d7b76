//! How far a rebuild is: a bar on a terminal, a line every few seconds elsewhere, nothing beside JSON.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use projections::engine::{Phase, Progress};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

pub(super) enum Teller {
    Bar(ProgressBar),
    Lines { last: Option<(Phase, Instant)> },
    Silent,
}

impl Teller {
    pub(super) fn new(silent: bool) -> Self {
        if silent {
            Self::Silent
        } else if io::stderr().is_terminal() {
            let bar = ProgressBar::new(0);
            let template = "{msg:>16} [{wide_bar:.green}] {pos}/{len} {prefix}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            Self::Bar(bar)
        } else {
            Self::Lines { last: None }
        }
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                bar.set_length(events(progress.target));
                bar.set_position(events(progress.position));
                bar.set_message(words(progress.phase));
                bar.set_prefix(speed(progress));
            }
            Self::Lines { last } => {
                let due =
                    last.is_none_or(|(phase, told)| phase != progress.phase || told.elapsed() >= LINE_EVERY);
                if due {
                    *last = Some((progress.phase, Instant::now()));
                    let (phase, speed) = (words(progress.phase), speed(progress));
                    // Nobody is left to tell if standard error is closed.
                    let _ = writeln!(
                        io::stderr(),
                        "{phase}: {} of {} events, {speed}",
                        progress.position,
                        progress.target
                    );
                }
            }
        }
    }

    pub(super) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn events(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

const fn words(phase: Phase) -> &'static str {
    match phase {
        Phase::Fold => "folding the log",
        Phase::Index => "making indexes",
        Phase::CatchUp => "catching up",
        Phase::Compare => "comparing",
        Phase::Swap => "swapping",
    }
}

/// The rate, and the time left while the log is folded: how long the rest takes does not depend on the log's length.
fn speed(progress: &Progress) -> String {
    let rate = format!("{:.0}/s", progress.events_per_second);
    match progress.seconds_left() {
        Some(left) if progress.phase == Phase::Fold => format!("{rate}, {left:.0} s left"),
        _ => rate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_are_told() {
        let progress = Progress {
            phase: Phase::Fold,
            position: 1_000,
            target: 3_000,
            events_per_second: 500.0,
        };
        assert_eq!(speed(&progress), "500/s, 4 s left");
        let indexing = Progress {
            phase: Phase::Index,
            ..progress
        };
        assert_eq!(speed(&indexing), "500/s");
        let first = Progress {
            events_per_second: 0.0,
            ..progress
        };
        assert_eq!(speed(&first), "0/s");
    }
}
