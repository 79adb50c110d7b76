//! What is printed: the machine, the tables, and how far the goals were reached.

use std::io::Write;

use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::runs::Runs;
use crate::table::{Table, aligned};

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    machine: String,
    parts: Vec<Part>,
}

/// What was measured of one subject.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) tables: Vec<Table>,
    pub(crate) goals: Vec<Goal>,
    /// What to know when reading the figures.
    pub(crate) notes: Vec<String>,
}

/// A figure and what it should be.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: String,
    pub(crate) measured: Runs,
    pub(crate) bound: Bound,
    /// Stands after the numbers.
    pub(crate) unit: &'static str,
}

/// Where a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    /// A goal for something that was measured; none for what was not.
    pub(crate) fn of(
        what: impl Into<String>,
        measured: Option<Runs>,
        bound: Bound,
        unit: &'static str,
    ) -> Option<Self> {
        measured.map(|measured| Self {
            what: what.into(),
            measured,
            bound,
            unit,
        })
    }
}

impl Report {
    pub(crate) fn new(machine: String) -> Self {
        Self {
            machine,
            parts: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Prints it on standard output.
    pub(crate) fn print(&self, as_json: bool) -> Outcome<()> {
        let text = if as_json {
            serde_json::to_string_pretty(&self.json())? + "\n"
        } else {
            self.text()
        };
        Ok(std::io::stdout().write_all(text.as_bytes())?)
    }

    fn text(&self) -> String {
        let parts = self.parts.iter().map(Part::text);
        std::iter::once(format!("{}\n", self.machine))
            .chain(parts)
            .collect()
    }

    fn json(&self) -> Value {
        let tables = self.parts.iter().flat_map(|part| &part.tables);
        let goals = self.parts.iter().flat_map(|part| &part.goals);
        json!({
            "machine": self.machine,
            "tables": tables.map(Table::json).collect::<Vec<_>>(),
            "goals": goals.map(Goal::json).collect::<Vec<_>>(),
        })
    }
}

impl Part {
    fn text(&self) -> String {
        let tables = self.tables.iter().map(|table| format!("\n{}", table.text()));
        let notes = self.notes.iter().map(|note| format!("  ({note})\n"));
        let goals: Vec<_> = self.goals.iter().map(Goal::line).collect();
        tables.chain(notes).chain([aligned(&goals)]).collect()
    }
}

impl Goal {
    fn is_reached(&self) -> bool {
        match self.bound {
            Bound::AtLeast(bound) => self.measured.median() >= bound,
            Bound::AtMost(bound) => self.measured.median() <= bound,
        }
    }

    fn wanted(&self) -> String {
        let (sign, bound) = match self.bound {
            Bound::AtLeast(bound) => ("at least", bound),
            Bound::AtMost(bound) => ("at most", bound),
        };
        format!("{sign} {bound}{}", self.unit)
    }

    fn line(&self) -> Vec<String> {
        let digits = match self.bound {
            Bound::AtLeast(bound) | Bound::AtMost(bound) if bound < 5.0 => 2,
            Bound::AtLeast(bound) | Bound::AtMost(bound) if bound < 100.0 => 1,
            Bound::AtLeast(_) | Bound::AtMost(_) => 0,
        };
        vec![
            self.what.clone(),
            format!("{}{}", self.measured.show(digits), self.unit),
            format!("goal: {}", self.wanted()),
            self.verdict().to_owned(),
        ]
    }

    fn verdict(&self) -> &'static str {
        if self.is_reached() { "reached" } else { "missed" }
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what,
            "measured": self.measured.median(),
            "runs": self.measured.0,
            "goal": self.wanted(),
            "verdict": self.verdict(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_judged_by_the_median() {
        let goal = |bound| Goal {
            what: "ratio".to_owned(),
            measured: Runs(vec![9.0, 10.0, 30.0]),
            bound,
            unit: " x",
        };
        assert_eq!(goal(Bound::AtLeast(10.0)).verdict(), "reached");
        assert_eq!(goal(Bound::AtLeast(10.5)).verdict(), "missed");
        assert_eq!(
            goal(Bound::AtMost(9.5)).line(),
            ["ratio", "10.0 [9.0-30.0] x", "goal: at most 9.5 x", "missed"]
        );
    }
}
