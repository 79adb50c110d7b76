//! `GET /api/stats`

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::access::What;
use domain::policy::Action;
use domain::{AccountId, Moment};
use projections::history::{AsOf, Figures, Whose, figures};
use projections::tickets::{Count, Scope, counts};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::{Stats, Tally, TicketTallies};

use super::shown::{as_of_moment, reads_all};
use crate::answer::X_AT_POSITION;
use crate::extract::{Asked, Fields, MinPosition, Query, SignedIn};
use crate::problem::{ApiResult, permit_general, unauthorized};
use crate::state::AppState;

/// Which figures to read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StatsQuery {
    /// As they were at this moment: a position, or an RFC 3339 time. Now, if it is left out.
    #[param(example = "2026-11-24T14:05:00Z")]
    at: Option<String>,
}

/// Read the dashboard's figures
///
/// For requesters about their own tickets; for agents and auditors about all, with the figures that only they get.
#[utoipa::path(
    get,
    path = "/api/stats",
    tag = "tickets",
    params(StatsQuery),
    responses(
        (
            status = 200,
            description = "The figures",
            body = Stats,
            headers(("X-At-Position" = i64, description = "The position of the moment that was asked about")),
        ),
    ),
)]
pub(super) async fn get_stats(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    asked: Asked,
    _: MinPosition,
    Query(query): Query<StatsQuery>,
    RawQuery(said): RawQuery,
) -> ApiResult<Response> {
    permit_general(&actor, Action::ListTickets)?;
    let me = actor.account().ok_or_else(unauthorized)?;
    let mut fields = Fields::default();
    let moment = fields.optional::<Moment>("at", query.at.as_deref());
    fields.done(Some(()))?;
    let all = reads_all(&actor);
    let as_of = match moment {
        Some(moment) => Some(as_of_moment(&app, &actor, moment).await?),
        None => None,
    };
    app.accessed(&actor, &asked, What::Figures, None, said.as_deref())
        .await?;
    let tallies = match as_of {
        Some(as_of) => then(&app, as_of, me, all).await?,
        None => now(&app, me, all).await?,
    };
    let stats = if all {
        Stats::of_agent(&tallies)
    } else {
        Stats::of_requester(&tallies)
    };
    let position = as_of.map(|as_of| [(X_AT_POSITION, as_of.position)]);
    Ok((position, Json(stats)).into_response())
}

/// What is counted now, of all tickets or of those that `me` asked for.
async fn now(app: &AppState, me: AccountId, all: bool) -> ApiResult<TicketTallies> {
    let tallies = async |scope| -> ApiResult<Vec<Tally>> {
        let counts = app.read(counts(&app.pool, scope)).await?;
        Ok(counts.iter().map(tally).collect())
    };
    if !all {
        return Ok(TicketTallies {
            readable: tallies(Scope::Requester(me)).await?,
            ..TicketTallies::default()
        });
    }
    Ok(TicketTallies {
        readable: tallies(Scope::All).await?,
        unassigned: tallies(Scope::Unassigned).await?,
        assigned_to_me: tallies(Scope::Assignee(me)).await?,
    })
}

/// The same as it was.
async fn then(app: &AppState, as_of: AsOf, me: AccountId, all: bool) -> ApiResult<TicketTallies> {
    let whose = if all { Whose::All(me) } else { Whose::Requester(me) };
    let Figures {
        readable,
        unassigned,
        assigned,
    } = app.read(figures(&app.pool, as_of, whose)).await?;
    let tallies = |counts: Vec<Count>| counts.iter().map(tally).collect();
    Ok(TicketTallies {
        readable: tallies(readable),
        unassigned: tallies(unassigned),
        assigned_to_me: tallies(assigned),
    })
}

fn tally(count: &Count) -> Tally {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Tally {
        status: count.status,
        priority: count.priority,
        category: count.category,
        tickets: whole(count.tickets),
        resolved: whole(count.resolved),
        resolution_millis: count.resolution_ms,
    }
}
