//! How the program is doing, for those who run it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The object of `operations:changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperationsChanged {
    /// Every read model.
    pub projections: Vec<ProjectionStatus>,
    /// The broadcasts of the node that tells.
    pub relay: RelayStatus,
}

/// How a read model is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectionStatus {
    /// Which one.
    pub name: String,
    /// `running`, `catching-up`, `stuck` or `dead`.
    pub state: String,
    /// What it has applied.
    pub position: i64,
    /// Events that it has not applied yet.
    pub lag: i64,
    /// Streams that wait for `retry` or `skip`.
    pub parked: u64,
}

/// How the broadcasts are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RelayStatus {
    /// The last position that was told.
    pub position: i64,
    /// Streams that are no longer told, because one of their events could not be.
    pub parked: u64,
    /// How often it was started over.
    pub restarts: u64,
}
