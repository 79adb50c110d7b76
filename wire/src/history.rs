//! A ticket's history: one event, who did it, and what it did, for one audience.

use domain::Timestamp;
use domain::ticket::{Audience, Step, disclose};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::change::FieldChange;
use crate::person::{People, called};
use crate::ticket::Ticket;

/// What kind of doer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum DoerKind {
    /// Somebody with an account.
    Account,
    /// The program itself.
    System,
    /// Nobody that is known.
    Anonymous,
}

/// Whoever did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Doer {
    /// What kind.
    pub kind: DoerKind,
    /// Whose account it is, if it is one.
    pub id: Option<Uuid>,
    /// The person's name as it is now, or the name under which the program acted.
    #[schema(examples("Ada Agent"))]
    pub name: String,
}

impl Doer {
    /// Whoever an event's metadata names.
    pub fn of(doer: &domain::actor::Doer, people: &impl People) -> Self {
        let (kind, id, name) = match doer {
            domain::actor::Doer::Account(id) => (DoerKind::Account, Some(id.as_uuid()), called(*id, people)),
            domain::actor::Doer::System(name) => (DoerKind::System, None, format!("the system ({name})")),
            domain::actor::Doer::Anonymous => (DoerKind::Anonymous, None, "somebody unknown".to_owned()),
        };
        Self { kind, id, name }
    }
}

/// The command that an event is an outcome of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryCommand {
    /// Which one.
    pub id: Uuid,
    /// Common to everything that one request set off.
    pub correlation_id: Uuid,
    /// The event or command that led to it, if there was one.
    pub causation_id: Option<Uuid>,
    /// Where it came from.
    #[schema(examples("http"))]
    pub origin: String,
}

/// What stands around an event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its place in the log.
    pub position: i64,
    /// Its place in the ticket's stream.
    pub version: i64,
    /// Its own id.
    pub event_id: Uuid,
    /// Its type's stable name.
    pub event_type: String,
    /// Who did it.
    pub doer: domain::actor::Doer,
    /// By which command.
    pub command: HistoryCommand,
}

/// One event of a ticket, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryStep {
    /// Its place in the log.
    pub position: i64,
    /// The ticket's version after it: how many of its events the reader may know of.
    pub version: i64,
    /// The event.
    pub event_id: Uuid,
    /// Its type.
    #[serde(rename = "type")]
    #[schema(examples("TicketStatusChanged"))]
    pub event_type: String,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// Who did it.
    pub actor: Doer,
    /// By which command.
    pub command: HistoryCommand,
    /// What happened, in words.
    #[schema(examples("Ada Agent changed the status from OPEN to WAITING."))]
    pub text: String,
    /// What it changed, field by field.
    pub changes: Vec<FieldChange>,
    /// The ticket before it; null before the first one.
    pub before: Option<Ticket>,
    /// The ticket after it.
    pub after: Option<Ticket>,
}

impl HistoryStep {
    /// `step`, if `audience` may know of it. People are called what they are called now.
    pub fn of(envelope: &Envelope, step: &Step, audience: Audience, people: &impl People) -> Option<Self> {
        disclose(&step.event, audience)?;
        let ticket = |state: &Option<domain::Ticket>, version| {
            let state = state.as_ref()?;
            Some(Ticket::of(state, version, audience, people))
        };
        let before = ticket(&step.before, envelope.version - 1);
        let after = ticket(&step.after, envelope.version);
        let changes = step
            .changes
            .iter()
            .filter_map(|change| FieldChange::of(change, audience, people));
        let actor = Doer::of(&envelope.doer, people);
        let deed = step.deed(&|id| called(id, people));
        Some(Self {
            position: envelope.position,
            version: after.as_ref().map_or(envelope.version, |ticket| ticket.version),
            event_id: envelope.event_id,
            event_type: envelope.event_type.clone(),
            occurred_at: step.at,
            text: format!("{} {deed}.", actor.name),
            actor,
            command: envelope.command.clone(),
            changes: changes.collect(),
            before,
            after,
        })
    }
}
