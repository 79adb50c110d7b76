//! `GET /api/audit/verification`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use eventlog::Position;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::SignedIn;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;
use crate::verification::{Name, Report};

/// The verification of this program: how far it is, and what the last one came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verification {
    /// Whether one is going on.
    running: bool,
    /// How far that one is; null before it has told.
    progress: Option<VerificationProgress>,
    /// What the last one came to; null if there was none here, or if it could not be done.
    #[schema(value_type = Option<Report>)]
    report: Option<Arc<Report>>,
    /// Why the last one could not be done.
    error: Option<String>,
}

/// How far a verification is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerificationProgress {
    /// What it is checking.
    #[schema(value_type = String, example = "chain")]
    section: Name,
    /// How far it is there: a position, or a number of files.
    done: Position,
    /// How far there is to go.
    total: Position,
}

/// How far the verification is
///
/// And what the last one came to. Of the program that answers: where several share a database, each has its own. For
/// auditors; there are no contents in it.
#[utoipa::path(
    get,
    path = "/api/audit/verification",
    tag = "audit",
    responses((status = 200, description = "State, progress and report", body = Verification)),
)]
pub(super) async fn get_verification(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
) -> ApiResult<Json<Verification>> {
    permit_general(&actor, Action::Audit)?;
    let seen = app.verifications.seen();
    let (report, error) = match seen.last {
        None => (None, None),
        Some(Ok(report)) => (Some(report), None),
        Some(Err(error)) => (None, Some(error)),
    };
    Ok(Json(Verification {
        running: seen.running,
        progress: seen.progress.map(|progress| VerificationProgress {
            section: progress.section,
            done: progress.done,
            total: progress.total,
        }),
        report,
        error,
    }))
}
