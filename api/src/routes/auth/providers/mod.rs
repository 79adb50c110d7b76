//! Signing in at identity providers.

mod browser;
mod come_back;
mod list;
mod return_to;
mod start;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::{App, AppState};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_providers))
        .routes(routes!(start::start_provider))
        .routes(routes!(come_back::come_back_from_provider))
}

/// Where the provider `name` sends browsers back to: made of settings, and of no header.
fn callback(app: &App, name: &str) -> String {
    let base = app.settings.app_url.as_str().trim_end_matches('/');
    format!("{base}/api/auth/providers/{name}/callback")
}
