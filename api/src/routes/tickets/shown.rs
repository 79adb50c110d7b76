//! What the endpoints about tickets have in common: who may, and what it looks like.

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::ids::{AccountId, TicketId};
use domain::policy::{Action, Facts, permit};
use domain::ticket::Audience;
use domain::{Account, Actor, Ticket};
use eventlog::{Position, Version};
use http::StatusCode;
use projections::people::Directory;
use projections::tickets::{self, TicketRow};
use serde::Serialize;
use wire::People;

use crate::answer::X_POSITION;
use crate::problem::{ApiResult, TICKET_NOT_FOUND, denied, not_found};
use crate::state::AppState;

/// The directory, as `wire` asks it.
pub(super) struct Names<'a>(pub(super) &'a Directory);

impl People for Names<'_> {
    fn person(&self, id: AccountId) -> Option<Arc<Account>> {
        self.0.get(id)
    }
}

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
