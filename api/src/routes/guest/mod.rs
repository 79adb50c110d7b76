//! The way of people without an account to their tickets: by a link or a code that was mailed to them.

mod ask_link;
mod begin_session;
mod revoke_links;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(begin_session::begin_guest_session))
        .routes(routes!(ask_link::ask_guest_link))
        .routes(routes!(revoke_links::revoke_guest_links))
}
