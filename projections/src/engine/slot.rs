//! The generations of a read model that are there at once, and where each is.

/// A generation that is kept current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The one that people read.
    Live,
    /// The one before it, kept for a way back.
    Previous,
}

impl Slot {
    /// The schema with its tables.
    pub(crate) fn schema(self, name: &str) -> String {
        match self {
            Self::Live => live_schema(name),
            Self::Previous => previous_schema(name),
        }
    }
}

/// The schema of the live generation.
pub(crate) fn live_schema(name: &str) -> String {
    format!("read_{name}")
}

/// The schema of the generation that is being made.
pub(crate) fn next_schema(name: &str) -> String {
    format!("read_{name}_next")
}

/// The schema of the generation before the live one.
pub(crate) fn previous_schema(name: &str) -> String {
    format!("read_{name}_prev")
}

/// A name that a schema has for the moment in which two others change places.
pub(crate) fn passing_schema(name: &str) -> String {
    format!("read_{name}_swap")
}
