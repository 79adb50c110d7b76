//! `GET /api/tickets/{id}/diff`

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::access::What;
use domain::ids::TicketId;
use projections::history::Between;
use wire::Difference;

use super::shown::{Names, permitted_to_what_was};
use crate::extract::{Asked, Id, MinPosition, Query, SignedIn};
use crate::history;
use crate::problem::{ApiResult, TICKET_NOT_FOUND, not_found};
use crate::routes::between::{BetweenQuery, positions};
use crate::state::AppState;

/// Compare a ticket at two moments
///
/// Which of its fields differ, and which comments and files were added in between: as JSON, and in words.
#[utoipa::path(
    get,
    path = "/api/tickets/{id}/diff",
    tag = "tickets",
    params(("id" = uuid::Uuid, Path, description = "Which ticket"), BetweenQuery),
    responses(
        (status = 200, description = "What differs", body = Difference),
        (status = 404, description = "`Ticket not found`, not yours, or not there at either moment"),
    ),
)]
pub(super) async fn diff_ticket(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    asked: Asked,
    _: MinPosition,
    Query(query): Query<BetweenQuery>,
    RawQuery(said): RawQuery,
) -> ApiResult<Response> {
    let (_, audience) = permitted_to_what_was(&app, &actor, id).await?;
    let (from, to) = query.parse(&app).await?;
    app.accessed(&actor, &asked, What::Difference, Some(id), said.as_deref())
        .await?;
    let between = Between::read(&app.log, id, (from, to), audience).await?;
    let difference = history::of_ticket(&between, audience, &Names(&app.directory))
        .ok_or_else(|| not_found(TICKET_NOT_FOUND).detail("it was not there at either moment"))?;
    let body = Difference {
        from_position: from,
        to_position: to,
        difference,
    };
    Ok((positions(from, to), Json(body)).into_response())
}
