//! `GET /api/tickets/{id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Moment;
use domain::access::What;
use domain::ids::TicketId;
use domain::policy::Action;
use domain::ticket::Audience;
use http::StatusCode;
use http::header::ETAG;
use serde::Deserialize;
use utoipa::IntoParams;

use super::shown::{as_of, permitted, permitted_to_what_was, whole};
use crate::answer::etag;
use crate::extract::{Asked, Fields, Id, IfNoneMatch, MinPosition, Query, SignedIn};
use crate::problem::ApiResult;
use crate::state::AppState;

/// When to look at it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketQuery {
    /// As it was at this moment: a position, or an RFC 3339 time. Now, if it is left out.
    #[param(example = "2026-11-24T14:05:00Z")]
    at: Option<String>,
}

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
        TicketQuery,
    ),
    responses(
        (
            status = 200,
            description = "The ticket, whole",
            body = wire::Ticket,
            headers(
                ("ETag" = String, description = "Its version; only as it is now"),
                ("X-At-Position" = i64, description = "The position of the moment that was asked about"),
            ),
        ),
        (status = 304, description = "It is still at that version"),
        (status = 404, description = "`Ticket not found`, not yours, or not there at that moment"),
    ),
)]
pub(super) async fn get_ticket(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    asked: Asked,
    _: MinPosition,
    if_none_match: IfNoneMatch,
    Query(query): Query<TicketQuery>,
) -> ApiResult<Response> {
    let mut fields = Fields::default();
    let moment = fields.optional::<Moment>("at", query.at.as_deref());
    fields.done(Some(()))?;
    if let Some(moment) = moment {
        let (_, audience) = permitted_to_what_was(&app, &actor, id).await?;
        let detail = format!("at={moment}");
        app.accessed(&actor, &asked, What::Ticket, Some(id), Some(&detail))
            .await?;
        return as_of(&app, audience, id, moment).await;
    }
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
