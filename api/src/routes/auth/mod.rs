//! Accounts of one's own: making one, signing in and out, and what opens them.

mod confirm;
mod forgot;
mod identity;
mod login;
mod logout;
mod me;
mod password;
mod providers;
mod register;
mod reset;
mod session;
mod sessions;
mod tokens;
mod update_me;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(confirm::confirm_registration))
        .routes(routes!(forgot::forget_password))
        .routes(routes!(reset::reset_password))
        .routes(routes!(login::log_in))
        .routes(routes!(logout::log_out))
        .routes(routes!(session::get_session))
        .routes(routes!(me::get_me))
        .routes(routes!(update_me::update_me))
        .routes(routes!(password::change_password))
        .merge(sessions::router())
        .merge(tokens::router())
        .routes(routes!(identity::link_identity))
        .merge(providers::router())
}
