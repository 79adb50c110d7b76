//! `informejo audit diff`: tell what differs between two moments.

use clap::Args;
use domain::Moment;
use domain::access::What;
use domain::ids::TicketId;
use domain::ticket::Audience;
use eventlog::Position;
use projections::history::{Between, DIFFERENCES_LIMIT_MAX, differences};
use serde_json::json;
use wire::Difference;

use super::record::Record;
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;

/// Tell what was added, changed and removed between two moments, of a ticket or of the whole desk
///
/// Exit code 0 also where something differs: that is no finding.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                  informejo audit diff --from 2026-11-24T08:00:00Z --to 2026-11-24T18:00:00Z\n  \
                  informejo audit diff 0192d3a0-0000-7000-8000-000000000001 --from 1200\n  \
                  informejo audit diff --from 1200 --json | jq -r '.tickets[].text'")]
pub(super) struct Diff {
    /// The ticket's id; the whole desk, if it is left out
    ticket: Option<TicketId>,
    /// The earlier moment: a position, or an RFC 3339 time
    #[arg(long, value_name = "MOMENT")]
    from: Moment,
    /// The later moment; now, if it is left out
    #[arg(long, value_name = "MOMENT")]
    to: Option<Moment>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Diff {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Self {
            ticket,
            from,
            to,
            json,
            flags,
        } = self;
        Record::with(flags, async |record| {
            let detail = match to {
                Some(to) => format!("from={from}&to={to}"),
                None => format!("from={from}"),
            };
            let from = record.position_of(Some(from)).await?;
            let to = record.position_of(to).await?;
            if from > to {
                return Err(VerbError::CannotRun(
                    "--from must not be later than --to".to_owned(),
                ));
            }
            match ticket {
                Some(ticket) => of_ticket(record, ticket, (from, to), &detail, json).await,
                None => of_desk(record, (from, to), &detail, json).await,
            }
        })
        .await
    }
}

async fn of_ticket(
    record: &Record,
    ticket: TicketId,
    (from, to): (Position, Position),
    detail: &str,
    as_json: bool,
) -> Result<(), VerbError> {
    let between = Between::read(&record.log, ticket, (from, to), Audience::Auditor)
        .await
        .map_err(VerbError::failed("reading the ticket"))?;
    let difference = api::history::of_ticket(&between, Audience::Auditor, record).ok_or_else(|| {
        VerbError::Refused(format!(
            "there was no ticket {ticket} at position {from} nor at {to}"
        ))
    })?;
    record.accessed(What::Difference, Some(ticket), detail).await?;
    if as_json {
        let answer = Difference {
            from_position: from,
            to_position: to,
            difference,
        };
        return cli::answer(&json!(answer).to_string());
    }
    cli::answer(&format!("From position {from} to {to}: {}", difference.text))
}

async fn of_desk(
    record: &Record,
    (from, to): (Position, Position),
    detail: &str,
    as_json: bool,
) -> Result<(), VerbError> {
    record.remembered(to).await?;
    record.accessed(What::Difference, None, detail).await?;
    if as_json {
        cli::answer(&format!(
            "{{\"fromPosition\":{from},\"toPosition\":{to},\"tickets\":["
        ))?;
    } else {
        cli::answer(&format!("From position {from} to {to}:"))?;
    }
    let (mut after, mut told) = (None, 0_u64);
    loop {
        let page = differences(&record.pool, (from, to), after, DIFFERENCES_LIMIT_MAX)
            .await
            .map_err(VerbError::failed("reading what differs"))?;
        for difference in &page.tickets {
            let difference = api::history::of_desk(difference, record);
            if as_json {
                let comma = if told == 0 { "" } else { "," };
                cli::answer(&format!("{comma}{}", json!(difference)))?;
            } else {
                cli::answer(&format!("  {}  {}", difference.ticket_id, difference.text))?;
            }
            told += 1;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if as_json {
        return cli::answer("]}");
    }
    cli::answer(&format!(
        "{told} {} differ.",
        if told == 1 { "ticket" } else { "tickets" }
    ))
}
