//! A verification's report as text for people.

use std::fmt::Write;

use api::verification::{Finding, Grade, Name, Outcome, Progress, Report, Section};

/// The whole report.
pub(super) fn report(report: &Report) -> String {
    let mut text = String::new();
    for (letter, section) in ('a'..).zip(&report.sections) {
        let word = match section.outcome {
            Outcome::Clean => "ok",
            Outcome::Findings => "FOUND",
            Outcome::Failed => "FAILED",
            Outcome::Skipped => "skipped",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "({letter}) {word:<7} {}{}",
            section.name.promise(),
            figures(section)
        );
        for note in &section.notes {
            let _ = writeln!(text, "      {note}");
        }
        for finding in &section.findings {
            let _ = writeln!(text, "    {}", line(finding));
        }
        if section.more > 0 {
            let _ = writeln!(text, "    … and {} more", section.more);
        }
    }
    let from = if report.since > 0 {
        format!(" (events up to {} taken as given)", report.since)
    } else {
        String::new()
    };
    let _ = writeln!(text, "head: {} {}{from}", report.head, report.head_hash);
    let _ = write!(
        text,
        "{} in {:.1} s.",
        match report.outcome {
            Outcome::Clean | Outcome::Skipped => "Clean".to_owned(),
            Outcome::Findings => count(report),
            Outcome::Failed => "Not everything could be checked".to_owned(),
        },
        report.seconds
    );
    text
}

/// How many findings there are.
pub(super) fn count(report: &Report) -> String {
    match report.findings() {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    }
}

/// How far it is.
pub(super) fn progress(progress: &Progress) -> String {
    let name = match progress.section {
        Name::Chain | Name::Versions => "walking the chain",
        Name::Checkpoints => "looking at checkpoints",
        Name::ReadModels => "folding the log",
        Name::SignedHeads => "checking signed heads",
        Name::Attachments => "reading attachments",
    };
    format!("{name}: {} of {}", progress.done, progress.total)
}

fn figures(section: &Section) -> String {
    if section.unit.is_empty() {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to look at")]
    let rate = section.checked as f64 / section.seconds.max(0.001);
    match section.name {
        Name::Chain | Name::ReadModels | Name::Attachments => {
            format!(": {} {}, {rate:.0}/s", section.checked, section.unit)
        }
        Name::Versions | Name::Checkpoints | Name::SignedHeads => {
            format!(": {} {}", section.checked, section.unit)
        }
    }
}

fn line(finding: &Finding) -> String {
    let mut text = match finding.grade {
        Grade::Critical => "critical: ".to_owned(),
        Grade::Warning => "warning: ".to_owned(),
    };
    if let Some(position) = finding.position {
        let _ = write!(text, "position {position}");
        if let Some(stream) = finding.stream {
            let _ = write!(text, " (stream {stream})");
        }
        text.push_str(": ");
    }
    text.push_str(&finding.what);
    match (&finding.expected, &finding.found) {
        (Some(expected), Some(found)) => {
            let _ = write!(text, " (expected {expected}, found {found})");
        }
        (Some(expected), None) => {
            let _ = write!(text, " (expected {expected})");
        }
        (None, _) => {}
    }
    text
}
