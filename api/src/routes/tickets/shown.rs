//! What the endpoints about tickets have in common: who may, and what it looks like.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::ids::TicketId;
use domain::policy::{Action, Facts, permit};
use domain::ticket::Audience;
use domain::{Actor, Moment, Ticket};
use eventlog::{Position, Version};
use http::StatusCode;
use projections::history::{AsOf, TicketAsOf};
use projections::tickets::{self, TicketRow};
use serde::Serialize;

use crate::answer::{X_AT_POSITION, X_POSITION};
use crate::problem::{ApiResult, TICKET_NOT_FOUND, denied, not_found};
pub(super) use crate::routes::names::Names;
use crate::state::AppState;

/// A command was granted, but the event that it is about is not among those that it appended.
#[derive(Debug, thiserror::Error)]
#[error("a command was granted without its event")]
pub(super) struct NoEvent;

/// Whether `actor` reads every ticket, or only their own.
pub(super) fn reads_all(actor: &Actor) -> bool {
    permit(actor, Action::ReadTicket, &Facts::ForeignTicket).is_ok()
}

/// The ticket, if it is there and `actor` may do `action` to it.
pub(super) async fn permitted(
    app: &AppState,
    actor: &Actor,
    action: Action,
    id: TicketId,
) -> ApiResult<TicketRow> {
    let row = app.read(tickets::get(&app.pool, id)).await?;
    let facts = Facts::ticket(actor, row.as_ref().map(|row| &row.ticket));
    permit(actor, action, &facts).map_err(|denial| denied(denial, TICKET_NOT_FOUND))?;
    row.ok_or_else(|| not_found(TICKET_NOT_FOUND))
}

/// The ticket, if `actor` may read what it was, and in which capacity. Who may read it is decided by what it is now; but
/// auditors may read what a deleted one was.
pub(super) async fn permitted_to_what_was(
    app: &AppState,
    actor: &Actor,
    id: TicketId,
) -> ApiResult<(TicketRow, Audience)> {
    let row = app.read(tickets::get(&app.pool, id)).await?;
    let audits = permit(actor, Action::Audit, &Facts::General).is_ok();
    let readable = row.map(|mut row| {
        row.ticket.deleted &= !audits;
        row
    });
    let facts = Facts::ticket(actor, readable.as_ref().map(|row| &row.ticket));
    permit(actor, Action::ReadTicket, &facts).map_err(|denial| denied(denial, TICKET_NOT_FOUND))?;
    let row = readable.ok_or_else(|| not_found(TICKET_NOT_FOUND))?;
    let audience = Audience::of(actor, &row.ticket);
    Ok((row, audience))
}

/// The whole ticket as it was at a moment, for whoever may read it now in the capacity of `audience`. People are called
/// what they are called now.
pub(super) async fn as_of(
    app: &AppState,
    audience: Audience,
    id: TicketId,
    moment: Moment,
) -> ApiResult<Response> {
    let position = app.position_of("at", moment).await?;
    let then = TicketAsOf::read(&app.log, id, position).await?;
    let then = then.filter(|then| !then.ticket.deleted).ok_or_else(|| {
        not_found(TICKET_NOT_FOUND).detail(format!("it was not there at position {position}"))
    })?;
    let people = Names(&app.directory);
    let ticket = wire::Ticket::of(&then.ticket, then.version, audience, &people).whole(
        &then.comments,
        &then.attachments,
        audience,
        &people,
    );
    Ok(([(X_AT_POSITION, position)], Json(ticket)).into_response())
}

/// What `actor` sees in lists and figures as of a moment, once they can be read. Only auditors see what was deleted since.
pub(super) async fn as_of_moment(app: &AppState, actor: &Actor, moment: Moment) -> ApiResult<AsOf> {
    let position = app.position_of("at", moment).await?;
    app.remembered(position).await?;
    let deleted_since = permit(actor, Action::Audit, &Facts::General).is_ok();
    Ok(AsOf {
        position,
        deleted_since,
    })
}

/// The ticket with the comments and attachments that `actor` may see.
///
/// They are read after the ticket: so they may be newer than `version`, but never older, and nobody keeps an answer
/// that lacks something under the entity tag of one that has it.
pub(super) async fn whole(
    app: &AppState,
    actor: &Actor,
    ticket: &Ticket,
    version: Version,
) -> ApiResult<wire::Ticket> {
    let (audience, people) = (Audience::of(actor, ticket), Names(&app.directory));
    let comments = if ticket.comments_for(audience) == 0 {
        Vec::new()
    } else {
        app.read(tickets::comments(&app.pool, ticket.id)).await?
    };
    let attachments = if ticket.attachments == 0 {
        Vec::new()
    } else {
        app.read(tickets::attachments(&app.pool, ticket.id)).await?
    };
    Ok(
        wire::Ticket::of(ticket, version, audience, &people).whole(
            &comments,
            &attachments,
            audience,
            &people,
        ),
    )
}

/// The answer to a command that added `body` to a ticket: 201 without an entity tag. The ticket's new one would be wrong
/// here: whoever used it in `If-Match` would say that they have seen what others changed just before.
pub(super) fn added<T: Serialize>(position: Position, body: T) -> Response {
    (StatusCode::CREATED, [(X_POSITION, position)], Json(body)).into_response()
}
