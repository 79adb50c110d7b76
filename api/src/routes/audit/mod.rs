//! What auditors ask of the whole record, and what they take away.

mod diff;
mod evidence;
mod get_verification;
mod head;
mod latest_head;
mod list_heads;
mod log;
mod sign_head;
mod start_verification;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(diff::diff_desk))
        .routes(routes!(evidence::get_evidence))
        .routes(routes!(log::export_log))
        .routes(routes!(list_heads::list_heads, sign_head::sign_head))
        .routes(routes!(latest_head::get_latest_head))
        .routes(routes!(
            get_verification::get_verification,
            start_verification::start_verification
        ))
}
