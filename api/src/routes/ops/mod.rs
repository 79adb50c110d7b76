//! What operators do while the program runs.

mod projections;
mod reactors;

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(projections::router())
        .merge(reactors::router())
}
