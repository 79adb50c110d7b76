//! A name for every request, in its answer, in the log, and in the events that it causes.

use std::fmt;

use domain::ids::{Entropy, uuid_v7};
use domain::time::Clock;
use uuid::Uuid;

/// Names a request. Always made here: a name that the client chose could be somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A new one.
    pub fn new(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        Self(uuid_v7(clock, entropy))
    }

    /// As the correlation id of what the request causes.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
