//! `GET /api/tickets/{id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::What;
use domain::ids::TicketId;
use domain::policy::Action;
use domain::ticket::Audience;
use http::StatusCode;
use http::header::ETAG;

use super::shown::{permitted, whole};
use crate::answer::etag;
use crate::extract::{Asked, Id, IfNoneMatch, MinPosition, SignedIn};
use crate::problem::ApiResult;
use crate::state::AppState;

/// Read a ticket
///
/// With its comments, oldest first (internal ones only for agents and auditors), and its attachments, newest first.
#[utoipa::path(
    get,
    path = "/api/tickets/{id}",
    tag = "tickets",
    params(
        ("id" = uuid::Uuid, Path, description = "Which ticket"),
        ("If-None-Match" = Option<String>, Header, description = "Only if the ticket is not at this version"),
    ),
    responses(
        (
            status = 200,
            description = "The ticket, whole",
            body = wire::Ticket,
            headers(("ETag" = String, description = "Its version")),
        ),
        (status = 304, description = "It is still at that version"),
        (status = 404, description = "`Ticket not found`, or not yours"),
    ),
)]
pub(super) async fn get_ticket(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    asked: Asked,
    _: MinPosition,
    if_none_match: IfNoneMatch,
) -> ApiResult<Response> {
    let row = permitted(&app, &actor, Action::ReadTicket, id).await?;
    app.accessed(&actor, &asked, What::Ticket, Some(id), None).await?;
    let tag = etag(
        row.ticket
            .version_for(row.version, Audience::of(&actor, &row.ticket)),
    );
    let known = if_none_match.matches(&tag);
    let headers = [(ETAG, tag)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let ticket = whole(&app, &actor, &row.ticket, row.version).await?;
    Ok((headers, Json(ticket)).into_response())
}
