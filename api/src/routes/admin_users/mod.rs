//! The administration of accounts.

mod count;
mod delete;
mod end_access;
mod list;
mod rows;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_admin_users))
        .routes(routes!(count::count_admin_users))
        .routes(routes!(end_access::end_admin_user_access))
        .routes(routes!(update::update_admin_user, delete::delete_admin_user))
}
