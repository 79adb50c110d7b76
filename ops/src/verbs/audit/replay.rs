//! `informejo audit replay`: tell what happened to a ticket.

use std::fmt::Write as _;

use clap::Args;
use domain::Moment;
use domain::access::What;
use domain::ids::TicketId;
use domain::ticket::Audience;
use projections::history::{Stream, TicketAsOf};
use serde_json::json;
use wire::{HistoryStep, Ticket};

use super::record::Record;
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;

/// Tell what happened to a ticket, event by event, and what it came to
///
/// Each event with its position, who did it, when, what changed from what to what, and by which command; then the ticket
/// as it was at that moment. Deleted tickets too. The log itself is read, and the reading is recorded in it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                  informejo audit replay 0192d3a0-0000-7000-8000-000000000001\n  \
                  informejo audit replay 0192d3a0-0000-7000-8000-000000000001 --at 2026-11-24T14:05:00Z\n  \
                  informejo audit replay 0192d3a0-0000-7000-8000-000000000001 --json | jq '.steps[].text'")]
pub(super) struct Replay {
    /// The ticket's id
    ticket: TicketId,
    /// Only up to this moment: a position, or an RFC 3339 time
    #[arg(long, value_name = "MOMENT")]
    at: Option<Moment>,
    /// Answer as JSON: `{"ticketId", "atPosition", "steps", "state"}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Replay {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Self {
            ticket,
            at,
            json,
            flags,
        } = self;
        Record::with(flags, async |record| {
            let position = record.position_of(at).await?;
            let failed = || VerbError::failed("reading the ticket");
            let then = TicketAsOf::read(&record.log, ticket, position)
                .await
                .map_err(failed())?
                .ok_or_else(|| missing(ticket, at))?;
            let detail = at.map_or_else(String::new, |at| format!("at={at}"));
            record.accessed(What::History, Some(ticket), &detail).await?;
            if json {
                cli::answer(&format!(
                    "{{\"ticketId\":\"{ticket}\",\"atPosition\":{position},\"steps\":["
                ))?;
            } else {
                cli::answer(&format!("Ticket {ticket} up to position {position}\n"))?;
            }
            // Said one by one: a long history is not held in memory.
            let mut stream = Stream::new(&record.log, ticket, position);
            let mut first = true;
            while let Some(recorded) = stream.next().await.map_err(failed())? {
                let Some(step) = api::history::step(&recorded, Audience::Auditor, record) else {
                    continue;
                };
                if json {
                    let comma = if first { "" } else { "," };
                    cli::answer(&format!("{comma}{}", json!(step)))?;
                } else {
                    cli::answer(&told(&step))?;
                }
                first = false;
            }
            let state = whole(&then, record);
            if json {
                return cli::answer(&format!("],\"state\":{}}}", json!(state)));
            }
            cli::answer(&format!("\nThen it was:\n{}", summed_up(&then, &state)))
        })
        .await
    }
}

fn missing(ticket: TicketId, at: Option<Moment>) -> VerbError {
    VerbError::Refused(match at {
        Some(at) => format!("there was no ticket {ticket} at {at}"),
        None => format!("there is no ticket {ticket}"),
    })
}

fn whole(then: &TicketAsOf, record: &Record) -> Ticket {
    let audience = Audience::Auditor;
    Ticket::of(&then.ticket, then.version, audience, record).whole(
        &then.comments,
        &then.attachments,
        audience,
        record,
    )
}

/// An event for people: what happened, by which command, and what followed from it.
fn told(step: &HistoryStep) -> String {
    let command = &step.command;
    let mut text = format!(
        "{:>9}  {}  {}\n{:>9}  command {}, request {}, by {}",
        step.position, step.occurred_at, step.text, "", command.id, command.correlation_id, command.origin
    );
    // The event's own words say the first change.
    for change in step.changes.iter().skip(1) {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{:>9}  {}", "", change.text);
    }
    text
}

/// A ticket for people.
fn summed_up(then: &TicketAsOf, state: &Ticket) -> String {
    let assignee = state
        .assigned_to
        .as_ref()
        .map_or("nobody", |agent| agent.name.as_str());
    let deleted = if then.ticket.deleted { "\n  deleted" } else { "" };
    let resolved = state
        .resolved_at
        .map_or_else(String::new, |at| format!(", resolved {at}"));
    format!(
        "  {}\n  {} {} {}\n  opened {} for {}, assigned to {assignee}, changed {}{resolved}\n  \
         {} comments, {} files, version {}{deleted}",
        domain::ticket::quoted(&state.title),
        state.status,
        state.priority,
        state.category,
        state.created_at,
        state.created_by.name,
        state.updated_at,
        state.count.comments,
        state.count.attachments,
        state.version,
    )
}
