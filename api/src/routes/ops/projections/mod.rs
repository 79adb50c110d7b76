//! Read models: how they are, and what operators do with them. Whoever may not read tickets sees no contents here: of an
//! error its kind, of a difference its keys and columns.

mod abort;
mod accept_diff;
mod drop_old;
mod list;
mod parked;
mod rebuild;
mod retry;
mod rollback;
mod shown;
mod skip;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_projections))
        .routes(routes!(rebuild::rebuild_projection))
        .routes(routes!(accept_diff::accept_projection))
        .routes(routes!(abort::abort_projection))
        .routes(routes!(rollback::roll_projection_back))
        .routes(routes!(drop_old::drop_old_projection))
        .routes(routes!(parked::list_parked))
        .routes(routes!(retry::retry_parked))
        .routes(routes!(skip::skip_parked))
}
