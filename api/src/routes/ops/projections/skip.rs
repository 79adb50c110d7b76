//! `POST /api/ops/projections/{name}/parked/{stream}/skip`

use axum::extract::State;
use domain::policy::Action;
use domain::text::Note;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shown::{Name, Stream};
use crate::extract::{Asked, Fields, Id, Json, SignedIn};
use crate::operations;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Why an event is passed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SkipInput {
    /// Recorded in the log.
    #[schema(value_type = String, required, example = "written by the import of March", min_length = 1)]
    reason: Option<String>,
}

/// What was passed over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Skipped {
    /// The event's place in its stream.
    version: i64,
    /// The event's place in the log.
    position: i64,
    /// The version of a later event at which the stream is parked again, if that one cannot be applied either.
    parked_at: Option<i64>,
}

/// Skip the event at which a stream is parked
///
/// In this and every later build of the read model; the event stays in the log and in its ticket's history. Who did it
/// and why is recorded as an event of its own. There is no way back.
#[utoipa::path(
    post,
    path = "/api/ops/projections/{name}/parked/{stream}/skip",
    tag = "operations",
    params(
        ("name" = String, Path, description = "Which read model", example = "tickets"),
        ("stream" = uuid::Uuid, Path, description = "Which stream"),
    ),
    request_body = SkipInput,
    responses(
        (status = 200, description = "The stream went on", body = Skipped),
        (status = 404, description = "`Projection not found`"),
        (status = 409, description = "It is not parked"),
    ),
)]
pub(super) async fn skip_parked(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
    Id(Stream(stream)): Id<Stream>,
    asked: Asked,
    Json { input, .. }: Json<SkipInput>,
) -> ApiResult<axum::Json<Skipped>> {
    permit_general(&actor, Action::Operate)?;
    let mut fields = Fields::default();
    let reason: Option<Note> = fields.required("reason", input.reason.as_deref());
    let reason = fields.done(reason)?;
    let cause = asked.cause_once(&app);
    let engine = app.projections.engine();
    let skipped = operations::skip(&app.commands, engine, (&actor, &cause), &name, stream, reason).await?;
    Ok(axum::Json(Skipped {
        version: skipped.event.version,
        position: skipped.event.position,
        parked_at: skipped.parked_at,
    }))
}
