//! Words and texts, as they stand in mails.

use std::time::Duration;

use domain::ids::TicketId;
use domain::text::disguises;
use domain::ticket::{Category, Priority, Status};

/// Characters of a longer text that a mail shows; the rest is where its link leads. Mail programs cut long mails off, and
/// what is cut off would be the footer.
const SHOWN_CHARS_MAX: usize = 5_000;

/// A text on one line: in a subject, in a heading, after a label. Whoever stored it had it checked; this is for what came into
/// the log by another way.
pub(super) fn one_line(text: &str) -> String {
    let plain = text.chars().filter(|character| !disguises(*character));
    plain
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}

/// The lines of a text that somebody wrote, from its beginning, and whether that is not all of it.
pub(super) fn shown(text: &str) -> (Vec<String>, bool) {
    let mut chars = text.chars();
    let beginning: String = chars.by_ref().take(SHOWN_CHARS_MAX).collect();
    let lines = beginning.lines().map(one_line_of_many).collect();
    (lines, chars.next().is_some())
}

/// Lines have tabs and their own direction, but nothing that steers a terminal.
fn one_line_of_many(line: &str) -> String {
    let allowed = line
        .chars()
        .filter(|character| *character == '\t' || !(character.is_control() || disguises(*character)));
    allowed.collect()
}

/// How people call a ticket.
pub(super) fn short(ticket: TicketId) -> String {
    let id = ticket.to_string();
    format!("#{}", id.split('-').next().unwrap_or(&id))
}

pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "Open",
        Status::InProgress => "In Progress",
        Status::Waiting => "Waiting",
        Status::Resolved => "Resolved",
        Status::Closed => "Closed",
    }
}

pub(super) const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "Low",
        Priority::Medium => "Medium",
        Priority::High => "High",
        Priority::Critical => "Critical",
    }
}

pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Hardware => "Hardware",
        Category::Software => "Software",
        Category::Network => "Network",
        Category::Access => "Access/Permissions",
        Category::Travel => "Travel",
        Category::Other => "Other",
    }
}

/// As in `3 days`; rounded down to the largest unit that fits evenly, at least a minute.
pub(super) fn duration(time: Duration) -> String {
    let minutes = (time.as_secs() / 60).max(1);
    let (count, unit) = match minutes {
        _ if minutes.is_multiple_of(24 * 60) => (minutes / (24 * 60), "day"),
        _ if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        // What is left of a day after some minutes is not said to the minute.
        _ if minutes > 24 * 60 => (minutes / 60, "hour"),
        _ => (minutes, "minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_on_its_line() {
        assert_eq!(one_line("a\r\nBcc: x\0y\u{202e}z\u{2028}"), "a  Bcc: x yz");
        let (lines, cut) = shown("a\u{1b}[2J\tb\r\n\r\n\u{202e}c\u{85}d");
        assert_eq!(lines, ["a[2J\tb", "", "cd"]);
        assert!(!cut);
        let (lines, cut) = shown(&"é".repeat(SHOWN_CHARS_MAX + 1));
        assert_eq!(lines[0].chars().count(), SHOWN_CHARS_MAX);
        assert!(cut);
    }

    #[test]
    fn times_are_said_in_the_unit_that_fits() {
        for (time, said) in [
            (Duration::from_hours(72), "3 days"),
            (Duration::from_hours(24), "1 day"),
            (Duration::from_hours(30), "30 hours"),
            (Duration::from_hours(1), "1 hour"),
            (Duration::from_mins(90), "90 minutes"),
            (Duration::from_mins(1_500 - 1), "24 hours"),
            (Duration::from_secs(1), "1 minute"),
        ] {
            assert_eq!(duration(time), said);
        }
    }
}
