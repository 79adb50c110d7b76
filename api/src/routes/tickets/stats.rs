//! `GET /api/stats`

use axum::Json;
use axum::extract::State;
use domain::access::What;
use domain::policy::Action;
use projections::tickets::{Count, Scope, counts};
use wire::{Stats, Tally, TicketTallies};

use super::shown::reads_all;
use crate::extract::{Asked, MinPosition, SignedIn};
use crate::problem::{ApiResult, permit_general, unauthorized};
use crate::state::AppState;

/// Read the dashboard's figures
///
/// For requesters about their own tickets; for agents and auditors about all, with the figures that only they get.
#[utoipa::path(
    get,
    path = "/api/stats",
    tag = "tickets",
    responses((status = 200, description = "The figures", body = Stats)),
)]
pub(super) async fn get_stats(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    asked: Asked,
    _: MinPosition,
) -> ApiResult<Json<Stats>> {
    permit_general(&actor, Action::ListTickets)?;
    let me = actor.account().ok_or_else(unauthorized)?;
    if !reads_all(&actor) {
        let tallies = TicketTallies {
            readable: tallies(&app, Scope::Requester(me)).await?,
            ..TicketTallies::default()
        };
        return Ok(Json(Stats::of_requester(&tallies)));
    }
    app.accessed(&actor, &asked, What::Figures, None, None).await?;
    let tallies = TicketTallies {
        readable: tallies(&app, Scope::All).await?,
        unassigned: tallies(&app, Scope::Unassigned).await?,
        assigned_to_me: tallies(&app, Scope::Assignee(me)).await?,
    };
    Ok(Json(Stats::of_agent(&tallies)))
}

async fn tallies(app: &AppState, scope: Scope) -> ApiResult<Vec<Tally>> {
    let counts = app.read(counts(&app.pool, scope)).await?;
    Ok(counts.iter().map(tally).collect())
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
