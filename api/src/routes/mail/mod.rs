//! What mail programs ask, and those who read mail.

mod open_unsubscribe;
mod token;
mod unsubscribe;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(unsubscribe::unsubscribe))
        .routes(routes!(open_unsubscribe::open_unsubscribe))
}
