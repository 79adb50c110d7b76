//! `DELETE /api/tickets/{id}`

use axum::Json;
use axum::extract::State;
use domain::TicketCommand;
use domain::ids::TicketId;
use eventlog::Position;
use http::HeaderName;

use crate::answer::{Success, X_POSITION};
use crate::extract::{Asked, Id, IfMatch, SignedIn};
use crate::problem::ApiResult;
use crate::state::AppState;

/// Delete a ticket
///
/// Nobody sees it any more; its history stays in the log. For admins.
#[utoipa::path(
    delete,
    path = "/api/tickets/{id}",
    tag = "tickets",
    params(
        ("id" = uuid::Uuid, Path, description = "Which ticket"),
        ("If-Match" = Option<String>, Header, description = "Only if the ticket is still at this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated"),
    ),
    responses(
        (
            status = 200,
            description = "It is gone",
            body = Success,
            headers(("X-Position" = i64, description = "The place in the log of its deletion")),
        ),
        (status = 404, description = "`Ticket not found`, not yours, or deleted before"),
        (status = 409, description = "Others change the same at once"),
        (status = 412, description = "It is at another version, the one in `ETag`"),
    ),
)]
pub(super) async fn delete_ticket(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(id): Id<TicketId>,
    IfMatch(expect): IfMatch,
    asked: Asked,
) -> ApiResult<([(HeaderName, Position); 1], Json<Success>)> {
    let cause = asked.cause(&app, &actor, &[]);
    let executed = app
        .commands
        .execute_ticket(&actor, &cause, id, expect, TicketCommand::Delete, None)
        .await?;
    app.settle(executed.position).await;
    Ok(([(X_POSITION, executed.position)], Json(Success::YES)))
}
