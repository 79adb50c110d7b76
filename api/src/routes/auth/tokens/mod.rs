//! Tokens with which programs act for one.

mod create;
mod list;
mod shown;
mod withdraw;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tokens, create::create_token))
        .routes(routes!(withdraw::withdraw_token))
}
