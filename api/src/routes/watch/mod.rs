//! For whoever watches the program: load balancers, supervisors, people.

mod health;
mod origin;
mod ready;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::get_health))
        .routes(routes!(origin::get_origin))
        .routes(routes!(ready::get_ready))
}
