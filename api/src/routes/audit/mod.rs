//! What auditors ask of the whole record, and what they take away.

mod diff;
mod evidence;
mod log;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(diff::diff_desk))
        .routes(routes!(evidence::get_evidence))
        .routes(routes!(log::export_log))
}
