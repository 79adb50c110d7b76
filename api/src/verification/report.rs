//! What a verification came to, for people and programs. There are no contents in it: places, keys, names of columns
//! and hashes, never what a person wrote.

use eventlog::{Findings, Position};
use serde::Serialize;
use utoipa::ToSchema;

/// What a verification came to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// All in all.
    pub outcome: Outcome,
    /// Events up to this position were taken as given; 0: none.
    #[schema(example = 0)]
    pub since: Position,
    /// The last position that was verified.
    #[schema(example = 1234)]
    pub head: Position,
    /// The hash of the event there, in hexadecimal. Kept somewhere else, both are an anchor for later.
    pub head_hash: String,
    /// How long it took.
    pub seconds: f64,
    /// Each kind of check.
    pub sections: Vec<Section>,
}

/// One kind of check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Which.
    #[schema(value_type = String, example = "chain")]
    pub name: Name,
    /// How it went.
    pub outcome: Outcome,
    /// How many things were checked.
    pub checked: u64,
    /// What things.
    #[schema(example = "events")]
    pub unit: &'static str,
    /// How long it took.
    pub seconds: f64,
    /// Further facts, in words: what was left out and why, what could not be done.
    pub notes: Vec<String>,
    /// The first findings.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
}

/// The kinds of checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Name {
    /// The hash chain is whole and reaches the head.
    Chain,
    /// The versions of every stream have no gap.
    Versions,
    /// No checkpoint is beyond the head.
    Checkpoints,
    /// Every read model equals a fresh fold at the same position.
    ReadModels,
    /// Signed heads match the log.
    SignedHeads,
    /// The bytes of attachments match their hashes.
    Attachments,
}

/// How something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// All is as it must be.
    Clean,
    /// Something is not as it must be.
    Findings,
    /// It could not be checked, or not wholly.
    Failed,
    /// It was not asked for.
    Skipped,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How bad it is.
    pub grade: Grade,
    /// Where in the log, if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// In which stream, if it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<uuid::Uuid>,
    /// What is wrong.
    #[schema(example = "the hash does not fit")]
    pub what: String,
    /// What should be there, if that can be said in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What is there instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Grade {
    /// The record, or what is made of it, is not what it was.
    Critical,
    /// Something could not be proved, or waits for somebody.
    Warning,
}

impl Name {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 6] = [
        Self::Chain,
        Self::Versions,
        Self::Checkpoints,
        Self::ReadModels,
        Self::SignedHeads,
        Self::Attachments,
    ];

    /// What holds if it is clean.
    pub const fn promise(self) -> &'static str {
        match self {
            Self::Chain => "the hash chain is whole and reaches the head",
            Self::Versions => "the versions of every stream have no gap",
            Self::Checkpoints => "no checkpoint is beyond the head",
            Self::ReadModels => "every read model equals a fresh fold",
            Self::SignedHeads => "signed heads match the log",
            Self::Attachments => "attachments are the bytes that were attached",
        }
    }
}

impl Finding {
    /// A critical one without a place in the log.
    pub(super) fn critical(what: impl Into<String>) -> Self {
        Self {
            grade: Grade::Critical,
            position: None,
            stream: None,
            what: what.into(),
            expected: None,
            found: None,
        }
    }

    pub(super) fn warning(what: impl Into<String>) -> Self {
        Self {
            grade: Grade::Warning,
            ..Self::critical(what)
        }
    }

    pub(super) fn at(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }

    pub(super) fn in_stream(mut self, stream: Option<uuid::Uuid>) -> Self {
        self.stream = stream;
        self
    }

    pub(super) fn instead(mut self, expected: String, found: String) -> Self {
        (self.expected, self.found) = (Some(expected), Some(found));
        self
    }
}

impl Section {
    /// One in which so many things were checked.
    pub(super) fn of(name: Name, checked: u64, unit: &'static str, findings: Findings<Finding>) -> Self {
        Self {
            name,
            outcome: if findings.is_empty() {
                Outcome::Clean
            } else {
                Outcome::Findings
            },
            checked,
            unit,
            seconds: 0.0,
            notes: Vec::new(),
            more: findings.more(),
            findings: findings.into_kept(),
        }
    }

    /// One that could not be checked, or was not asked for.
    pub(super) fn without(name: Name, outcome: Outcome, why: String) -> Self {
        Self {
            outcome,
            notes: vec![why],
            ..Self::of(name, 0, "", Findings::default())
        }
    }

    /// It was checked in part, and this is why the rest was not.
    pub(super) fn failed(&mut self, why: String) {
        if self.outcome == Outcome::Clean {
            self.outcome = Outcome::Failed;
        }
        self.notes.push(why);
    }
}

impl Report {
    /// What the sections come to: a finding counts for more than what could not be checked.
    pub(super) fn outcome_of(sections: &[Section]) -> Outcome {
        let any = |outcome| sections.iter().any(|section| section.outcome == outcome);
        match (any(Outcome::Findings), any(Outcome::Failed)) {
            (true, _) => Outcome::Findings,
            (false, true) => Outcome::Failed,
            (false, false) => Outcome::Clean,
        }
    }

    /// How many findings there are in all.
    pub fn findings(&self) -> u64 {
        let sections = self.sections.iter();
        sections
            .map(|section| section.findings.len() as u64 + section.more)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_counts_for_more_than_what_could_not_be_checked() {
        let clean = || Section::of(Name::Chain, 1, "events", Findings::default());
        let skipped = || Section::without(Name::Attachments, Outcome::Skipped, "not asked for".to_owned());
        let failed = || Section::without(Name::ReadModels, Outcome::Failed, "away".to_owned());
        let mut findings = Findings::default();
        findings.add(Finding::critical("wrong").at(7));
        let found = || Section::of(Name::Versions, 1, "events", findings.clone());
        for (sections, outcome) in [
            (vec![clean(), skipped()], Outcome::Clean),
            (vec![clean(), failed(), skipped()], Outcome::Failed),
            (vec![failed(), found(), clean()], Outcome::Findings),
        ] {
            assert_eq!(Report::outcome_of(&sections), outcome);
        }
    }

    #[test]
    fn what_is_not_there_is_not_written() {
        let finding = Finding::critical("the hash does not fit").at(7);
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(
            json,
            r#"{"grade":"critical","position":7,"what":"the hash does not fit"}"#
        );
    }
}
