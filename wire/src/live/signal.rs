//! What people are doing right now. Nothing of it is ever stored.

use domain::actor::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether somebody can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// Not connected.
    Offline,
    /// Connected, but not there.
    Away,
    /// There.
    Online,
}

/// The argument of `presence`: what a tab says of whoever sits before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// `online` or `away`.
    pub state: Availability,
}

/// Somebody, and whether they can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PresentPerson {
    /// Whose account it is.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// What the account is for.
    #[schema(value_type = String, examples("USER"))]
    pub role: Role,
    /// Of all their tabs, the one that is most there.
    pub state: Availability,
}

/// The object of `presence:changed`: whoever is reached otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PresenceChanged {
    /// Those whose state has changed, with the present one.
    pub people: Vec<PresentPerson>,
}

/// What somebody does with a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Involvement {
    /// Has it open, in a tab that is not seen.
    Open,
    /// Looks at it.
    Viewing,
    /// Is changing it.
    Editing,
}

/// What a tab says of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ViewingState {
    /// It is open, but not seen.
    Open,
    /// It is looked at.
    Viewing,
    /// It is being changed.
    Editing,
    /// It is open no longer.
    Closed,
}

/// The argument of `viewing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Viewing {
    /// Which ticket; the client must be in its room.
    pub ticket: Uuid,
    /// What it does with it.
    pub state: ViewingState,
}

/// Somebody, and what they do with a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Viewer {
    /// Whose account it is.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// What the account is for.
    #[schema(value_type = String, examples("ADMIN"))]
    pub role: Role,
    /// Of all their tabs, the one that does most.
    pub state: Involvement,
}

/// The object of `viewers:changed`: everybody who has the ticket open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewersChanged {
    /// Which ticket.
    pub ticket: Uuid,
    /// All of them.
    pub viewers: Vec<Viewer>,
}

/// The argument of `typing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    /// On which ticket; the client must be in its room.
    pub ticket: Uuid,
    /// Whether it will be an internal comment.
    pub internal: bool,
    /// Whether keys are being pressed, or no longer.
    pub typing: bool,
}

/// Somebody who types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Typist {
    /// Whose account it is.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
}

/// The object of `typing`, towards the others in the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TypingChanged {
    /// On which ticket.
    pub ticket: Uuid,
    /// Who; null towards a requester, who learns only that it is the support.
    pub person: Option<Typist>,
    /// Whether it will be an internal comment. Never true towards a requester.
    pub internal: bool,
    /// Whether they type, or no longer.
    pub typing: bool,
}
