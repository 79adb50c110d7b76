//! What may be wished of a read model.

use super::event::EventSkipped;
use crate::policy::Action;

/// A wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationCommand {
    /// Pass over an event in every build of the read model.
    Skip(EventSkipped),
}

impl OperationCommand {
    /// What the policy must permit for this to be done.
    pub const fn action(&self) -> Action {
        match self {
            Self::Skip(_) => Action::Operate,
        }
    }
}
