//! Reactors: how what happens outside the database goes, and what was given up. Operators see kinds, ids, times and kinds of
//! errors; never an address or a text.

mod list;
mod parked;
mod retry;
mod retry_all;
mod shown;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_reactors))
        .routes(routes!(parked::list_parked_deliveries))
        .routes(routes!(retry_all::retry_all_deliveries))
        .routes(routes!(retry::retry_delivery))
}
