//! The administration of accounts.

mod delete;
mod list;
mod rows;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_admin_users))
        .routes(routes!(update::update_admin_user, delete::delete_admin_user))
}
