//! `GET /api/auth/session`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use serde::Serialize;
use utoipa::ToSchema;
use wire::Me;

use crate::extract::{MinPosition, SignedIn};
use crate::problem::{ApiResult, permit_general};
use crate::routes::tickets::{FILES_MAX, submission_bytes_max};
use crate::state::AppState;

/// What a page needs to know before it shows anything.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Beginning {
    /// Who is signed in; null if nobody is.
    user: Option<Me>,
    /// How large files may be.
    uploads: UploadLimits,
}

/// How large files may be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UploadLimits {
    /// Bytes of one file, at most.
    #[schema(example = 10_485_760)]
    file_bytes: u64,
    /// Files of one submission, at most.
    #[schema(example = 10)]
    submission_files: usize,
    /// Bytes of all files of one submission, at most.
    #[schema(example = 52_428_800)]
    submission_bytes: u64,
}

/// Who asks, if anybody
///
/// The same as `GET /api/auth/me` for whoever is signed in; being nobody is no error here, since pages ask before they know.
#[utoipa::path(
    get,
    path = "/api/auth/session",
    tag = "accounts",
    security((), ("session" = []), ("bearer" = [])),
    responses((status = 200, description = "Whoever asks, and how large files may be", body = Beginning)),
)]
pub(super) async fn get_session(
    State(app): State<AppState>,
    signed_in: Option<SignedIn>,
    _: MinPosition,
) -> ApiResult<Json<Beginning>> {
    if let Some(SignedIn { actor, .. }) = &signed_in {
        permit_general(actor, Action::ReadOwnAccount)?;
    }
    let store = &app.attachments;
    Ok(Json(Beginning {
        user: signed_in.map(|SignedIn { account, .. }| Me::from(&*account)),
        uploads: UploadLimits {
            file_bytes: store.max_size(),
            submission_files: FILES_MAX,
            submission_bytes: submission_bytes_max(store),
        },
    }))
}
