//! `GET /api/audit/evidence/{id}`

use audit::pack::PackError;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::What;
use domain::ids::TicketId;
use domain::policy::Action;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::answer::X_POSITION;
use crate::evidence::{self, EvidenceError};
use crate::extract::{Asked, Id, SignedIn};
use crate::problem::{ApiResult, TICKET_NOT_FOUND, fault, not_found, permit_general, too_large, unavailable};
use crate::state::AppState;

/// Packs that are made at a time: each reads the hashes of the whole log.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

const ZIP: HeaderValue = HeaderValue::from_static("application/zip");

/// The pack.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes what is sent")]
pub(super) struct Pack(Vec<u8>);

/// Take evidence of a ticket
///
/// Its events with proofs that they are in the log, a signed head of the log, and a page to look at: a file that
/// `informejo audit check` checks without this server. Also of a ticket that was deleted. For auditors.
#[utoipa::path(
    get,
    path = "/api/audit/evidence/{id}",
    tag = "audit",
    params(("id" = uuid::Uuid, Path, description = "Which ticket")),
    responses(
        (
            status = 200,
            description = "The evidence pack",
            body = Pack,
            content_type = "application/zip",
            headers(("X-Position" = i64, description = "As of which position of the log")),
        ),
        (status = 404, description = "`Ticket not found`: there never was one"),
        (status = 409, description = "The log is damaged: there is nothing to swear to"),
        (status = 413, description = "It would be larger than packs may be"),
    ),
)]
pub(super) async fn get_evidence(
    State(app): State<AppState>,
    SignedIn { actor, .. }: SignedIn,
    Id(id): Id<TicketId>,
    asked: Asked,
) -> ApiResult<Response> {
    permit_general(&actor, Action::Audit)?;
    let _turn = AT_ONCE
        .try_acquire()
        .map_err(|_| unavailable("others are taking evidence"))?;
    if !evidence::is_known(&app.log, id).await? {
        return Err(not_found(TICKET_NOT_FOUND));
    }
    app.accessed(&actor, &asked, What::Evidence, Some(id), None)
        .await?;
    let gathered = evidence::gather(&app.heads, id).await;
    let pack = gathered.map_err(|error| match error {
        EvidenceError::NoTicket => not_found(TICKET_NOT_FOUND),
        EvidenceError::Pack(PackError::TooLarge) => too_large("Evidence pack too large"),
        EvidenceError::Read(error) => error.into(),
        EvidenceError::Head(error) => error.into(),
        error @ EvidenceError::Pack(_) => fault(&error),
    })?;
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"ticket-{id}.evidence.zip\""));
    let headers = [
        (CONTENT_TYPE, ZIP),
        (CONTENT_DISPOSITION, disposition.map_err(|error| fault(&error))?),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (X_POSITION, pack.until.into()),
    ];
    Ok((headers, pack.file).into_response())
}
